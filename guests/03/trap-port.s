# Knocks at the port by which the VMM's own stub calls it, at every width, and looks whether anybody
# opens: a guest must not get in there.
#
# mode: long
# prints: in ff\nstill here\n
# status: 0
# qemu: yes

	.include "start64.inc"

main:
	mov	$14, %eax		# "a page fault"
	out	%al, $0xf8
	out	%ax, $0xf8
	out	%eax, $0xf8
	in	$0xf8, %al
	movzbl	%al, %ebp
	show	"in", %ebp, 2
	print	"still here\n"
	mov	$0, %al
	ret
