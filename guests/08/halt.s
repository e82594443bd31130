# The smallest guest: one instruction, and the hypervisor has the CPU again. Before it, a number goes into
# a register, so that one can see who has run.
#
# mode: real
# prints:
# status: 0
# qemu: no, a 16-bit guest is not a kernel that QEMU starts

	.include "guest.inc"

	.code16
	.globl	start
start:
	mov	nonce, %eax
	mov	nonce + 4, %ebx
	hlt

	.balign	8
nonce:	.quad	0
