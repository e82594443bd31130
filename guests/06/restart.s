# A kernel that restarts its machine in the last way that there is: a triple fault on purpose. Without a
# nonce it does not. (On AMD's CPUs nobody can tell it from a guest that dies: labs/06-linux/power.h.)
#
# mode: protected
# prints: on\n
# status: 0
# qemu: no, it resets its machine, and says no status

	.include "start32.inc"

main:
	print	"on\n"
	mov	nonce, %al
	test	%al, %al
	jz	1f
	lidt	nothing
	ud2
1:	ret

	.data
	.globl	nonce
	.balign	8
nonce:	.quad	0
nothing:
	.word	0
	.long	0
