// SPDX-License-Identifier: MIT
#include "walk.h"

#include <errno.h>

#include "todo.h"

/* [book:3.2] */
/* TASK 3.2 */
#if SOL >= 302
/* Bits that must be 0 in a present entry of this level: SDM 3A, 4.5.4. */
static u64 reserved_bits(const struct paging *p, unsigned level, u64 entry)
{
	u64 bits = PTE_ADDR & ~((1ULL << p->max_phys) - 1);

	if (!p->nxe)
		bits |= PTE_NX;
	if (level == 4 || (level == 3 && !p->page_1g))
		bits |= PTE_PS;
	else if (level > 1 && (entry & PTE_PS))
		bits |= (LEVEL_SIZE(level) - 1) & PTE_ADDR & ~(1ULL << 12);
	return bits;
}

/* 4.6: may it be, by all entries together? */
static bool allowed(const struct paging *p, u32 access, const struct walk *w)
{
	if ((access & ACCESS_FETCH) && !w->executable)
		return false;
	if (access & ACCESS_USER)
		return w->user && (w->writable || !(access & ACCESS_WRITE));
	if ((access & ACCESS_WRITE) && p->wp && !w->writable)
		return false;
	if (access & ACCESS_FETCH)
		return !(p->smep && w->user);
	return !(p->smap && !p->ac && w->user);
}

static int fault(const struct paging *p, u32 access, u32 why, struct walk *w)
{
	w->error = why;
	if (access & ACCESS_WRITE)
		w->error |= PF_W;
	if (access & ACCESS_USER)
		w->error |= PF_U;
	if ((access & ACCESS_FETCH) && (p->nxe || p->smep))
		w->error |= PF_I;
	return -EACCES;
}

static int set_accessed_dirty(struct physmem *pm, u32 access, const struct walk *w)
{
	int err = 0;

	for (unsigned i = 0; i < w->reads && !err; i++) {
		u64 entry = w->entry[i] | PTE_A;

		if (i == w->reads - 1 && (access & ACCESS_WRITE))
			entry |= PTE_D;
		if (entry != w->entry[i])
			err = entry_write(pm, w->address[i], entry);
	}
	return err;
}

/* Read one entry. 0: go on below; 1: it is the leaf; or the walk's end. */
static int step(const struct paging *p, struct physmem *pm, u64 table, u64 gva, unsigned level,
		u32 access, struct walk *w)
{
	u64 address = table + 8 * LEVEL_INDEX(gva, level), entry;
	int err = entry_read(pm, address, &entry);

	if (err)
		return err;
	w->address[w->reads] = address;
	w->entry[w->reads++] = entry;
	if (!(entry & PTE_P))
		return fault(p, access, 0, w);
	if (entry & reserved_bits(p, level, entry))
		return fault(p, access, PF_P | PF_RSVD, w);
	w->writable &= !!(entry & PTE_RW);
	w->user &= !!(entry & PTE_US);
	w->executable &= !(entry & PTE_NX);
	return level == 1 || (entry & PTE_PS);
}
#endif

int walk(const struct paging *p, struct physmem *pm, u64 gva, u32 access, struct walk *w)
{
	*w = (struct walk){
		.gva = gva, .access = access, .writable = true, .user = true, .executable = true
	};
	/* TASK 3.2 */
#if SOL >= 302
	u64 table = p->cr3 & PTE_ADDR;
	unsigned level;
	int ret = 0;

	if (!is_canonical(gva))
		return -ERANGE;
	for (level = 4; level >= 1; level--) {
		ret = step(p, pm, table, gva, level, access, w);
		if (ret)
			break;
		table = w->entry[w->reads - 1] & PTE_ADDR;
	}
	if (ret < 0)
		return ret;
	if (!allowed(p, access, w))
		return fault(p, access, PF_P, w);
	w->size = LEVEL_SIZE(level);
	w->gpa = (w->entry[w->reads - 1] & PTE_ADDR & ~(w->size - 1)) | (gva & (w->size - 1));
	return access & WALK_SET_AD ? set_accessed_dirty(pm, access, w) : 0;
#else
	return TODO("3.2");
#endif
}
/* [book:end] */
