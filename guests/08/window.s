# Interrupts come when the guest lets them: not with IF clear, not right behind STI, and of two that wait the
# one with the higher vector comes first. The nonce chooses the vectors.
#
# mode: long
# prints: off 0\nbehind sti 1 vector 20\nfirst 28 then 20\nwoken 21\n
# status: 0
# qemu: no, there is no hypervisor

	.include "start64.inc"
	.include "idt.inc"
	.include "hv.inc"

	.macro	handler number:req
	gate	\number, on_\number
	.pushsection .text, 1	# behind the rest
on_\number:
	movb	$\number, latest
	jmp	on_interrupt
	.popsection
	.endm

main:
	call_begin
	.irp	number, 0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27, 0x28, 0x29, 0x2a, 0x2b, 0x2c, 0x2d, 0x2e, 0x2f
	handler	\number
	.endr
	lidt	idtr
	mov	nonce, %r12d
	and	$7, %r12d
	add	$0x20, %r12d		# 0x20 to 0x27

	cli
	mov	%r12d, %edi
	hypercall INTERRUPT
	nop
	nop
	mov	seen, %ebp
	show	off, %ebp, 1
	xor	%r13d, %r13d
	sti
	inc	%r13d			# is done before the interrupt comes
	cli
	mov	inner, %ebp
	print	"behind sti "
	hex	%ebp, 1
	movzbl	latest, %ebp
	print	" vector "
	hex	%ebp, 2
	putc	'\n'

	mov	%r12d, %edi
	hypercall INTERRUPT
	lea	8(%r12), %edi
	hypercall INTERRUPT
	movl	$0, seen
	sti
	nop
	nop
	cli
	movzbl	order, %ebp
	print	"first "
	hex	%ebp, 2
	movzbl	order + 1, %ebp
	print	" then "
	hex	%ebp, 2
	putc	'\n'

	lea	1(%r12), %edi		# one that wakes it
	hypercall INTERRUPT
	movb	$0, latest
	sti
	hlt
	cli
	movzbl	latest, %ebp
	show	woken, %ebp, 2
	mov	$0, %al
	ret

on_interrupt:
	push	%rax
	push	%rbx
	mov	%r13d, inner
	mov	seen, %ebx
	mov	latest, %al
	and	$1, %ebx
	mov	%al, order(%rbx)
	incl	seen
	pop	%rbx
	pop	%rax
	iretq

	.data
	.balign	8
nonce:	.quad	0
seen:	.long	0
inner:	.long	0
latest:	.byte	0
order:	.byte	0, 0
