/* SPDX-License-Identifier: MIT */
#ifndef MEMSLOT_H
#define MEMSLOT_H

#include "types.h"

/*
 * One piece of guest RAM, as KVM sees it (Documentation/virt/kvm/api.rst, 4.35): size bytes at the
 * guest-physical address gpa are the host memory at hva.
 */
struct memslot {
	u64 gpa;       /* guest-physical, a multiple of 4096 */
	u64 size;      /* bytes, a multiple of 4096 */
	u8 *hva;       /* host-virtual */
	u32 id;	       /* KVM's number for the slot */
	bool readonly; /* the guest may read it only (lab 03) */
};

#endif
