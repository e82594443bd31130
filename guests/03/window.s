# An address space of the guest's own, by a number that nobody knew before: four indexes and some
# flags come from the nonce, and so does the address that they make.
#
#	bits 8:0 of the nonce are the index into the PT, 17:9 PD, 26:18 PDPT, 33:27 PML4 (plus one);
#	bits 42:40 are US, PWT and PCD of the last entry; bits 55:44 are the offset in the page.
#
# mode: long
# prints: pml4 00107000\npdpt 00108000\npd   00109000\npt   0010a000\npage 0010b000\nseen 5eed5eed\n
# status: 16
# qemu: yes

	.include "start64.inc"

main:
	mov	nonce, %r8
	mov	%cr3, %rbx
	mov	(%rbx), %rax		# the code goes on where it is: keep PML4[0]
	mov	%rax, my_pml4

	mov	%r8, %rax		# PML4[1 + bits 33:27] -> PDPT
	shr	$27, %rax
	and	$127, %eax
	inc	%eax
	lea	my_pdpt + 7, %rbx
	mov	%rbx, my_pml4(, %rax, 8)
	mov	%rax, %r9		# the address grows from the top

	mov	%r8, %rax		# PDPT[bits 26:18] -> PD
	shr	$18, %rax
	and	$511, %eax
	lea	my_pd + 7, %rbx
	mov	%rbx, my_pdpt(, %rax, 8)
	shl	$9, %r9
	or	%rax, %r9

	mov	%r8, %rax		# PD[bits 17:9] -> PT
	shr	$9, %rax
	and	$511, %eax
	lea	my_pt + 7, %rbx
	mov	%rbx, my_pd(, %rax, 8)
	shl	$9, %r9
	or	%rax, %r9

	mov	%r8, %rax		# PT[bits 8:0] -> page, with flags from bits 42:40
	and	$511, %eax
	mov	%r8, %rbx
	shr	$38, %rbx
	and	$0x1c, %ebx
	add	$my_page + 3, %rbx
	mov	%rbx, my_pt(, %rax, 8)
	shl	$9, %r9
	or	%rax, %r9

	shl	$12, %r9		# and the offset, but the last four bytes of a page
	mov	%r8, %rax
	shr	$44, %rax
	and	$0xff8, %eax
	or	%rax, %r9

	mov	$my_pml4, %eax
	mov	%rax, %cr3
	movl	$0x5eed5eed, (%r9)	# write there
	mov	%r8, %rax
	shr	$44, %rax
	and	$0xff8, %eax
	mov	my_page(%rax), %ebp	# and read where it really lies
	show	"pml4", $my_pml4, 8
	show	"pdpt", $my_pdpt, 8
	show	"pd  ", $my_pd, 8
	show	"pt  ", $my_pt, 8
	show	"page", $my_page, 8
	show	"seen", %ebp, 8
	mov	nonce, %al
	and	$63, %al
	add	$16, %al
	ret

	.data
	.balign	8
nonce:	.quad	0

	.bss
	.balign	4096
my_pml4: .skip	4096
my_pdpt: .skip	4096
my_pd:	.skip	4096
my_pt:	.skip	4096
my_page: .skip	4096
