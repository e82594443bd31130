// SPDX-License-Identifier: MIT
/* Task 8.7: the way into the guest, and the one back. */
#include "vmx.h"

#include "todo.h"

/* TASK 8.7 */
#if SOL >= 807
/*
 * At the entry the CPU loads from the VMCS what is in it, and RSP, RIP and RFLAGS are; the general
 * registers are everybody's own affair. Neither MOV nor PUSH and POP touch the flags, in which
 * TEST, and later a failed entry, leave word.
 */
__attribute__((naked)) enum vmx_result vmx_enter(struct regs *regs, bool resume)
{
	asm("push	%rbp\n\t"
	    "push	%rbx\n\t"
	    "push	%r12\n\t"
	    "push	%r13\n\t"
	    "push	%r14\n\t"
	    "push	%r15\n\t"
	    "push	%rdi\n\t"
	    "mov	$0x6c14, %eax\n\t" /* VMCS_HOST_RSP */
	    "vmwrite	%rsp, %rax\n\t"
	    "test	%sil, %sil\n\t"
	    "mov	0(%rdi), %rax\n\t"
	    "mov	8(%rdi), %rcx\n\t"
	    "mov	16(%rdi), %rdx\n\t"
	    "mov	24(%rdi), %rbx\n\t"
	    "mov	40(%rdi), %rbp\n\t"
	    "mov	48(%rdi), %rsi\n\t"
	    "mov	64(%rdi), %r8\n\t"
	    "mov	72(%rdi), %r9\n\t"
	    "mov	80(%rdi), %r10\n\t"
	    "mov	88(%rdi), %r11\n\t"
	    "mov	96(%rdi), %r12\n\t"
	    "mov	104(%rdi), %r13\n\t"
	    "mov	112(%rdi), %r14\n\t"
	    "mov	120(%rdi), %r15\n\t"
	    "mov	56(%rdi), %rdi\n\t"
	    "jnz	1f\n\t"
	    "vmlaunch\n\t"
	    "jmp	2f\n"
	    "1:	vmresume\n"
	    "2:	mov	$1, %eax\n\t" /* VMX_FAIL_INVALID */
	    "jc		3f\n\t"
	    "mov	$2, %eax\n" /* VMX_FAIL_VALID */
	    "3:	pop	%rdi\n\t"
	    "jmp	4f\n\t"

	    ".globl	vmx_exited\n"
	    "vmx_exited:\n\t"
	    "xchg	%rdi, (%rsp)\n\t" /* regs; the guest's own is where regs was */
	    "mov	%rax, 0(%rdi)\n\t"
	    "mov	%rcx, 8(%rdi)\n\t"
	    "mov	%rdx, 16(%rdi)\n\t"
	    "mov	%rbx, 24(%rdi)\n\t"
	    "mov	%rbp, 40(%rdi)\n\t"
	    "mov	%rsi, 48(%rdi)\n\t"
	    "mov	%r8, 64(%rdi)\n\t"
	    "mov	%r9, 72(%rdi)\n\t"
	    "mov	%r10, 80(%rdi)\n\t"
	    "mov	%r11, 88(%rdi)\n\t"
	    "mov	%r12, 96(%rdi)\n\t"
	    "mov	%r13, 104(%rdi)\n\t"
	    "mov	%r14, 112(%rdi)\n\t"
	    "mov	%r15, 120(%rdi)\n\t"
	    "pop	56(%rdi)\n\t"
	    "xor	%eax, %eax\n" /* VMX_OK */
	    "4:	pop	%r15\n\t"
	    "pop	%r14\n\t"
	    "pop	%r13\n\t"
	    "pop	%r12\n\t"
	    "pop	%rbx\n\t"
	    "pop	%rbp\n\t"
	    "ret");
}
#else
enum vmx_result vmx_enter(struct regs *regs, bool resume)
{
	TODO("8.7");
	return VMX_FAIL_INVALID;
}

void vmx_exited(void)
{
}
#endif
