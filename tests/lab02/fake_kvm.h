/* SPDX-License-Identifier: MIT */
/*
 * A KVM that a test makes up, for the whole unit suite: while fake_kvm.on is set, it answers each
 * ioctl of KVM's, on whatever descriptor. It never runs a guest, and remembers what it was told.
 * (Instead of libc's: unit_fake_kvm.c.)
 */
#ifndef LAB02_FAKE_KVM_H
#define LAB02_FAKE_KVM_H

#include <linux/kvm.h>

#include "types.h"

#define FAKE_CPUID_MAX 256 /* as KVM_MAX_CPUID_ENTRIES */

struct fake_kvm {
	bool on;	     /* else the kernel is asked */
	unsigned long fails; /* this request does, */
	int err;	     /* with this negative errno */
	bool no_page;	     /* what is mapped of a vCPU is refused by mmap(): ENODEV */
	u32 cpuids;	     /* entries that it supports: with less room it is E2BIG */

	/* What it was told; and the first of these, what KVM_GET_SREGS answers. */
	struct kvm_sregs sregs;
	struct kvm_regs regs;
	struct kvm_cpuid_entry2 cpuid[FAKE_CPUID_MAX];
	u32 told;		 /* entries of cpuid[] */
	unsigned long tss, type; /* of KVM_SET_TSS_ADDR and KVM_CREATE_VM */
};

extern struct fake_kvm fake_kvm;

/* The entry with this number of those that it supports. */
struct kvm_cpuid_entry2 fake_cpuid(u32 i);

#endif
