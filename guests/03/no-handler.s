# A page fault, and nobody to take it: no interrupt table at all. That is a triple fault.
#
# mode: long
# prints: reading\n
# status: 3
# qemu: no, there it is a reset

	.include "start64.inc"

main:
	print	"reading\n"
	mov	0x10, %eax		# the first page is not mapped
	print	"read\n"
	mov	$0, %al
	ret
