# Two page tables, each mapped by the other, and one instruction that writes to both. Whoever watches
# page tables for changes has to see that it comes to an end.
#
# mode: long
# prints: above 00000000 below 00000000\nabove ffffffff below fffffffe\n
# status: 0
# qemu: yes

	.include "start64.inc"
	.include "tables.inc"

	.set	BORDER, WINDOW + 0x200000	# pt ends here, and pt_next begins

	# Write 4 bytes on either side of the border, and read them where they are.
	.macro	across
	mov	%rbx, BORDER - 4
	mov	pt_next + 4092, %ebp		# of entry 511 of pt_next: P is not in this half
	show_plain "above ", %ebp
	mov	pt, %ebp			# of entry 0 of pt: bit 0 of it, P, is clear
	show_plain " below ", %ebp
	putc	'\n'
	.endm

	.macro	show_plain text:req, value:req
	print	"\text"
	hex	\value, 8
	.endm

main:
	call	make_window
	movq	$pt_next + 3, pd_window + 8
	movq	$pt_next + 3, pt + 8 * 511	# the page below the border is the table above it
	movq	$pt + 3, pt_next		# and the other way round
	mov	nonce, %rbx
	btr	$32, %rbx
	across
	mov	%cr3, %rax
	mov	%rax, %cr3
	not	%rbx
	btr	$32, %rbx
	across
	mov	$0, %al
	ret

	.data
	.balign	8
nonce:	.quad	0
	.bss
	.balign	4096
pt_next: .skip	4096
