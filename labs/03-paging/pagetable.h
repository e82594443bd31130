/* SPDX-License-Identifier: MIT */
/* Task 3.1: building 4-level page tables. SDM 3A, 4.5. */
#ifndef PAGETABLE_H
#define PAGETABLE_H

#include "physmem.h"
#include "pte.h"

/* Tables under construction, and the pages from which they are made. */
struct page_tables {
	struct physmem *pm; /* where the tables lie; their entries hold addresses of it */
	u64 root;	    /* the PML4: what CR3 gets */
	u64 next, end;	    /* pages that are still free: [next, end) */
};

/*
 * [task 3.1] Begin: take the first page of [from, to), zeroed, as the PML4.
 * from and to are multiples of 4096. 0; -ENOSPC if there is no page; or what pm->write says.
 */
int page_tables_init(struct page_tables *t, struct physmem *pm, u64 from, u64 to);

/*
 * [task 3.1] Map the page of LEVEL_SIZE(level) bytes at the virtual address va to pa.
 * level: 1 (4 KiB), 2 (2 MiB) or 3 (1 GiB). flags: PTE_* bits of the leaf besides P and PS, such as
 * PTE_RW | PTE_NX. Tables on the way that are missing are taken from the free pages, zeroed; their
 * entries get P, RW and US and not NX: what is allowed is the leaf's affair.
 *
 * 0; -EINVAL for another level, a flag that is none (an address bit, P or PS), an address that is
 * no multiple of the page's size, a va that is not canonical, or a pa beyond bits 51:0;
 * -EEXIST if va is mapped already, by this page or a larger one, or there is a table where a large
 * page should go; -ENOSPC when the free pages are used up; -EFAULT from the memory.
 * On error nothing that was mapped before has changed.
 */
int page_tables_map(struct page_tables *t, u64 va, u64 pa, unsigned level, u64 flags);

#endif
