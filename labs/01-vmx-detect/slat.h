/* SPDX-License-Identifier: MIT */
/* Task 1.4: second-level address translation, and tags in the TLB. */
#ifndef SLAT_H
#define SLAT_H

#include "cpu.h"

/* AMD: CPUID 0x8000000A. APM 3, E.4.9; what the words mean: APM 2, 15.25 and 15.16. */
struct svm_slat {
	unsigned revision; /* EAX bits 7:0 */
	u32 asids;	   /* EBX: how many address space identifiers */
	bool npt;	   /* EDX bit 0: nested paging */
};

/* Intel: SDM 3D, A.3.3 (secondary controls) and A.10 (IA32_VMX_EPT_VPID_CAP). */
struct vmx_slat {
	/* may be switched on, says the high half of IA32_VMX_PROCBASED_CTLS2: */
	bool ept;	   /* bit 32 + 1 */
	bool vpid;	   /* bit 32 + 5 */
	bool unrestricted; /* bit 32 + 7: real mode and no paging in a guest; needs EPT */
	/* IA32_VMX_EPT_VPID_CAP; all false without EPT and VPID, for then it does not exist */
	bool execute_only;			/* 0 */
	bool walk_4, walk_5;			/* 6, 7 */
	bool page_2m, page_1g;			/* 16, 17 */
	bool accessed_dirty;			/* 21 */
	bool invept, invept_single, invept_all; /* 20, 25, 26 */
	bool invvpid, invvpid_address, invvpid_single, invvpid_all, invvpid_globals; /* 32, 40-43 */
};

struct slat {
	bool is_vmx; /* which of the two is filled in */
	struct svm_slat svm;
	struct vmx_slat vmx;
};

/*
 * Decode what f holds about second-level translation of this CPU.
 *
 * VMX: the secondary controls exist only if the primary ones may be told to use them: bit 32 + 31
 * of IA32_VMX_PROCBASED_CTLS. Without them all is false. -ENODATA when an MSR that is needed cannot
 * be read: never guess.
 * SVM: -ENODATA when the leaf is missing.
 * Returns 0; -ENODATA; -ENOENT when the CPU has neither VMX nor SVM.
 */
int slat_decode(const struct facts *f, const struct cpu *cpu, struct slat *s);

#endif
