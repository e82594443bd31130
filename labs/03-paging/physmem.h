/* SPDX-License-Identifier: MIT */
#ifndef PHYSMEM_H
#define PHYSMEM_H

#include "mem.h"

/*
 * Page tables lie in memory, and a walker has to read them there: but in which memory? The guest's
 * tables hold guest-physical addresses, an EPT holds machine addresses, and a guest's table under
 * an EPT is only reached through that. So builders and walkers go through this interface, and
 * never ask what is behind it. Embedded in each kind of memory; container_of() leads back.
 */
struct physmem {
	/* Copy len bytes at addr (what "physical" means is the memory's affair). 0 or -EFAULT. */
	int (*read)(struct physmem *pm, u64 addr, void *buf, u64 len);
	int (*write)(struct physmem *pm, u64 addr, const void *buf, u64 len);
};

/* The memory that KVM has: guest-physical for the guest, and for us the machine. */
struct machine_memory {
	struct physmem pm;
	struct mem *mem;
};

void machine_memory_init(struct machine_memory *m, struct mem *mem);

/* One page-table entry of 8 bytes at addr. 0 or -EFAULT. */
int entry_read(struct physmem *pm, u64 addr, u64 *entry);
int entry_write(struct physmem *pm, u64 addr, u64 entry);

#endif
