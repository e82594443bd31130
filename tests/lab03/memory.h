/* SPDX-License-Identifier: MIT */
/* Memory without KVM: what the builders and walkers of lab 03 work on. */
#ifndef LAB03_MEMORY_H
#define LAB03_MEMORY_H

#include <stdlib.h>
#include <string.h>

#include "nonce.h"
#include "physmem.h"
#include "test.h"

struct fake_memory {
	struct mem mem;
	struct machine_memory machine;
	u8 *bytes; /* of the one slot */
};

/* size bytes at gpa, each of them `fill`. */
static inline struct physmem *fake_memory(struct fake_memory *f, u64 gpa, u64 size, int fill)
{
	f->bytes = malloc(size);
	if (!f->bytes)
		test_error("no memory");
	memset(f->bytes, fill, size);
	f->mem = (struct mem){ .slot = { { .gpa = gpa, .size = size, .hva = f->bytes } },
			       .nslots = 1 };
	machine_memory_init(&f->machine, &f->mem);
	return &f->machine.pm;
}

static inline u64 entry_at(struct fake_memory *f, u64 addr)
{
	u64 entry;

	memcpy(&entry, f->bytes + (addr - f->mem.slot[0].gpa), 8);
	return entry;
}

static inline void put_entry(struct fake_memory *f, u64 addr, u64 entry)
{
	memcpy(f->bytes + (addr - f->mem.slot[0].gpa), &entry, 8);
}

/* xorshift64*: 12,000 tables a test are many. It begins with the test's seed. */
struct draw {
	u64 state;
};

static inline struct draw draw_begin(void)
{
	return (struct draw){ nonce_random() };
}

static inline u64 draw(struct draw *d)
{
	d->state ^= d->state >> 12;
	d->state ^= d->state << 25;
	d->state ^= d->state >> 27;
	return d->state * 2685821657736338717ULL;
}

/* 0 to n - 1 */
static inline u64 draw_below(struct draw *d, u64 n)
{
	return (draw(d) >> 20) % n;
}

#endif
