# Memory that is a device: reads and writes of every width, at its edges and across them. Where
# nobody is, reads give all ones.
#
# mode: long
# prints: byte 01\nword 0001\nlong 00000001\nquad 00000000 00000001\n
# prints: behind its end ffff0000\nquad behind its end ffffffff 00000000\n
# prints: before its start 0001ffff\nnobody ffffffff\n
# prints: rings 00000001\nthen 00000007\nenable 00000001\n
# status: 0
# qemu: no, it has no doorbell

	.include "start64.inc"
	.include "tables.inc"
	.include "bell.inc"

	.macro	show_quad name:req, address:req
	mov	\address, %rbp
	mov	%rbp, %r8
	shr	$32, %r8
	print	"\name "
	hex	%r8d, 8
	putc	' '
	hex	%ebp, 8
	putc	'\n'
	.endm

main:
	call	map_bell
	mov	nonce, %ebp		# 1 to 8 rings
	and	$7, %ebp
1:	movl	$0, BELL
	dec	%ebp
	jns	1b

	movzbl	BELL, %ebp
	show	"byte", %ebp, 2
	movzwl	BELL, %ebp
	show	"word", %ebp, 4
	mov	BELL, %ebp
	show	"long", %ebp, 8
	show_quad "quad", BELL
	mov	BELL + 6, %ebp
	show	"behind its end", %ebp, 8
	show_quad "quad behind its end", BELL + 4
	mov	BELL - 2, %ebp		# it lies in two pages: the CPU makes two accesses of it
	show	"before its start", %ebp, 8
	mov	WINDOW, %ebp
	show	"nobody", %ebp, 8

	mov	BELL, %ebp
	show	"rings", %ebp, 8
	xor	%eax, %eax
	mov	%al, BELL		# each of these rings once
	mov	%ax, BELL + 1
	mov	%rax, BELL
	mov	%eax, BELL - 2
	addl	$0, BELL		# a read, then a write
	mov	$BELL, %edi
	mov	$4, %ecx
	rep stosl			# four stores: one rings
	mov	BELL, %ebp
	show	"then", %ebp, 8

	movb	$0xff, BELL_IRQ		# of this, one bit is kept
	mov	BELL_IRQ, %ebp
	show	"enable", %ebp, 8
	mov	$0, %al
	ret

	.data
	.balign	8
nonce:	.quad	0
