# Ring the doorbell: by port and by memory, then once with an interrupt for an answer.
#
# mode: long
# prints: rings 00000003 00000003\nanswered\n
# status: 0
# qemu: no, it has no doorbell

	.include "start64.inc"
	.include "idt.inc"
	.include "pic.inc"
	.include "tables.inc"
	.include "bell.inc"

main:
	call	map_bell
	pic_init
	gate	0x2a, on_answer
	lidt	idtr
	unmask	10

	mov	nonce, %ebp		# 1 to 256 times by port, twice as often by memory
	and	$255, %ebp
1:	out	%eax, $BELL_PORT
	movl	%eax, BELL
	movl	%eax, BELL
	dec	%ebp
	jns	1b
	in	$BELL_PORT, %eax
	mov	%eax, %ebp
	mov	BELL, %r8d
	print	"rings "
	hex	%ebp, 8
	putc	' '
	hex	%r8d, 8
	putc	'\n'

	movb	$1, BELL_IRQ
	movl	%eax, BELL
wait:
	cli				# between the look and the HLT nothing may come
	cmpl	$0, answers
	jne	done
	sti				# one instruction later: in HLT
	hlt
	jmp	wait
done:
	print	"answered\n"
	mov	$0, %al
	ret

on_answer:
	push	%rax
	incl	answers
	awake	8
	eoi_slave
	pop	%rax
	iretq

	.data
	.balign	8
nonce:	.quad	0
answers: .long	0
