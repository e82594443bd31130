# Maps a page of its own in the last entry of the PML4, and uses it. On a machine of its own that is an
# address like any other. Under shadow paging the entry is the VMM's, and the guest's run ends here, with a
# line about it.
#
# Bit 0 of the nonce: where the VMM itself lies, or 1 GiB above, where its tables have nothing. Bit 1: write
# first, or read first.
#
# mode: long
# prints: invlpg\nread back 5eed5eed\n
# status: 0
# qemu: yes

	.include "start64.inc"
	.include "tables.inc"

main:
	call	make_window
	movq	$page + 3, pt
	movl	$0x5eed5eed, page
	lea	pd_window + 3, %rax	# PML4[511], PDPT[0] and [1], PD[0], PT[0]
	mov	%rax, pdpt_top
	mov	%rax, pdpt_top + 8
	mov	%cr3, %rbx
	lea	pdpt_top + 3, %rax
	mov	%rax, 511 * 8(%rbx)
	mov	%rbx, %cr3
	mov	$0xffffff8000000000, %rbx
	mov	nonce, %edx
	mov	%edx, %eax
	and	$1, %eax
	shl	$30, %eax
	add	%rax, %rbx
	invlpg	(%rbx)			# that alone harms nobody
	print	"invlpg\n"
	testb	$2, nonce
	jz	read
	movl	$0x5eed5eed, (%rbx)
read:
	mov	(%rbx), %ebp
	show	"read back", %ebp, 8
	mov	$0, %al
	ret

	.data
	.balign	8
nonce:	.quad	0
	.bss
	.balign	4096
page:	.skip	4096
pdpt_top: .skip	4096
