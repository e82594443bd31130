// SPDX-License-Identifier: MIT
#include "pagetable.h"

#include <errno.h>

#include "todo.h"

/* [book:3.1] */
/* TASK 3.1 */
#if SOL >= 301
static const u64 leaf_flags = PTE_RW | PTE_US | PTE_PWT | PTE_PCD | PTE_A | PTE_D | PTE_G | PTE_NX;

/* The next free page becomes a table without entries. */
static int new_table(struct page_tables *t, u64 *table)
{
	static const u8 zeros[PAGE_SIZE_4K];
	int err;

	if (t->end < PAGE_SIZE_4K || t->next > t->end - PAGE_SIZE_4K)
		return -ENOSPC;
	err = t->pm->write(t->pm, t->next, zeros, sizeof(zeros));
	if (err)
		return err;
	*table = t->next;
	t->next += PAGE_SIZE_4K;
	return 0;
}

/* From the entry at addr down to the table below it, which is made if it is missing. */
static int descend(struct page_tables *t, u64 addr, u64 *table)
{
	u64 entry;
	int err = entry_read(t->pm, addr, &entry);

	if (err)
		return err;
	if (entry & PTE_P) {
		*table = entry & PTE_ADDR;
		return entry & PTE_PS ? -EEXIST : 0;
	}
	err = new_table(t, table);
	return err ? err : entry_write(t->pm, addr, *table | PTE_P | PTE_RW | PTE_US);
}
#endif

int page_tables_init(struct page_tables *t, struct physmem *pm, u64 from, u64 to)
{
	*t = (struct page_tables){ .pm = pm, .next = from, .end = to };
	/* TASK 3.1 */
#if SOL >= 301
	return new_table(t, &t->root);
#else
	return TODO("3.1");
#endif
}

int page_tables_map(struct page_tables *t, u64 va, u64 pa, unsigned level, u64 flags)
{
	/* TASK 3.1 */
#if SOL >= 301
	u64 table = t->root, addr, entry;
	int err;

	if (level < 1 || level > 3 || (flags & ~leaf_flags) || !is_canonical(va) ||
	    (pa & ~PTE_ADDR) || (va | pa) % LEVEL_SIZE(level))
		return -EINVAL;
	for (unsigned at = 4; at > level; at--) {
		err = descend(t, table + 8 * LEVEL_INDEX(va, at), &table);
		if (err)
			return err;
	}
	addr = table + 8 * LEVEL_INDEX(va, level);
	err = entry_read(t->pm, addr, &entry);
	if (err)
		return err;
	if (entry & PTE_P)
		return -EEXIST;
	return entry_write(t->pm, addr, pa | flags | PTE_P | (level > 1 ? PTE_PS : 0));
#else
	return TODO("3.1");
#endif
}
/* [book:end] */
