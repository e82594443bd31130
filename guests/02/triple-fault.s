# A guest that dies. The undefined instruction needs a handler, the table of handlers is empty;
# that is a fault, it needs a handler too, and so does the fault after it: the processor gives up.
#
# mode: long
# prints: three faults, and out\n
# status: 3
# qemu: no, it dies on purpose

	.include "start64.inc"

main:
	print	"three faults, and out\n"
	lidt	empty
	ud2

	.data
empty:
	.word	0			# the limit of the interrupt descriptor table
	.quad	0			# its address
