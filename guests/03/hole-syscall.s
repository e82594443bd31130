# Hole 4, transitions: SYSCALL is made to go from a program to its kernel without a look at any table,
# always to CPL 0, where the CPU has been told. Whose CPU is that?
#
# Under --mmu=shadow the VMM lets the guest set EFER.SCE, in the EFER that the guest is shown, and refuses
# the rest. The real registers are as they were: SYSCALL is #UD, or, on a software-backed KVM, leads to 0.
#
# mode: long
# prints: EFER.SCE is set yes\nLSTAR is mine yes\nSYSCALL reaches my kernel yes\n
# status: 0
# qemu: yes

	.include "start64.inc"
	.include "idt.inc"
	.include "yes-no.inc"

	.set	EFER, 0xc0000080
	.set	STAR, 0xc0000081
	.set	LSTAR, 0xc0000082

main:
	gate	6, on_refusal
	gate	13, on_gp
	gate	14, on_nowhere
	lidt	idtr
	mov	$EFER, %ecx
	rdmsr
	or	$1, %eax		# SCE: SYSCALL is there
	wrmsr
	rdmsr
	mov	%eax, %ebx
	and	$1, %ebx
	answer	"EFER.SCE is set"

	mov	$1, %ebx		# a refusal makes it 0
	mov	$STAR, %ecx
	mov	$0, %eax
	mov	$0x08, %edx		# CS 0x08, SS 0x10
	wrmsr
	mov	$LSTAR, %ecx
	mov	$kernel, %eax
	mov	$0, %edx
	wrmsr
	answer	"LSTAR is mine"

	mov	$0, %ebx
	syscall				# RCX: where to come back
	answer	"SYSCALL reaches my kernel"
	mov	$0, %al
	ret

kernel:
	mov	$1, %ebx
	jmp	*%rcx

	# Both instructions, WRMSR and SYSCALL, are two bytes long.
on_gp:
	add	$8, %rsp		# the error code
on_refusal:
	mov	$0, %ebx
	addq	$2, (%rsp)
	iretq

	# A fetch at 0, where nothing is mapped. SYSCALL has put where it came from into RCX.
on_nowhere:
	add	$8, %rsp
	mov	$0, %ebx
	mov	%rcx, (%rsp)
	iretq
