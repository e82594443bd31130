// SPDX-License-Identifier: MIT
#include "ept.h"

#include <errno.h>

#include "todo.h"

/* [book:3.12build] */
/* TASK 3.12 */
#if SOL >= 312
static int new_table(struct ept *e, u64 *table)
{
	static const u8 zeros[PAGE_SIZE_4K];
	int err;

	if (e->end < PAGE_SIZE_4K || e->next > e->end - PAGE_SIZE_4K)
		return -ENOSPC;
	err = e->pm->write(e->pm, e->next, zeros, sizeof(zeros));
	if (err)
		return err;
	*table = e->next;
	e->next += PAGE_SIZE_4K;
	return 0;
}

static int descend(struct ept *e, u64 address, u64 *table)
{
	u64 entry;
	int err = entry_read(e->pm, address, &entry);

	if (err)
		return err;
	if (entry & EPT_RWX) {
		*table = entry & PTE_ADDR;
		return entry & EPT_LARGE ? -EEXIST : 0;
	}
	err = new_table(e, table);
	return err ? err : entry_write(e->pm, address, *table | EPT_RWX);
}

static bool type_exists(u64 entry)
{
	unsigned type = entry >> 3 & 7;

	return type != 2 && type != 3 && type != 7;
}

/* R, W and X of an entry: could hardware take them? (Execute-only is a feature that we leave out.)
 */
static bool rights_exist(u64 entry)
{
	return (entry & EPT_R) || !(entry & EPT_RWX);
}
#endif

int ept_init(struct ept *e, struct physmem *pm, u64 from, u64 to)
{
	*e = (struct ept){ .pm = pm, .next = from, .end = to, .max_phys = 46 };
	/* TASK 3.12 */
#if SOL >= 312
	return new_table(e, &e->root);
#else
	return TODO("3.12");
#endif
}

u64 ept_pointer(const struct ept *e)
{
	/* TASK 3.12 */
#if SOL >= 312
	return e->root | (u64)e->ad << 6 | (4 - 1) << 3 | 6;
#else
	return (TODO("3.12"), 0);
#endif
}

int ept_map(struct ept *e, u64 gpa, u64 machine, unsigned level, u64 flags)
{
	/* TASK 3.12 */
#if SOL >= 312
	u64 table = e->root, address, entry;
	int err;

	if (level < 1 || level > 3 || (flags & ~(EPT_RWX | EPT_TYPE(7) | EPT_IPAT)) ||
	    !(flags & EPT_R) || !type_exists(flags) || gpa >> 48 || machine >> e->max_phys ||
	    (gpa | machine) % LEVEL_SIZE(level))
		return -EINVAL;
	for (unsigned at = 4; at > level; at--) {
		err = descend(e, table + 8 * LEVEL_INDEX(gpa, at), &table);
		if (err)
			return err;
	}
	address = table + 8 * LEVEL_INDEX(gpa, level);
	err = entry_read(e->pm, address, &entry);
	if (err)
		return err;
	if (entry & EPT_RWX)
		return -EEXIST;
	return entry_write(e->pm, address, machine | flags | (level > 1 ? EPT_LARGE : 0));
#else
	return TODO("3.12");
#endif
}
/* [book:end] */

/* [book:3.12walk] */
/* TASK 3.12 */
#if SOL >= 312
static bool misconfigured(const struct ept *e, unsigned level, u64 entry)
{
	bool leaf = level == 1 || (level < 4 && (entry & EPT_LARGE));
	u64 reserved = PTE_ADDR & ~((1ULL << e->max_phys) - 1);

	if (!leaf)
		reserved |= EPT_TYPE(7) | EPT_IPAT | (level == 4 ? EPT_LARGE : 0);
	else
		reserved |= (LEVEL_SIZE(level) - 1) & PTE_ADDR;
	return !rights_exist(entry) || (entry & reserved) || (leaf && !type_exists(entry));
}

static int violation(u64 access, u64 rights, struct ept_walk *w)
{
	w->qualification = (u32)(access | rights << 3);
	return -EPERM;
}

static int set_accessed_dirty(const struct ept *e, u64 access, const struct ept_walk *w)
{
	int err = 0;

	for (unsigned i = 0; i < w->reads && !err; i++) {
		u64 entry = w->entry[i] | EPT_A;

		if (i == w->reads - 1 && (access & EPT_W))
			entry |= EPT_D;
		if (entry != w->entry[i])
			err = entry_write(e->pm, w->address[i], entry);
	}
	return err;
}
#endif

int ept_walk(const struct ept *e, u64 gpa, u64 access, struct ept_walk *w)
{
	*w = (struct ept_walk){ .gpa = gpa };
	/* TASK 3.12 */
#if SOL >= 312
	u64 table = e->root, rights = EPT_RWX, entry = 0;
	unsigned level = 4;
	int err;

	if (gpa >> 48)
		return violation(access, 0, w);
	for (;; level--) {
		w->address[w->reads] = table + 8 * LEVEL_INDEX(gpa, level);
		err = entry_read(e->pm, w->address[w->reads], &entry);
		if (err)
			return err;
		w->entry[w->reads++] = entry;
		rights &= entry;
		if (!(entry & EPT_RWX))
			return violation(access, 0, w);
		if (misconfigured(e, level, entry))
			return -EINVAL;
		if (level == 1 || (entry & EPT_LARGE))
			break;
		table = entry & PTE_ADDR;
	}
	if (access & ~rights)
		return violation(access, rights, w);
	w->size = LEVEL_SIZE(level);
	w->machine = (entry & PTE_ADDR & ~(w->size - 1)) | (gpa & (w->size - 1));
	return e->ad ? set_accessed_dirty(e, access, w) : 0;
#else
	return TODO("3.12");
#endif
}
/* [book:end] */

/* [book:3.12both] */
/* TASK 3.12 */
#if SOL >= 312
/* Guest-physical memory as the hardware reaches it: every read is a walk of its own. */
struct nested_memory {
	struct physmem pm;
	const struct ept *ept;
	struct walk_2d *w;
};

static int nested_read(struct physmem *pm, u64 addr, void *buf, u64 len)
{
	struct nested_memory *n = container_of(pm, struct nested_memory, pm);
	int err = ept_walk(n->ept, addr, n->ept->ad ? EPT_R | EPT_W : EPT_R, &n->w->ept);

	n->w->references += n->w->ept.reads;
	if (err)
		return err;
	n->w->references++;
	return n->ept->pm->read(n->ept->pm, n->w->ept.machine, buf, len);
}
#endif

int walk_2d(const struct paging *p, const struct ept *e, u64 gva, u32 access, struct walk_2d *w)
{
	*w = (struct walk_2d){ 0 };
	/* TASK 3.12 */
#if SOL >= 312
	struct nested_memory n = { .pm.read = nested_read, .ept = e, .w = w };
	u64 want = access & ACCESS_WRITE ? EPT_W : access & ACCESS_FETCH ? EPT_X : EPT_R;
	int err = walk(p, &n.pm, gva, access & ~(u32)WALK_SET_AD, &w->guest);

	if (err)
		return err;
	err = ept_walk(e, w->guest.gpa, want, &w->ept);
	w->references += w->ept.reads;
	w->machine = w->ept.machine;
	return err;
#else
	return TODO("3.12");
#endif
}
/* [book:end] */
