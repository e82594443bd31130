/* SPDX-License-Identifier: MIT */
#ifndef TRAP_H
#define TRAP_H

#include "types.h"

/* What idt.S has pushed, and the CPU before it. */
struct trap {
	u64 r15, r14, r13, r12, r11, r10, r9, r8, rdi, rsi, rbp, rbx, rdx, rcx, rax;
	u64 vector, code;
	u64 rip, cs, rflags, rsp, ss;
};

void trap_init(void);

/* Called by idt.S. */
void trap(const struct trap *t);

#endif
