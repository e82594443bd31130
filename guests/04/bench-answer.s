# Ring the doorbell by port and wait for its answer, an interrupt. As bench-line, but for who asks for it.
# For `./lab bench LAB=04`; how often, see guests/lib/times.inc.
#
# mode: long
# prints: interrupts 00000010\n
# status: 0
# qemu: no, it has no doorbell

	.include "start64.inc"
	.include "idt.inc"
	.include "pic.inc"
	.include "tables.inc"
	.include "bell.inc"
	.include "times.inc"

main:
	call	map_bell
	pic_init
	gate	0x2a, on_interrupt
	lidt	idtr
	unmask	10
	movb	$1, BELL_IRQ
	call	times
	xor	%ebp, %ebp
	mov	%ebp, %ebx
	sti
1:	inc	%ebx
	out	%eax, $BELL_PORT
2:	cmp	%ebx, %ebp			# has it come?
	jne	2b
	dec	%r13d
	jnz	1b

	cli
	show	"interrupts", %ebp, 8
	mov	$0, %al
	ret

on_interrupt:
	push	%rax
	inc	%ebp
	eoi_slave
	pop	%rax
	iretq
