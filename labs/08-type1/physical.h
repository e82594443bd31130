/* SPDX-License-Identifier: MIT */
/* Memory as lab 03's builders and walkers want it: the machine's, or a guest's. */
#ifndef PHYSICAL_H
#define PHYSICAL_H

#include "physmem.h"

struct guest;

/* Its address 0 lies at the machine address base; beyond size bytes there is nothing. */
struct flat_memory {
	struct physmem pm;
	u64 base, size;
};

void machine_memory_flat(struct flat_memory *m);
void guest_memory(struct flat_memory *m, const struct guest *guest);

/* Bytes of a guest's memory as a pointer; NULL: it has none at address, or not so many. */
void *guest_at(const struct guest *guest, u64 address, u64 len);

#endif
