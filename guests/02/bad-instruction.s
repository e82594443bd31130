# A jump to where no memory is. The page tables map the address, so there is no page fault: the
# processor asks the host for the instruction, and the host has none to give.
#
# mode: long
# prints: jumping to nowhere\n
# status: 3
# qemu: no, it dies on purpose

	.include "start64.inc"

main:
	print	"jumping to nowhere\n"
	mov	$0x20000000, %rax	# 512 MiB: in the first GiB, beyond this guest's memory
	jmp	*%rax
