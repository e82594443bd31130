# A page table of the guest's own lies where no memory is: the CPU finds that out in its walk.
#
# mode: long
# prints:
# status: 3
# qemu: no, it looks at the hypervisor

	.include "start64.inc"

	.set	NOWHERE, 0x680000

main:
	movq	$NOWHERE + 3, pdpt + 16	# the page directory from 2 GiB on
	mov	%cr3, %rax
	mov	(%rax), %rax		# the tables in use, whoever made them
	and	$-4096, %rax
	movq	$NOWHERE + 3, 16(%rax)
	mov	%cr3, %rax
	mov	%rax, %cr3
	mov	nonce, %edx
	and	$0x1ff, %edx
	shl	$21, %rdx
	mov	$0x80000000, %eax
	mov	(%rax, %rdx), %ebx
	print	"there is a table\n"
	mov	$0, %al
	ret

	.data
	.balign	8
nonce:	.quad	0
