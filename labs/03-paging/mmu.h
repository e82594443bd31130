/* SPDX-License-Identifier: MIT */
#ifndef MMU_H
#define MMU_H

#include "gmem.h"
#include "image.h"
#include "options.h"
#include "pagetable.h"
#include "vcpu.h"
#include "walk.h"

struct mmu;

/*
 * Who translates the guest's addresses. `ept` leaves it to KVM and what the hardware has; shadow
 * paging is another of these, with tables of its own, and nothing else has to change for it.
 */
struct mmu_ops {
	const char *name;		    /* as --mmu says it */
	const struct shadow_policy *policy; /* of shadow paging: see shadow.h */
	/* Lay out the machine's memory for a guest that has size bytes; fill mmu->guest. */
	int (*memory)(struct mmu *mmu, struct vcpu *vcpu, u64 size);
	/* Put the image into the guest's memory: as image_load(), lab 02. */
	int (*load)(struct mmu *mmu, struct vcpu *vcpu, const struct image *image,
		    enum cpu_mode mode, struct why *why);
	/* The guest is about to run at entry. All these: 0 or a negative errno. */
	int (*start)(struct mmu *mmu, struct vcpu *vcpu, enum cpu_mode mode, u64 entry);
	/* What decides about the guest's walks now. */
	int (*paging)(struct mmu *mmu, struct vcpu *vcpu, struct paging *p);
	void (*destroy)(struct mmu *mmu); /* may be NULL */
};

struct mmu {
	const struct mmu_ops *ops;
	struct gmem guest;	       /* guest-physical memory */
	struct machine_memory machine; /* what KVM has */
	struct page_tables tables;     /* that a 64-bit guest starts with */
	struct shadow *shadow;	       /* of --mmu=shadow */
};

extern const struct mmu_ops mmu_ept;

/* Who translates is chosen (ops, by --mmu); lay out memory. 0 or a negative errno. */
int mmu_init(struct mmu *mmu, const struct mmu_ops *ops, struct vcpu *vcpu, u64 size);

void mmu_destroy(struct mmu *mmu);

#endif
