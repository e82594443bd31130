/* SPDX-License-Identifier: MIT */
/* The CPU that cpu.h speaks of, for tests: it has what a test gives it, and notes what it is asked.
 */
#ifndef FAKE_CPU_H
#define FAKE_CPU_H

#include "cpu.h"
#include "pages.h"

struct fake_cpu {
	u64 cr0, cr3, cr4;
	u64 tss;	      /* the base in the descriptor SEL_TSS of its GDT */
	unsigned served[256]; /* interrupt_serve(), by vector */
	unsigned let_in;      /* how often interrupts were on */
	char said[1000];      /* print() */
};

extern struct fake_cpu fake_cpu;

void fake_cpu_reset(void);
void fake_msr(u32 msr, u64 value); /* it has that MSR, with that value */
void fake_no_msr(u32 msr);	   /* it has not: RDMSR is #GP */
void fake_cpuid(u32 leaf, struct cpuid answer);

/* So many pages of memory below 4 GiB, where addresses are pointers. */
void fake_pages(struct pages *pages, unsigned n);

#endif
