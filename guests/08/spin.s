# A guest that gives nothing back: interrupts off, and round and round. Only the host's timer ends it.
#
# mode: real
# prints: s
# status: 124
# args: ticks=20
# qemu: no, it would spin for ever

	.include "guest.inc"

	.code16
	.globl	start
start:
	cli
	putc	's'
1:	jmp	1b
