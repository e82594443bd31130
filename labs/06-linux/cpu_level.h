/* SPDX-License-Identifier: MIT */
/*
 * Task 6.10 (stretch): a CPU by its level, --cpu. What KVM offers is what this host's CPU has, and
 * a guest that has seen it can only go on on a host that has all of it, too. A level is a promise
 * that many CPUs keep: table 3.1 of the x86-64 psABI ("Micro-architecture levels"; `ld.so --help`
 * says which of them a machine has).
 */
#ifndef CPU_LEVEL_H
#define CPU_LEVEL_H

#include <linux/kvm.h>

#include "options.h"
#include "vcpu.h"

enum cpu_register { REG_EAX, REG_EBX, REG_ECX, REG_EDX };

/* Bits that one register of one leaf of CPUID may have, from this level on. */
struct cpu_feature {
	enum cpu_level from;
	const char *name; /* NULL: bits that an operating system uses, where they are; any level */
	u32 function, index;
	enum cpu_register reg;
	u32 bits; /* one, if it has a name */
};

/* Given: all of them, to the first whose bits are 0. */
extern const struct cpu_feature cpu_features[];

/*
 * [task 6.10] Make of an entry what a CPU of that level (not CPU_ALL) answers.
 *
 * The registers that cpu_features has a row for (by function, index and register) keep the bits of
 * the rows up to that level, those of a row without a name included, and lose all others. So do
 * these, for which there may be no row: EBX, ECX and EDX of leaf 7 (subleaf 0), and EAX, which is
 * the number of its last subleaf; all of leaf 7's other subleaves; EBX of 0x80000008; all of
 * 0x80000021; ECX and EDX of leaves 1 and 0x80000001.
 * Leaf 0xd is all zero below CPU_V3, which is the first level with XSAVE. There, what is left of it
 * is x87, SSE and AVX: of subleaf 0 EAX bits 2:0, and EBX and ECX 832, the bytes for these; of
 * subleaf 2 all; of the others nothing.
 * Leaves 0x80000002 to 4 are the name, 48 bytes in the order EAX, EBX, ECX, EDX: "vmmlab " and
 * what --cpu says, then zeros. Every other leaf stays.
 */
void cpu_level_entry(struct kvm_cpuid_entry2 *e, enum cpu_level level);

/*
 * [task 6.10] The name of the first row of cpu_features up to that level that these entries do not
 * have; NULL: they have all.
 */
const char *cpu_level_missing(const struct kvm_cpuid2 *cpuid, enum cpu_level level);

/* Given: the same with all that a vCPU has, before its first KVM_RUN. 0 or, with a line on stderr,
 * 1: this host's CPU has less than that level.
 */
int cpu_level(struct vcpu *vcpu, enum cpu_level level);

#endif
