# It has taken over the VMM: in a build of the tests', a device makes the system call whose number the
# guest writes to its port, and answers when that has come back. On any other VMM nobody is there.
#
# mode: long
# prints: still in the machine\n
# status: 0
# qemu: yes

	.include "start64.inc"

	.set	ESCAPE_PORT, 0x5e0

main:
	mov	$ESCAPE_PORT, %edx
	mov	nonce, %eax
	out	%eax, %dx
wait:
	in	%dx, %eax
	test	%eax, %eax
	jz	wait
	print	"still in the machine\n"
	mov	$0, %al
	ret

	.data
	.balign	8
nonce:	.quad	0
