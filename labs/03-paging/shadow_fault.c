// SPDX-License-Identifier: MIT
#include <errno.h>

#include "shadow.h"
#include "todo.h"

/* [book:3.5] */
bool shadow_writable(const struct paging *p, const struct walk *w, u32 access)
{
	/* TASK 3.8 */
#if SOL >= 308
	/* Until the page is dirty in the guest's own entry, its first write is to tell us of it. */
	if (!(access & ACCESS_WRITE) && !(w->entry[w->reads - 1] & PTE_D))
		return false;
#endif
	return w->writable || !p->wp;
}

u64 shadow_entry(const struct shadow *s, const struct paging *p, const struct walk *w, u32 access)
{
	/* TASK 3.5 */
#if SOL >= 305
	u64 entry = shadow_machine_page(s, w->gpa) | PTE_P | PTE_US;

	if (shadow_writable(p, w, access))
		entry |= PTE_RW;
	if (!w->executable || (p->smep && w->user))
		entry |= PTE_NX;
	return entry;
#else
	return (TODO("3.5"), 0);
#endif
}

enum verdict shadow_page_fault(struct shadow *s)
{
	/* TASK 3.5 */
#if SOL >= 305
	const u64 gva = s->trap->cr2;
	u32 access = (s->trap->error & PF_W ? ACCESS_WRITE : 0) |
		     (s->trap->error & PF_I ? ACCESS_FETCH : 0);
	struct paging p;
	struct walk w;
	int err;

	shadow_paging(s, &p);
	err = walk(&p, &s->mmu->guest.pm, gva, access | shadow_walk_flags(), &w);
	if (!err)
		return shadow_install(s, gva, shadow_entry(s, &p, &w, access), &w);
	if (err == -EACCES)
		return shadow_reflect_page_fault(s, gva, w.error);
	return shadow_copy_failed(s, err, &w);
#else
	return (TODO("3.5"), V_ERROR);
#endif
}
/* [book:end] */
