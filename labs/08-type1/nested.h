/* SPDX-License-Identifier: MIT */
/* Nested page tables: from a guest's physical addresses to the machine's. Tables of lab 03. */
#ifndef NESTED_H
#define NESTED_H

#include "ept.h"
#include "pagetable.h"
#include "physical.h"

#define NESTED_TABLES 16 /* pages for the tables of one guest */

/* What a guest may do in a page of its memory. (A page that may not be read does not exist.) */
enum { MAY_READ = 1, MAY_WRITE = 2, MAY_FETCH = 4, MAY_ALL = 7 };

/* In the format of the CPU: AMD's tables are those of task 3.1, Intel's an EPT, those of task 3.12.
 */
struct nested {
	/*
	 * Let the guest find the machine's page at its physical address. size: 4 KiB or 2 MiB, of
	 * which both addresses are multiples. 0; -EEXIST: something is there already; -EINVAL,
	 * -ENOSPC.
	 */
	int (*map)(struct guest *guest, u64 address, u64 machine, u64 size, unsigned may);
	/*
	 * The entry in which the translation of address ends, to be changed by hand; NULL: nothing
	 * is there. Whoever changes it thinks of flush().
	 */
	u64 *(*entry)(struct guest *guest, u64 address);
	struct flat_memory machine; /* where the tables lie */
	struct page_tables npt;
	struct ept ept;
};

#endif
