# A guest that exits all the time, with interrupts off: the host's timer has to find its way in between.
#
# mode: real
# prints: s
# status: 124
# args: ticks=20
# qemu: no, it would never end

	.include "guest.inc"

	.code16
	.globl	start
start:
	cli
	putc	's'
1:	out	%al, $0x80
	jmp	1b
