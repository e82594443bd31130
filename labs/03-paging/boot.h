/* SPDX-License-Identifier: MIT */
#ifndef BOOT_H
#define BOOT_H

#include "cpu_mode.h"
#include "pagetable.h"

/* Where the first GiB appears a second time: PML4 entry 510. */
#define DIRECT_MAP_GVA 0xffffff0000000000ULL

/*
 * The address space in which a 64-bit guest starts, by page_tables_map() and with pages of every
 * size: the first GiB at itself, but the first page not at all, so that a null pointer faults; and
 * the first GiB once more at DIRECT_MAP_GVA, where nothing can be executed. The tables lie where
 * images keep out: from BOOT_PML4_GPA on.
 */
int boot_tables(struct page_tables *t, const struct vcpu *vcpu, struct physmem *pm);

/* Let the vCPU use them: CR3, and EFER.NXE. */
int boot_tables_use(const struct page_tables *t, struct vcpu *vcpu);

#endif
