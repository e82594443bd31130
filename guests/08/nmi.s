# An NMI comes in with IF clear, and before an interrupt that waits, too.
#
# mode: long
# prints: NMI\nopen\ninterrupt 30\n
# status: 0
# qemu: no, there is no hypervisor

	.include "start64.inc"
	.set	IDT_GATES, 64
	.include "idt.inc"
	.include "hv.inc"

main:
	call_begin
	gate	2, on_nmi
	.set	.Lgate, 0x30
	.rept	16
	gate	.Lgate, on_interrupt
	.set	.Lgate, .Lgate + 1
	.endr
	lidt	idtr
	cli
	mov	nonce, %edi
	and	$15, %edi
	add	$0x30, %edi
	mov	%edi, %r12d
	hypercall INTERRUPT
	hypercall NMI
	print	"open\n"
	sti
	nop
	cli
	mov	$0, %al
	ret

on_nmi:
	print	"NMI\n"
	iretq
on_interrupt:
	print	"interrupt "
	hex	%r12d, 2
	putc	'\n'
	iretq

	.data
	.balign	8
nonce:	.quad	0
