# Writes into the part of the address space that a VMM with shadow paging needs for itself. The guest's
# own tables have nothing there, and no handler, so this is its end, and nobody else's.
#
# mode: long
# prints: writing\n
# status: 3
# qemu: no, there it is a reset

	.include "start64.inc"

main:
	print	"writing\n"
	mov	$0xffffff8000000000, %rbx
	movq	$0, (%rbx)		# a GDT, for example
	print	"written\n"
	mov	$0, %al
	ret
