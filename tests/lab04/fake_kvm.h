/* SPDX-License-Identifier: MIT */
/*
 * A KVM that a test makes up, for the whole unit suite: while fake_kvm.on is set, it answers each
 * ioctl of KVM's, on whatever descriptor. It never runs a guest, and notes what it was told.
 * (Instead of libc's: unit_fake_kvm.c.)
 */
#ifndef LAB04_FAKE_KVM_H
#define LAB04_FAKE_KVM_H

#include <linux/kvm.h>

#include "types.h"

#define FAKE_CALLS_MAX 32
#define FAKE_ARG_MAX   64

/* One ioctl: which, and a copy of the structure that came with it. */
struct fake_call {
	unsigned long request;
	u8 arg[FAKE_ARG_MAX];
};

struct fake_kvm {
	bool on;		       /* else the kernel is asked */
	unsigned long fails;	       /* this request does, */
	unsigned passes;	       /* but for so many times before, */
	bool once;		       /* and for all that come after it, */
	int err;		       /* with this negative errno; or what it returns instead */
	struct kvm_vcpu_events events; /* what KVM_GET_VCPU_EVENTS answers, */
	int extension;		       /* and KVM_CHECK_EXTENSION, whatever is asked for */
	u64 dirty;		       /* and KVM_GET_DIRTY_LOG, of at most 64 pages */

	struct fake_call call[FAKE_CALLS_MAX];
	unsigned calls;
};

extern struct fake_kvm fake_kvm;

/* How often has this request come? */
unsigned fake_count(unsigned long request);

/* What came with it the last time; zeros if it has not come. */
const void *fake_last(unsigned long request);

#endif
