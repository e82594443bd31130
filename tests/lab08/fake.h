/* SPDX-License-Identifier: MIT */
/*
 * A CPU that is a few arrays: it answers CPUID and keeps MSRs as a test has set them, and notes
 * what it was asked, in order. (svm.c and the others are linked unchanged: cpu_insn.h and svm.h
 * name what this file has.)
 */
#ifndef LAB08_FAKE_H
#define LAB08_FAKE_H

#include "cpu_insn.h"
#include "hv.h"
#include "test.h"

#define FAKE_MSRS  32
#define FAKE_LEAFS 16

struct fake_msr {
	u32 index;
	u64 value;
};

struct fake_leaf {
	u32 leaf;
	struct cpuid is;
};

struct fake {
	struct fake_msr msr[FAKE_MSRS];
	unsigned nmsrs;
	struct fake_leaf leaf[FAKE_LEAFS];
	unsigned nleafs;
	u32 subleaf; /* that CPUID was asked for last */
	u64 cr0, cr3, cr4;
	u64 gdt;				     /* where GDTR points, and IDTR behind it */
	char trace[4096];			     /* "RDMSR c0000080\n" "CLGI\n" ... */
	char said[4096];			     /* what print() was given */
	char guest[4096];			     /* what print_guest() was given */
	unsigned nguest;			     /* bytes of it */
	void (*run)(u64 control, struct regs *regs); /* what the guest does when it runs */
	struct pages pages;
	struct host host;
	struct guest g;
};

/* The one fake CPU of a test. fake_init() makes it new, with memory: pages, and 8 MiB for a guest.
 */
extern struct fake fake;
void fake_init(void);

/* Set an MSR, or what CPUID says. An MSR that was not set has no value: reading it fails the test.
 */
void fake_msr_set(u32 index, u64 value);
u64 fake_msr_get(u32 index);
void fake_leaf_set(u32 leaf, struct cpuid is);
void fake_note(const char *fmt, ...) PRINTF(1, 2);

/* AMD: a CPU with SVM, and nested paging; as svm_on() should leave it, with a guest to be made. */
void fake_amd(void);
void fake_amd_on(void);

#endif
