# When does an interrupt come that cannot come at once? Not while IF is 0, not between STI and the
# instruction after it, and then soon.
#
# mode: long
# prints: while interrupts are off 0\nafter STI 1\nright behind STI 0\nof three lines at once 3\n
# prints: in this order ab5\noff again 0\n
# status: 0
# qemu: no, it has no trigger

	.include "start64.inc"
	.include "idt.inc"
	.include "pic.inc"
	.include "trigger.inc"

	.macro	handler line:req
on_\line:
	push	%rax
	push	%rbp
	mov	16(%rsp), %rbp		# where it came
	mov	%ebp, came_at
	incl	count
	mov	order, %ebp
	shl	$4, %ebp
	or	$\line, %ebp
	mov	%ebp, order
	.if	\line < 8
	eoi
	.else
	eoi_slave
	.endif
	pop	%rbp
	pop	%rax
	iretq
	.endm

# Wait until there were so many interrupts; not for ever. No exit happens here.
	.macro	await number:req
	mov	$50000, %ecx
1:	cmpl	$\number, count
	je	2f
	dec	%ecx
	jnz	1b
2:
	.endm

main:
	pic_init
	gate	0x25, on_5
	gate	0x2a, on_10
	gate	0x2b, on_11
	lidt	idtr
	unmask	5
	unmask	10
	unmask	11

	mov	nonce, %ebp		# be off for a while, with and without exits
	and	$255, %ebp
	raise	10
	lower	10
1:	in	$0x80, %al
	mov	$100, %ecx
2:	dec	%ecx
	jnz	2b
	dec	%ebp
	jns	1b
	show	"while interrupts are off", count, 1
	sti
behind_sti:
	await	1
	cli
	show	"after STI", count, 1
	xor	%ebp, %ebp
	cmpl	$behind_sti, came_at
	sete	%bpl
	show	"right behind STI", %ebp, 1

	movl	$0, count
	movl	$0, order
	raise	11
	raise	10
	raise	5
	lower	11
	lower	10
	lower	5
	sti
	await	3
	cli
	show	"of three lines at once", count, 1
	show	"in this order", order, 3
	movl	$0, count
	raise	5
	lower	5
	show	"off again", count, 1
	mov	$0, %al
	ret

	handler	5
	handler	10
	handler	11

	.data
	.balign	8
nonce:	.quad	0
count:	.long	0
order:	.long	0
came_at: .long	0
