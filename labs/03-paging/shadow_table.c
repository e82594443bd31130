// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdlib.h>

#include "shadow.h"

static u64 machine_of(unsigned table)
{
	return STUB_POOL + table * PAGE_SIZE_4K;
}

static unsigned table_of(u64 entry)
{
	return (unsigned)(((entry & PTE_ADDR) - STUB_POOL) / PAGE_SIZE_4K);
}

/* Tables 0, 1 and 2 are the root and what leads to the VMM's own part. Nothing runs yet. */
int shadow_tables_init(struct shadow *s)
{
	struct mem *mem = &s->vcpu->vm->mem;
	int err = 0;

	s->table = calloc(SHADOW_TABLES, sizeof(*s->table));
	if (!s->table)
		return -ENOMEM;
	for (unsigned i = 0; i < 3; i++)
		s->table[i].used = true;
	s->table[0].entry[511] = machine_of(1) | PTE_P | PTE_RW;
	s->table[1].entry[0] = machine_of(2) | PTE_P | PTE_RW;
	for (u64 at = 0; at < VMM_SIZE; at += MiB(2))
		s->table[2].entry[at / MiB(2)] = at | PTE_P | PTE_RW | PTE_PS;
	for (unsigned i = 0; i < 3 && !err; i++)
		err = mem_write(mem, machine_of(i), s->table[i].entry, PAGE_SIZE_4K);
	return err;
}

void shadow_put(struct shadow *s, unsigned table, unsigned index, u64 entry)
{
	s->table[table].entry[index] = entry;
	s->mail->store[s->mail->count++] =
		(struct store){ VMM_GVA + machine_of(table) + 8 * index, entry };
}

/* A free table, emptied; or 0. Its page still holds what it had when it was dropped. */
static unsigned take_table(struct shadow *s)
{
	for (unsigned i = 0; i < SHADOW_TABLES; i++) {
		unsigned t = (s->next + i) % SHADOW_TABLES;

		if (s->table[t].used)
			continue;
		s->next = t + 1;
		s->table[t].used = true;
		s->table[t].pieces = false;
		for (unsigned j = 0; j < TABLE_ENTRIES; j++) {
			if (s->table[t].entry[j])
				shadow_put(s, t, j, 0);
		}
		return t;
	}
	return 0;
}

static void release(struct shadow *s, unsigned table, unsigned level)
{
	s->table[table].used = false;
	for (unsigned i = 0; level > 1 && i < TABLE_ENTRIES; i++) {
		if (s->table[table].entry[i])
			release(s, table_of(s->table[table].entry[i]), level - 1);
	}
}

/* Take out the entry of a table of that level, and all that hangs below it. */
static void drop(struct shadow *s, unsigned table, unsigned index, unsigned level)
{
	u64 entry = s->table[table].entry[index];

	if (!entry)
		return;
	shadow_put(s, table, index, 0);
	if (level > 1)
		release(s, table_of(entry), level - 1);
}

void shadow_drop_all(struct shadow *s)
{
	for (unsigned i = 0; i < TABLE_ENTRIES - 1; i++) /* the last is the VMM's own */
		drop(s, 0, i, 4);
}

int shadow_map(struct shadow *s, u64 gva, u64 entry, u64 guest_page_size)
{
	unsigned table = 0;

	if (LEVEL_INDEX(gva, 4) == 511)
		return -EPERM;
	for (unsigned level = 4; level > 1; level--) {
		unsigned index = LEVEL_INDEX(gva, level), below;

		if (!s->table[table].entry[index]) {
			below = take_table(s);
			if (!below)
				return -ENOSPC;
			shadow_put(s, table, index, machine_of(below) | PTE_P | PTE_RW | PTE_US);
		}
		table = table_of(s->table[table].entry[index]);
		s->table[table].pieces |= guest_page_size >= LEVEL_SIZE(level);
	}
	shadow_put(s, table, LEVEL_INDEX(gva, 1), entry);
	return 0;
}

/*
 * A page of the guest's may be 2 MiB or 1 GiB, and we have it in pieces of 4 KiB: all of them go.
 * Where no piece came from a large page, one entry is enough.
 */
void shadow_drop_page(struct shadow *s, u64 gva)
{
	unsigned table = 0;

	for (unsigned level = 4; level >= 1; level--) {
		unsigned index = LEVEL_INDEX(gva, level);
		u64 entry = s->table[table].entry[index];

		if (!entry || LEVEL_INDEX(gva, 4) == 511)
			return;
		if (level == 1 || s->table[table_of(entry)].pieces) {
			drop(s, table, index, level);
			return;
		}
		table = table_of(entry);
	}
}
