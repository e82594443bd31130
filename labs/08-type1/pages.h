/* SPDX-License-Identifier: MIT */
/* Pages of the machine's memory. */
#ifndef PAGES_H
#define PAGES_H

#include "types.h"

/* Pages that are still free: those handed back, a list through their first words, and [next, end).
 */
struct pages {
	u64 next, end;
	u64 free;
	unsigned used;
};

/* from and to: machine addresses, multiples of 4096. */
void pages_init(struct pages *pages, u64 from, u64 to);

/*
 * The machine address of a page of 4096 bytes; 0: there is none. Each byte of it is 0xcc: memory
 * that nobody has cleared is not zero, and a CPU that reads it as a VMCB or a VMCS will say so.
 */
u64 page_alloc(struct pages *pages);
u64 page_alloc_zeroed(struct pages *pages);

/* So many pages, one after another, each as page_alloc() has them; 0: there are not so many. They
 * stay. */
u64 pages_alloc(struct pages *pages, unsigned n);

/* Give it back. 0 is no page, and nothing happens. */
void page_free(struct pages *pages, u64 page);

/* A machine address as a pointer. */
static inline void *at(u64 machine)
{
	return (void *)(uintptr_t)machine;
}

#endif
