/* SPDX-License-Identifier: MIT */
/* Task 1.5: the VMX capability MSRs. SDM 3D, appendix A. */
#ifndef VMX_MSR_H
#define VMX_MSR_H

#include "facts.h"

/*
 * Add to f the MSRs that can be read, of the list wanted_msrs[]:
 *
 *   first from the CPU, by the msr device /dev/cpu/0/msr: 8 bytes at the offset of the index, one
 *   pread() each (msr(4)). It needs root and the msr module; an MSR that the CPU has not is EIO.
 *   Then, what is still missing, from KVM: KVM_GET_MSR_FEATURE_INDEX_LIST and KVM_GET_MSRS on the
 *   device at kvm_path (api.rst 4.3 and 4.18: "feature MSRs", on the system descriptor). These are
 *   the values that KVM offers to guests, so not all that the CPU has.
 *
 * Room for MSRS_MAX indices is enough: KVM lists about 20, and says E2BIG when they do not fit.
 * Take only those that are in wanted_msrs[].
 * Returns 0, also when nothing can be read: then f simply has no MSR.
 */
int msr_collect(const char *kvm_path, struct facts *f);

#define WANTED_MSRS 22
extern const u32 wanted_msrs[WANTED_MSRS];

/* A 32-bit field of control bits: each bit is in exactly one of the three. SDM 3D, A.2 to A.5. */
struct vmx_control {
	const char *name; /* "pin-based", "primary", "secondary", "exit", "entry": known or not */
	bool known;	  /* its MSR could be read; else the rest is 0 */
	u32 must_be_1;	  /* allowed-0 setting is 1: bits 31:0 of the MSR */
	u32 may_be_1;	  /* free */
	u32 must_be_0;	  /* allowed-1 setting is 0: bits 63:32 */
};

enum { C_PIN, C_PRIMARY, C_SECONDARY, C_EXIT, C_ENTRY, CONTROLS };

struct vmx_caps {
	/* IA32_FEATURE_CONTROL (0x3a) */
	bool feature_known, locked, vmxon_outside_smx; /* bits 0 and 2: common/x86.h */
	/* IA32_VMX_BASIC, A.1 */
	u32 revision;	      /* bits 30:0 */
	unsigned vmcs_size;   /* bytes; bits 44:32 */
	unsigned memory_type; /* of a VMCS: bits 53:50; 6 is write-back */
	bool true_controls;   /* bit 55: the TRUE MSRs exist, and are to be used */
	struct vmx_control control[CONTROLS];
};

/*
 * Decode. The controls come from these MSRs; with true_controls from those in the second column:
 *
 *	pin-based	0x481	0x48d
 *	primary		0x482	0x48e
 *	secondary	0x48b	0x48b	(only if the primary ones may have bit 31; else unknown)
 *	exit		0x483	0x48f
 *	entry		0x484	0x490
 *
 * The name is set for all five, also where nothing is known.
 * Returns 0; -ENODATA when IA32_VMX_BASIC cannot be read.
 */
int vmx_decode(const struct facts *f, struct vmx_caps *v);

#endif
