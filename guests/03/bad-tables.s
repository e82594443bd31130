# Tables that lie outside memory, and one whose entries all lead to itself. The VMM has to walk them
# without falling over; what the guest reads through the second is the table.
#
# mode: long
# prints: self yes\n
# status: 3
# qemu: no, there it is a reset

	.include "start64.inc"
	.include "tables.inc"

main:
	call	make_window
	mov	%cr3, %rbx		# PML4[2] -> the PML4 itself
	lea	3(%rbx), %rax
	mov	%rax, 16(%rbx)
	mov	$0x10080402010, %rdi	# PML4[2], PDPT[2], PD[2], PT[2], offset 16
	mov	(%rdi), %rax
	mov	16(%rbx), %rcx
	and	$~0x60, %rax		# without A and D
	and	$~0x60, %rcx
	cmp	%rax, %rcx
	jne	other
	print	"self yes\n"
other:
	mov	$0x3000000003, %rax	# PDPT[1] -> a PD far outside memory
	mov	%cr3, %rbx
	mov	(%rbx), %rbx
	and	$-4096, %rbx
	mov	%rax, 8(%rbx)
	mov	%cr3, %rax
	mov	%rax, %cr3
	mov	WINDOW, %eax
	print	"read\n"
	mov	$0, %al
	ret
