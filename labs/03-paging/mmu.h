/* SPDX-License-Identifier: MIT */
#ifndef MMU_H
#define MMU_H

#include "gmem.h"
#include "options.h"
#include "vcpu.h"
#include "walk.h"

struct mmu;

/*
 * Who translates the guest's addresses. `ept` leaves it to KVM and what the hardware has; shadow
 * paging will be another of these, with tables of its own, and nothing else has to change for it.
 */
struct mmu_ops {
	const char *name; /* as --mmu says it */
	/* After the guest is loaded and before it runs. 0 or a negative errno. */
	int (*init)(struct mmu *mmu, struct vcpu *vcpu);
	/* As walk(), by the tables that the guest has now. */
	int (*translate)(struct mmu *mmu, struct vcpu *vcpu, u64 gva, u32 access, struct walk *w);
};

struct mmu {
	const struct mmu_ops *ops;
	struct gmem guest;	       /* guest-physical memory */
	struct machine_memory machine; /* what KVM has */
};

extern const struct mmu_ops mmu_ept;

/* Choose by --mmu, and begin. 0 or a negative errno. */
int mmu_init(struct mmu *mmu, const struct mmu_ops *ops, struct vcpu *vcpu);

/* What decides about the guest's walks, read from the vCPU (api.rst 4.13, KVM_GET_SREGS). */
int paging_of(const struct vcpu *vcpu, struct paging *p);

/* Widths and page sizes that the vCPU's CPUID announces; 36 bits and no 1 GiB without it. */
void paging_features(const struct vcpu *vcpu, struct paging *p);

#endif
