/* SPDX-License-Identifier: MIT */
/* The hypervisor's own interrupts and exceptions: each leads to trap() with what was interrupted. */

	.macro	stub vector:req
	.balign	16
	.if	\vector == 8 || (\vector >= 10 && \vector <= 14) || \vector == 17 || \vector == 21 || \vector == 29 || \vector == 30
	.else
	push	$0			/* where others have an error code */
	.endif
	push	$\vector
	jmp	common
	.endm

	.text
	.globl	trap_stubs		/* 48 of them, 16 bytes each */
	.balign	16
trap_stubs:
	.altmacro
	.set	v, 0
	.rept	48
	stub	%v
	.set	v, v + 1
	.endr
	.noaltmacro

common:
	push	%rax
	push	%rcx
	push	%rdx
	push	%rbx
	push	%rbp
	push	%rsi
	push	%rdi
	push	%r8
	push	%r9
	push	%r10
	push	%r11
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	cld
	mov	%rsp, %rdi
	mov	%rsp, %rbp
	and	$-16, %rsp
	call	trap
	mov	%rbp, %rsp
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%r11
	pop	%r10
	pop	%r9
	pop	%r8
	pop	%rdi
	pop	%rsi
	pop	%rbp
	pop	%rbx
	pop	%rdx
	pop	%rcx
	pop	%rax
	add	$16, %rsp		/* the vector and the error code */
	iretq
	.section .note.GNU-stack, "", @progbits
