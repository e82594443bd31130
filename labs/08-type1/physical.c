// SPDX-License-Identifier: MIT
#include "physical.h"

#include <errno.h>
#include <string.h>

#include "hv.h"

static int flat_read(struct physmem *pm, u64 addr, void *buf, u64 len)
{
	const struct flat_memory *m = container_of(pm, struct flat_memory, pm);

	if (len > m->size || addr > m->size - len)
		return -EFAULT;
	memcpy(buf, at(m->base + addr), len);
	return 0;
}

static int flat_write(struct physmem *pm, u64 addr, const void *buf, u64 len)
{
	const struct flat_memory *m = container_of(pm, struct flat_memory, pm);

	if (len > m->size || addr > m->size - len)
		return -EFAULT;
	memcpy(at(m->base + addr), buf, len);
	return 0;
}

void machine_memory_flat(struct flat_memory *m)
{
	*m = (struct flat_memory){ .pm = { flat_read, flat_write }, .size = GiB(4) };
}

void guest_memory(struct flat_memory *m, const struct guest *guest)
{
	*m = (struct flat_memory){ .pm = { flat_read, flat_write },
				   .base = guest->memory,
				   .size = guest->size };
}

void *guest_at(const struct guest *guest, u64 address, u64 len)
{
	if (len > guest->size || address > guest->size - len)
		return NULL;
	return at(guest->memory + address);
}

int entry_read(struct physmem *pm, u64 addr, u64 *entry)
{
	return pm->read(pm, addr, entry, sizeof(*entry));
}

int entry_write(struct physmem *pm, u64 addr, u64 entry)
{
	return pm->write(pm, addr, &entry, sizeof(entry));
}
