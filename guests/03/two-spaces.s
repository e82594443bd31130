# Two address spaces: the same address means another page in each. Loading CR3 changes between them.
#
# mode: long
# prints: one 00000000\ntwo 00000000\none 00000001\ntwo 00000001\n
# status: 0
# qemu: yes

	.include "start64.inc"

	.set	SHARED, 0x8000000000	# PML4[1]

	# Fill a space: pml4, pdpt, pd, pt in a row, and its page.
	.macro	make_space space:req, page:req
	mov	%cr3, %rbx
	mov	(%rbx), %rax
	mov	%rax, \space			# the code stays where it is
	movq	$\space + 0x1000 + 3, \space + 8
	movq	$\space + 0x2000 + 3, \space + 0x1000
	movq	$\space + 0x3000 + 3, \space + 0x2000
	movq	$\page + 3, \space + 0x3000
	.endm

main:
	make_space space_one, page_one
	make_space space_two, page_two
	mov	nonce, %eax
	mov	%eax, page_one
	mov	nonce + 4, %eax
	mov	%eax, page_two
	mov	$SHARED, %rdi
	mov	$2, %r12
again:
	mov	$space_one, %eax
	mov	%rax, %cr3
	mov	(%rdi), %ebp
	show	"one", %ebp, 8
	incl	(%rdi)
	mov	$space_two, %eax
	mov	%rax, %cr3
	mov	(%rdi), %ebp
	show	"two", %ebp, 8
	incl	(%rdi)
	dec	%r12
	jnz	again
	mov	$0, %al
	ret

	.data
	.balign	8
nonce:	.quad	0
	.bss
	.balign	4096
space_one: .skip 4 * 4096
space_two: .skip 4 * 4096
page_one:  .skip 4096
page_two:  .skip 4096
