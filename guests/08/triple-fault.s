# An exception, and no IDT: a triple fault, which a machine answers by a reset.
#
# mode: long
# prints:
# status: 3
# qemu: no, QEMU resets the machine

	.include "start64.inc"

main:
	lidt	nothing
	ud2

	.data
nothing:
	.word	0
	.quad	0
