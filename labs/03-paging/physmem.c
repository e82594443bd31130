// SPDX-License-Identifier: MIT
#include "physmem.h"

static int machine_read(struct physmem *pm, u64 addr, void *buf, u64 len)
{
	return mem_read(container_of(pm, struct machine_memory, pm)->mem, addr, buf, len);
}

static int machine_write(struct physmem *pm, u64 addr, const void *buf, u64 len)
{
	return mem_write(container_of(pm, struct machine_memory, pm)->mem, addr, buf, len);
}

void machine_memory_init(struct machine_memory *m, struct mem *mem)
{
	*m = (struct machine_memory){
		.pm = { .read = machine_read, .write = machine_write },
		.mem = mem,
	};
}

int entry_read(struct physmem *pm, u64 addr, u64 *entry)
{
	return pm->read(pm, addr, entry, sizeof(*entry));
}

int entry_write(struct physmem *pm, u64 addr, u64 entry)
{
	return pm->write(pm, addr, &entry, sizeof(entry));
}
