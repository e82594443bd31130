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

/*
 * Guest memory for those who say what was wrong: by themselves, so that a mistake in the code under
 * study cannot blind them. n slots; gpa and len may be anything. memslot_peek() copies what lies
 * from gpa to the end of its slot, len bytes at most, and returns how many that were;
 * memslot_read() all of it, from slots that touch, or returns false.
 */
u64 memslot_peek(const struct memslot *slots, unsigned n, u64 gpa, void *buf, u64 len);
bool memslot_read(const struct memslot *slots, unsigned n, u64 gpa, void *buf, u64 len);

#endif
