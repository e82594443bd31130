# A store of each general register, in each of its parts, to an address that is none: #GP, and nothing else.
# Whoever carries out privileged instructions looks at each of these first, and at their register.
#
# mode: long
# prints: stores 44\nfaults 44\n
# status: 0
# qemu: yes

	.include "start64.inc"
	.include "idt.inc"

	.set	stores, 0

	.macro	store reg:req
	movq	$.Lbehind\@, resume
	mov	%\reg, (%rbx)
.Lbehind\@:
	.set	stores, stores + 1
	.endm

main:
	gate	13, on_gp
	lidt	idtr
	movabs	$0x8000000000000000, %rbx
	.irp	reg, al, cl, dl, bl, ah, ch, dh, bh, spl, bpl, sil, dil
	store	\reg
	.endr
	.irp	reg, ax, cx, dx, bx, sp, bp, si, di, eax, ecx, edx, ebx, esp, ebp, esi, edi
	store	\reg
	.endr
	.irp	reg, rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi
	store	\reg
	.endr
	.irp	n, 8, 9, 10, 11, 12, 13, 14, 15
	store	r\n\()b
	store	r\n\()w
	store	r\n\()d
	store	r\n
	.endr
	show	"stores", $stores, 2
	show	"faults", faults, 2
	xor	%eax, %eax
	ret

	# The error code is above the return address, and is taken off.
on_gp:
	push	%rax
	incl	faults
	mov	resume, %rax
	mov	%rax, 16(%rsp)
	pop	%rax
	add	$8, %rsp
	iretq

	.bss
	.balign	8
resume:	.skip	8
faults:	.skip	4
