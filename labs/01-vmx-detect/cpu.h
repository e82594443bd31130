/* SPDX-License-Identifier: MIT */
/* Task 1.2: what the CPU says about itself. Manual: SDM 2A "CPUID"; APM 3, appendix E. */
#ifndef CPU_H
#define CPU_H

#include "facts.h"

/*
 * Execute CPUID with EAX=leaf and ECX=subleaf, and store all six. Returns 0; -EOPNOTSUPP on a
 * machine that is not x86 (given). The instruction writes EAX, EBX, ECX and EDX.
 */
int cpuid_read(u32 leaf, u32 subleaf, struct cpuid_leaf *l);

struct cpu {
	char vendor[13];	  /* leaf 0: EBX, EDX, ECX, in this order: "GenuineIntel" */
	bool vmx;		  /* leaf 1, ECX bit 5: VT-x. Reserved on AMD. */
	bool svm;		  /* leaf 0x80000001, ECX bit 2: AMD-V. Reserved on Intel. */
	bool hypervisor;	  /* leaf 1, ECX bit 31: never set by a real CPU */
	char hypervisor_name[13]; /* leaf 0x40000000: EBX, ECX, EDX, in this order */
	unsigned physical_bits;	  /* leaf 0x80000008, EAX bits 7:0; 36 without that leaf */
	unsigned linear_bits;	  /* leaf 0x80000008, EAX bits 15:8; 32 without that leaf */
};

/*
 * Decode the leaves of f. A leaf that is missing gives false, "" or the number above; without
 * .hypervisor there is no hypervisor's leaf either, and its name is "". A name ends at its first
 * zero byte. Returns 0; -ENODATA when there is no leaf 0 (not an x86 machine).
 */
int cpu_decode(const struct facts *f, struct cpu *cpu);

#endif
