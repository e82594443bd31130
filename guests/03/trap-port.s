# Knocks at the port by which the VMM's own stub calls it, in every way and at every width, and looks
# whether anybody opens: a guest must not get in there.
#
# mode: long
# prints: in 8 ff\nin 16 ffff\nin 32 ffffffff\nins ffffffff\nstill here\n
# status: 0
# qemu: yes

	.include "start64.inc"

	.set	PORT, 0xf8

main:
	mov	$14, %eax		# "a page fault"
	out	%al, $PORT
	out	%ax, $PORT
	out	%eax, $PORT
	mov	$PORT, %edx
	out	%al, %dx
	out	%ax, %dx
	out	%eax, %dx
	mov	$14, %eax
	mov	%eax, words
	mov	$words, %esi
	outsb
	outsw
	outsl
	mov	$words, %esi
	mov	$2, %ecx
	rep	outsl

	mov	$0, %eax
	in	$PORT, %al
	mov	%eax, %ebp
	show	"in 8", %ebp, 2
	mov	$0, %eax
	in	$PORT, %ax
	mov	%eax, %ebp
	show	"in 16", %ebp, 4
	mov	$0, %eax
	in	$PORT, %eax
	mov	%eax, %ebp
	show	"in 32", %ebp, 8
	mov	$PORT, %edx
	mov	$words, %edi
	insb
	insw
	mov	$words + 3, %edi
	insb
	mov	words, %ebp
	show	"ins", %ebp, 8
	print	"still here\n"
	mov	$0, %al
	ret

	.data
	.balign	4
words:	.skip	16
