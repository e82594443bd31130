// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdlib.h>

#include "shadow.h"
#include "todo.h"

u64 shadow_table_machine(unsigned table)
{
	return STUB_POOL + table * PAGE_SIZE_4K;
}

unsigned shadow_below(u64 entry)
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
	s->table[0].entry[VMM_SLOT] = shadow_table_machine(1) | PTE_P | PTE_RW;
	s->table[1].entry[0] = shadow_table_machine(2) | PTE_P | PTE_RW;
	for (u64 at = 0; at < VMM_SIZE; at += MiB(2))
		s->table[2].entry[at / MiB(2)] = at | PTE_P | PTE_RW | PTE_PS;
	for (unsigned i = 0; i < 3 && !err; i++)
		err = mem_write(mem, shadow_table_machine(i), s->table[i].entry, PAGE_SIZE_4K);
	return err;
}

void shadow_put(struct shadow *s, unsigned table, unsigned index, u64 entry)
{
	s->table[table].entry[index] = entry;
	if (s->mail->count == MAILBOX_MAX) {
		s->mail_full = true;
		return;
	}
	s->mail->store[s->mail->count++] =
		(struct store){ VMM_GVA + shadow_table_machine(table) + 8 * index, entry };
}

u64 shadow_link(unsigned table)
{
	return shadow_table_machine(table) | PTE_P | PTE_RW | PTE_US;
}

/* Its page still holds what it had when it was dropped. */
unsigned shadow_take(struct shadow *s)
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

/* [book:3.5map] */
int shadow_map(struct shadow *s, u64 gva, u64 entry, u64 guest_page_size)
{
	/* TASK 3.5 */
#if SOL >= 305
	unsigned table = s->root;

	if (LEVEL_INDEX(gva, 4) == VMM_SLOT)
		return -EPERM;
	for (unsigned level = 4; level > 1; level--) {
		unsigned index = LEVEL_INDEX(gva, level);

		if (!s->table[table].entry[index]) {
			unsigned below = shadow_take(s);

			if (!below)
				return -ENOSPC;
			shadow_put(s, table, index, shadow_link(below));
		}
		table = shadow_below(s->table[table].entry[index]);
		s->table[table].pieces |= guest_page_size >= LEVEL_SIZE(level);
	}
	shadow_put(s, table, LEVEL_INDEX(gva, 1), entry);
	return 0;
#else
	return TODO("3.5");
#endif
}
/* [book:end] */

/* [book:3.9] */
/* TASK 3.9 */
#if SOL >= 309
static void release(struct shadow *s, unsigned table, unsigned level)
{
	s->table[table].used = false;
	for (unsigned i = 0; level > 1 && i < TABLE_ENTRIES; i++) {
		if (s->table[table].entry[i])
			release(s, shadow_below(s->table[table].entry[i]), level - 1);
	}
}

#endif

void shadow_drop_entry(struct shadow *s, unsigned table, unsigned index, unsigned level)
{
	/* TASK 3.9 */
#if SOL >= 309
	u64 entry = s->table[table].entry[index];

	if (!entry)
		return;
	shadow_put(s, table, index, 0);
	if (level > 1)
		release(s, shadow_below(entry), level - 1);
#else
	TODO("3.9");
#endif
}

void shadow_drop_all(struct shadow *s, unsigned root)
{
	/* TASK 3.9 */
#if SOL >= 309
	for (unsigned i = 0; i < TABLE_ENTRIES; i++) {
		if (i != VMM_SLOT)
			shadow_drop_entry(s, root, i, 4);
	}
#else
	TODO("3.9");
#endif
}

void shadow_drop_page(struct shadow *s, u64 gva)
{
	/* TASK 3.9 */
#if SOL >= 309
	unsigned table = s->root;

	for (unsigned level = 4; level >= 1; level--) {
		unsigned index = LEVEL_INDEX(gva, level);
		u64 entry = s->table[table].entry[index];

		if (!entry || LEVEL_INDEX(gva, 4) == VMM_SLOT)
			return;
		/* A large page of the guest's lies here in pieces: all of them go. */
		if (level == 1 || s->table[shadow_below(entry)].pieces) {
			shadow_drop_entry(s, table, index, level);
			return;
		}
		table = shadow_below(entry);
	}
#else
	TODO("3.9");
#endif
}
/* [book:end] */
