# The smallest guest: one instruction. The processor stops, and the host hears of it.
#
# mode: real
# prints:
# status: 0
# qemu: no, a 16-bit guest is not a kernel that QEMU starts

	.code16
	.globl	start
start:
	hlt
