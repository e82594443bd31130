// SPDX-License-Identifier: MIT
/* VMRUN itself. (For the bare machine only: the unit tests have a fake CPU instead.) */
#include "svm.h"
#include "todo.h"

#define REG(name) "%c[" #name "](%%rsi)"

/* [book:8.2enter] */
void svm_enter(u64 vmcb, struct regs *regs)
{
	/* TASK 8.2 */
#if SOL >= 802
	/* clang-format off */
	__asm__ volatile(
		"push %%rbp\n\t"
		"push %%rsi\n\t" /* where to store them afterwards */
		"mov " REG(rcx) ", %%rcx\n\t"
		"mov " REG(rdx) ", %%rdx\n\t"
		"mov " REG(rbx) ", %%rbx\n\t"
		"mov " REG(rbp) ", %%rbp\n\t"
		"mov " REG(rdi) ", %%rdi\n\t"
		"mov " REG(r8) ", %%r8\n\t"
		"mov " REG(r9) ", %%r9\n\t"
		"mov " REG(r10) ", %%r10\n\t"
		"mov " REG(r11) ", %%r11\n\t"
		"mov " REG(r12) ", %%r12\n\t"
		"mov " REG(r13) ", %%r13\n\t"
		"mov " REG(r14) ", %%r14\n\t"
		"mov " REG(r15) ", %%r15\n\t"
		"mov " REG(rsi) ", %%rsi\n\t"
		"vmrun %%rax\n\t"
		"xchg %%rsi, (%%rsp)\n\t"
		"mov %%rcx, " REG(rcx) "\n\t"
		"mov %%rdx, " REG(rdx) "\n\t"
		"mov %%rbx, " REG(rbx) "\n\t"
		"mov %%rbp, " REG(rbp) "\n\t"
		"mov %%rdi, " REG(rdi) "\n\t"
		"mov %%r8, " REG(r8) "\n\t"
		"mov %%r9, " REG(r9) "\n\t"
		"mov %%r10, " REG(r10) "\n\t"
		"mov %%r11, " REG(r11) "\n\t"
		"mov %%r12, " REG(r12) "\n\t"
		"mov %%r13, " REG(r13) "\n\t"
		"mov %%r14, " REG(r14) "\n\t"
		"mov %%r15, " REG(r15) "\n\t"
		"pop %%rax\n\t"
		"mov %%rax, " REG(rsi) "\n\t"
		"pop %%rbp"
		: "+a"(vmcb), "+S"(regs)
		: [rcx] "i"(offsetof(struct regs, rcx)), [rdx] "i"(offsetof(struct regs, rdx)),
		  [rbx] "i"(offsetof(struct regs, rbx)), [rbp] "i"(offsetof(struct regs, rbp)),
		  [rsi] "i"(offsetof(struct regs, rsi)), [rdi] "i"(offsetof(struct regs, rdi)),
		  [r8] "i"(offsetof(struct regs, r8)), [r9] "i"(offsetof(struct regs, r9)),
		  [r10] "i"(offsetof(struct regs, r10)), [r11] "i"(offsetof(struct regs, r11)),
		  [r12] "i"(offsetof(struct regs, r12)), [r13] "i"(offsetof(struct regs, r13)),
		  [r14] "i"(offsetof(struct regs, r14)), [r15] "i"(offsetof(struct regs, r15))
		: "rbx", "rcx", "rdx", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
		  "memory", "cc");
	/* clang-format on */
#else
	TODO("8.2");
#endif
}
/* [book:end] */
