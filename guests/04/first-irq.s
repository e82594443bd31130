# The first interrupts: with IF = 1, each rising edge of line 10 calls the handler once.
#
# mode: long
# prints: edges 1\ninterrupts 1\nheld high, interrupts 1\nmasked, interrupts 1\n
# status: 0
# qemu: no, it has no trigger

	.include "start64.inc"
	.include "idt.inc"
	.include "pic.inc"
	.include "trigger.inc"

main:
	pic_init
	gate	0x2a, on_interrupt
	lidt	idtr
	unmask	10
	sti

	mov	nonce, %ebp		# 1 to 8 edges
	and	$7, %ebp
	inc	%ebp
	mov	%ebp, %ebx
1:	raise	10			# the interrupt comes before the next instruction
	lower	10
	dec	%ebp
	jnz	1b
	show	"edges", %ebx, 1
	show	"interrupts", count, 1

	movl	$0, count
	raise	10			# and stays high: one edge
	show	"held high, interrupts", count, 1

	mask	10
	lower	10
	raise	10
	lower	10
	show	"masked, interrupts", count, 1
	cli
	mov	$0, %al
	ret

on_interrupt:
	push	%rax
	incl	count
	eoi_slave
	pop	%rax
	iretq

	.data
	.balign	8
nonce:	.quad	0
count:	.long	0
