// SPDX-License-Identifier: MIT
/* VMLAUNCH and VMRESUME. (For the bare machine only: the unit tests have a fake CPU instead.) */
#include "vmx.h"

#include "todo.h"

#define REG(name) "%c[" #name "](%%rdi)"

/* [book:8.7enter] */
enum vmx_result vmx_enter(struct regs *regs, bool resume)
{
	enum vmx_result result = VMX_FAIL_INVALID;

	/* TASK 8.7 */
#if SOL >= 807
	u64 number = resume;

	/* Neither MOV nor PUSH and POP change the flags: those of TEST, and those of a failed
	 * entry. */
	/* clang-format off */
	__asm__ volatile(
		"push %%rbp\n\t"
		"push %%rdi\n\t" /* where to store them afterwards */
		"mov %[host_rsp], %%eax\n\t"
		"vmwrite %%rsp, %%rax\n\t"
		"mov %[host_rip], %%eax\n\t"
		"lea 3f(%%rip), %%rcx\n\t"
		"vmwrite %%rcx, %%rax\n\t"
		"test %%esi, %%esi\n\t"
		"mov " REG(rax) ", %%rax\n\t"
		"mov " REG(rcx) ", %%rcx\n\t"
		"mov " REG(rdx) ", %%rdx\n\t"
		"mov " REG(rbx) ", %%rbx\n\t"
		"mov " REG(rbp) ", %%rbp\n\t"
		"mov " REG(rsi) ", %%rsi\n\t"
		"mov " REG(r8) ", %%r8\n\t"
		"mov " REG(r9) ", %%r9\n\t"
		"mov " REG(r10) ", %%r10\n\t"
		"mov " REG(r11) ", %%r11\n\t"
		"mov " REG(r12) ", %%r12\n\t"
		"mov " REG(r13) ", %%r13\n\t"
		"mov " REG(r14) ", %%r14\n\t"
		"mov " REG(r15) ", %%r15\n\t"
		"mov " REG(rdi) ", %%rdi\n\t"
		"jnz 1f\n\t"
		"vmlaunch\n\t"
		"jmp 2f\n"
		"1: vmresume\n"
		"2: pop %%rdi\n\t" /* here only if it has failed */
		"mov %[invalid], %%eax\n\t"
		"jc 4f\n\t"
		"mov %[valid], %%eax\n\t"
		"jmp 4f\n"
		"3: xchg %%rdi, (%%rsp)\n\t" /* and here when the guest has exited */
		"mov %%rax, " REG(rax) "\n\t"
		"mov %%rcx, " REG(rcx) "\n\t"
		"mov %%rdx, " REG(rdx) "\n\t"
		"mov %%rbx, " REG(rbx) "\n\t"
		"mov %%rbp, " REG(rbp) "\n\t"
		"mov %%rsi, " REG(rsi) "\n\t"
		"mov %%r8, " REG(r8) "\n\t"
		"mov %%r9, " REG(r9) "\n\t"
		"mov %%r10, " REG(r10) "\n\t"
		"mov %%r11, " REG(r11) "\n\t"
		"mov %%r12, " REG(r12) "\n\t"
		"mov %%r13, " REG(r13) "\n\t"
		"mov %%r14, " REG(r14) "\n\t"
		"mov %%r15, " REG(r15) "\n\t"
		"pop " REG(rdi) "\n\t"
		"mov %[ok], %%eax\n"
		"4: pop %%rbp"
		: "=&a"(result), "+D"(regs), "+S"(number)
		: [host_rsp] "i"(VMCS_HOST_RSP), [host_rip] "i"(VMCS_HOST_RIP),
		  [ok] "i"(VMX_OK), [invalid] "i"(VMX_FAIL_INVALID), [valid] "i"(VMX_FAIL_VALID),
		  [rax] "i"(offsetof(struct regs, rax)), [rcx] "i"(offsetof(struct regs, rcx)),
		  [rdx] "i"(offsetof(struct regs, rdx)), [rbx] "i"(offsetof(struct regs, rbx)),
		  [rbp] "i"(offsetof(struct regs, rbp)), [rsi] "i"(offsetof(struct regs, rsi)),
		  [rdi] "i"(offsetof(struct regs, rdi)), [r8] "i"(offsetof(struct regs, r8)),
		  [r9] "i"(offsetof(struct regs, r9)), [r10] "i"(offsetof(struct regs, r10)),
		  [r11] "i"(offsetof(struct regs, r11)), [r12] "i"(offsetof(struct regs, r12)),
		  [r13] "i"(offsetof(struct regs, r13)), [r14] "i"(offsetof(struct regs, r14)),
		  [r15] "i"(offsetof(struct regs, r15))
		: "rbx", "rcx", "rdx", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
		  "memory", "cc");
	/* clang-format on */
#else
	TODO("8.7");
#endif
	return result;
}
/* [book:end] */
