# An interrupt that IF does not hold off. While one is handled, the next has to wait for IRET; of
# many that wait, one comes.
#
# mode: long
# prints: one, with interrupts off 1\nbegin\nend\nbegin\nend\nof 200: 1 or 2\nright behind OUT 1\n
# status: 0
# qemu: no, it has no trigger

	.include "start64.inc"
	.include "idt.inc"
	.include "trigger.inc"

main:
	gate	2, on_nmi
	lidt	idtr
	cli
	nmi	1
	show	"one, with interrupts off", count, 1

	movl	$1, nested
	nmi	1

	movl	$0, count
	nmi	200
behind_out:
	nop
	nop
	cmpl	$1, count
	je	1f
	cmpl	$2, count
	jne	2f
1:	print	"of 200: 1 or 2\n"
2:	xor	%ebp, %ebp
	cmpl	$behind_out, came_at
	sete	%bpl
	show	"right behind OUT", %ebp, 1
	mov	$0, %al
	ret

on_nmi:
	push	%rax
	push	%rcx
	push	%rdx
	push	%rsi
	incl	count
	mov	32(%rsp), %rax		# where it came
	cmpl	$1, count
	jne	1f
	mov	%eax, came_at
1:	cmpl	$0, nested
	je	3f
	print	"begin\n"
	cmpl	$2, nested
	je	2f
	movl	$2, nested
	nmi	1			# not now
	print	"end\n"
	jmp	3f
2:	movl	$0, nested
	print	"end\n"
3:	pop	%rsi
	pop	%rdx
	pop	%rcx
	pop	%rax
	iretq

	.data
count:	.long	0
nested:	.long	0
came_at: .long	0
