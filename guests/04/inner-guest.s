# A guest that is a hypervisor itself, by AMD's SVM: it runs an inner guest (VMRUN) that must leave for
# every interrupt (the intercept INTR; V_INTR_MASKING: the outer IF decides). In it line 10 rises, once
# with the inner IF = 0, once with 1. Each must be an exit, and an interrupt for the outer one.
#
# Where there is no SVM there is no inner guest: line 10 rises once, with VT-x after CR4.VMXE is set.
#
# mode: long
# args: --irqchip=kernel
# prints: trips 1\nIF=0: exits 1, inside 0\nIF=1: exits 1, inside 0\noutside 2\n
# status: 0
# qemu: no, it has no trigger

	.include "start64.inc"
	.include "idt.inc"
	.include "pic.inc"
	.include "trigger.inc"

	.set	EFER, 0xc0000080
	.set	VM_HSAVE_PA, 0xc0010117

	# The VMCB (APM volume 2, appendix B).
	.set	INTERCEPTS, vmcb + 0x0c	# two words: INTR is bit 0 of one; VMRUN, VMMCALL 0, 1 of the other
	.set	ASID, vmcb + 0x58
	.set	INT_CTL, vmcb + 0x60
	.set	EXITCODE, vmcb + 0x70
	.set	SAVE, vmcb + 0x400
	.set	EXIT_INTR, 0x60

	.macro	segment offset:req, selector:req, attributes:req
	movl	$\selector | \attributes << 16, SAVE + \offset
	movl	$-1, SAVE + \offset + 4	# the limit; base 0
	.endm

	.macro	table offset:req, from:req
	movzwl	\from, %eax
	mov	%eax, SAVE + \offset + 4
	mov	\from + 2, %rax
	mov	%rax, SAVE + \offset + 8
	.endm

	# Run it so many times with these flags, and print what came of it.
	.macro	trips name:req, flags:req
	movl	$0, exits
	movl	$0, inside
	mov	trips, %ebp
	mov	%ebp, left
1:	movq	$\flags, SAVE + 0x170
	call	trip
	decl	left
	jnz	1b
	print	"\name: exits "
	hex	exits, 1
	print	", inside "
	hex	inside, 1
	putc	'\n'
	.endm

main:
	pic_init
	gate	0x2a, on_interrupt
	lidt	idtr
	unmask	10
	mov	$0x80000001, %eax
	cpuid
	test	$1 << 2, %ecx		# SVM
	jnz	svm
	mov	$1, %eax
	cpuid
	test	$1 << 5, %ecx		# VMX
	jz	neither
	mov	%cr4, %rax
	or	$1 << 13, %rax		# VMXE
	mov	%rax, %cr4
	call	one
	print	"VT-x\n"
	mov	$0, %al
	ret

neither:
	call	one
	print	"neither SVM nor VT-x\n"
	mov	$0, %al
	ret

one:
	sti
	raise	10
	settle
	cli
	ret

svm:
	mov	nonce, %eax		# 1 to 4 times
	and	$3, %eax
	inc	%eax
	mov	%eax, trips
	mov	$EFER, %ecx
	rdmsr
	or	$1 << 12, %eax		# SVME
	wrmsr
	mov	%eax, SAVE + 0xd0
	mov	$VM_HSAVE_PA, %ecx
	mov	$hsave, %eax
	xor	%edx, %edx
	wrmsr
	movl	$1 << 0, INTERCEPTS
	movl	$1 << 0 | 1 << 1, INTERCEPTS + 4
	movl	$1, ASID
	segment	0x00, 0x10, 0xc93	# ES: data, present, 4 GiB
	segment	0x10, 0x08, 0xa9b	# CS: code, present, 64-bit
	segment	0x20, 0x10, 0xc93	# SS
	segment	0x30, 0x10, 0xc93	# DS
	sgdt	here
	table	0x60, here
	table	0x80, idtr		# its handler is ours
	mov	%cr4, %rax
	mov	%rax, SAVE + 0x148
	mov	%cr3, %rax
	mov	%rax, SAVE + 0x150
	mov	%cr0, %rax
	mov	%rax, SAVE + 0x158

	show	"trips", trips, 1
	trips	"IF=0", 0x002
	trips	"IF=1", 0x202
	show	"outside", outside, 1
	mov	$0, %al
	ret

# Into the inner guest and out again. All registers but RSP and RAX are then the inner guest's.
trip:
	movq	$inner, SAVE + 0x178
	movq	$inner_stack, SAVE + 0x1d8
	movl	$1 << 24, INT_CTL	# V_INTR_MASKING; V_IRQ is 0
	mov	$vmcb, %eax
	clgi
	sti				# it leaves for interrupts as if they were on
	movb	$1, within
	vmrun
	movb	$0, within
	stgi				# now the one for which it left comes to us
	settle
	cli
	lower	10
	cmpl	$EXIT_INTR, EXITCODE
	jne	1f
	incl	exits
1:	ret

inner:
	raise	10
	mov	$100000, %ecx
1:	dec	%ecx
	jnz	1b
	vmmcall				# nothing took the CPU from us

on_interrupt:
	push	%rax
	cmpb	$0, within
	je	1f
	incl	inside
	jmp	2f
1:	incl	outside
2:	eoi_slave
	pop	%rax
	iretq

	.data
	.balign	8
nonce:	.quad	0
trips:	.long	0
left:	.long	0
exits:	.long	0
inside:	.long	0			# interrupts that the inner guest got
outside: .long	0			# and those that we got
within:	.byte	0			# the inner guest runs
here:	.skip	10

	.bss
	.balign	4096
vmcb:	.skip	4096
hsave:	.skip	4096
	.skip	256
inner_stack:
