# Events that meet a violation on their way: the stack lies in a page that nobody has touched yet. The CPU
# exits in the middle of it, and who does not give the event again has lost it.
#
# mode: long
# prints: interrupts 1\n#GP 0000\nNMIs 1\n
# status: 0
# qemu: no, there is no hypervisor

	.include "start64.inc"
	.include "idt.inc"
	.include "hv.inc"

	.set	STACKS, 0x180000	# and a page for each

main:
	call_begin
	gate	2, on_nmi
	gate	13, on_gp
	gate	0x20, on_interrupt
	lidt	idtr
	mov	%rsp, %r15
	mov	nonce, %r14d
	and	$0xfff8, %r14d
	sti
	mov	$STACKS + 0x1000, %esp
	mov	$0x20, %edi
	hypercall INTERRUPT
	nop
	mov	%r15, %rsp
	cli
	mov	interrupts, %ebp
	show	interrupts, %ebp, 1

	mov	$STACKS + 0x3000, %esp
	mov	$13, %edi
	mov	%r14d, %esi
	hypercall EXCEPTION
	nop
	mov	%r15, %rsp
	mov	code, %ebp
	show	"#GP", %ebp, 4

	mov	$STACKS + 0x5000, %esp
	hypercall NMI
	nop
	mov	%r15, %rsp
	mov	nmis, %ebp
	show	NMIs, %ebp, 1
	mov	$0, %al
	ret

on_interrupt:
	incl	interrupts
	iretq
on_nmi:
	incl	nmis
	iretq
on_gp:
	popq	code
	iretq

	.data
	.balign	8
nonce:	.quad	0
code:	.quad	0xdead
interrupts:
	.long	0
nmis:	.long	0
