/* SPDX-License-Identifier: MIT */
/* What a guest's physical memory is, for guests with nested paging; the same on either CPU. */
#ifndef MEMORY_H
#define MEMORY_H

#include "hv.h"

/*
 *	0	   to MEMORY_ROM    memory
 *	MEMORY_ROM, 4 KiB	    a page to read: no store, no code
 *	MEMORY_HOLE to MEMORY_DATA  nothing
 *	MEMORY_DATA to GUEST_SIZE   memory, but no code
 */
#define MEMORY_ROM  0x600000
#define MEMORY_HOLE 0x601000
#define MEMORY_DATA 0x700000

#define MEMORY_LARGE 0x200000 /* from here on, and below MEMORY_ROM, a page is one of 2 MiB */

/*
 * [task 8.4] A guest has touched an address for the first time, or touched what it may not. Map
 * what belongs there, in the largest page that the map above allows, at guest->memory + address.
 *
 * 0: mapped now, whatever the access was; the guest tries again, and if the page forbids it, comes
 * back with m->present. -EACCES: that is set, so this access is forbidden. -EFAULT: there is
 * nothing. Or what nested.map() says.
 */
int memory_touched(struct guest *guest, const struct exit_memory *m);

/* A guest that is in no way to go on: why, in a line. */
void memory_explain(const struct guest *guest, const struct exit_memory *m);

/*
 * Read from memory at the guest's linear address, as the guest would: through its page tables, if
 * it has paging on (walk() of task 3.2, of four levels; no guest here has others). 0 or -EFAULT.
 *
 * The nested tables are not asked, only the guest's own: what is read lies where its memory has
 * been from the start, whatever CALL_SWAP has done since, and memory_write() writes to its ROM as
 * well.
 */
int memory_read(const struct guest *guest, u64 linear, void *buf, u64 len);
int memory_write(const struct guest *guest, u64 linear, const void *buf, u64 len);

#endif
