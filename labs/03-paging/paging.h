/* SPDX-License-Identifier: MIT */
/* What a CPU's registers and its CPUID decide about its walks: where struct paging comes from. */
#ifndef PAGING_H
#define PAGING_H

#include "vcpu.h"
#include "walk.h"

/*
 * Widths and page sizes that the vCPU's CPUID announces; 36 bits and no 1 GiB without it. It asks
 * KVM for all of the CPUID: once is enough, since nothing here changes.
 */
void paging_features(const struct vcpu *vcpu, struct paging *p);

/* What these registers decide; the features of *p stay. */
void paging_registers(struct paging *p, u64 cr0, u64 cr3, u64 cr4, u64 efer, u64 rflags);

/* Both, as the vCPU has them now (api.rst 4.13, KVM_GET_SREGS). -EOPNOTSUPP: not in 64-bit mode. */
int paging_of(const struct vcpu *vcpu, struct paging *p);

#endif
