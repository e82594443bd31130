# Interrupts by a line that the trigger raises and lowers: an OUT for each, two for the end of interrupt.
# For `./lab bench LAB=04`; how many, see guests/lib/times.inc.
#
# mode: long
# prints: interrupts 00000010\n
# status: 0
# qemu: no, it has no trigger

	.include "start64.inc"
	.include "idt.inc"
	.include "pic.inc"
	.include "trigger.inc"
	.include "times.inc"

main:
	pic_init
	gate	0x2a, on_interrupt
	lidt	idtr
	unmask	10
	call	times
	xor	%ebp, %ebp
	mov	%ebp, %ebx
	sti
1:	inc	%ebx
	raise	10
2:	cmp	%ebx, %ebp			# has it come?
	jne	2b
	lower	10
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
