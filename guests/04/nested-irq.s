# Interrupts that interrupt each other. Each handler prints its line and a digit of the nonce, lets
# interrupts in, and raises two lines: one that has to wait for its end and one that has not.
#
#	6 raises 7, 3	3 raises 5, 9	9 raises 12, 8, 1
#
# 9, 8 and 12 are lines of the slave. There, 8 has priority over 9, but the master does not know: it
# serves its line 2, and lets nothing through from there until that has ended.
#
# mode: long
# prints: (60 (30 (90 (10 )1 )9 (80 )8 (c0 )c )3 (50 )5 )6 (70 )7 \n
# status: 0
# qemu: no, it has no trigger

	.include "start64.inc"
	.include "idt.inc"
	.include "pic.inc"
	.include "trigger.inc"

	.macro	pulse lines:vararg
	.irp	line, \lines
	raise	\line
	lower	\line
	.endr
	.endm

	.macro	entry line:req
on_\line:
	push	$\line
	jmp	on_any
	.endm

main:
	.irp	line, 1, 3, 5, 6, 7, 8, 9, 12
	gate	(0x20+\line), on_\line
	.endr
	lidt	idtr
	pic_init
	out8	PIC1 + 1, 0x01		# all but the timer
	out8	PIC2 + 1, 0x00
	sti
	pulse	6
	cli
	putc	'\n'
	mov	$0, %al
	ret

	.irp	line, 1, 3, 5, 6, 7, 8, 9, 12
	entry	\line
	.endr

on_any:
	push	%rax
	push	%rcx
	push	%rdx
	push	%rsi
	push	%rdi
	mov	40(%rsp), %rdi		# the line
	putc	'('
	hex	%edi, 1
	mov	%edi, %ecx
	shl	$2, %ecx
	mov	nonce, %rdx
	shr	%cl, %rdx
	hex	%edx, 1
	putc	' '
	sti
	nop				# the shadow of STI is over here
	cmp	$6, %edi
	je	six
	cmp	$3, %edi
	je	three
	cmp	$9, %edi
	jne	end
	pulse	12, 8, 1
	jmp	end
six:	pulse	7, 3
	jmp	end
three:	pulse	5, 9
end:	putc	')'
	hex	%edi, 1
	putc	' '
	cmp	$8, %edi
	jb	1f
	out8	PIC2, 0x20
1:	eoi
	settle				# who has waited comes in now
	pop	%rdi
	pop	%rsi
	pop	%rdx
	pop	%rcx
	pop	%rax
	add	$8, %rsp
	iretq

	.data
	.balign	8
nonce:	.quad	0
