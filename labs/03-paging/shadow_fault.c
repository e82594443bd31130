// SPDX-License-Identifier: MIT
#include <errno.h>
#include <string.h>

#include "shadow_cache.h"
#include "todo.h"
#include "x86.h"

void shadow_paging(const struct shadow *s, struct paging *p)
{
	*p = s->features;
	p->cr3 = s->cpu.cr3;
	p->wp = s->cpu.cr0 & CR0_WP;
	p->nxe = s->cpu.efer & EFER_NXE;
	p->smep = s->cpu.cr4 & CR4_SMEP;
	p->smap = s->cpu.cr4 & CR4_SMAP;
	p->ac = s->trap && (s->trap->rflags & RFLAGS_AC);
}

u64 shadow_machine_page(const struct shadow *s, u64 gpa)
{
	u64 machine, len = 1;

	if (gmem_machine(&s->mmu->guest, gpa, &machine, &len))
		machine = HOLE_MACHINE + (gpa & (HOLE_MACHINE - 1));
	return machine & ~(PAGE_SIZE_4K - 1);
}

void shadow_flush(struct shadow *s)
{
	if (s->cache)
		cache_drop_all(s);
	else
		shadow_drop_all(s);
}

enum verdict shadow_load_cr3(struct shadow *s, u64 cr3)
{
	s->cpu.cr3 = cr3;
	if (s->cache)
		return cache_switch(s) ? V_ERROR : V_RESUME;
	shadow_drop_all(s);
	return V_RESUME;
}

static int install(struct shadow *s, u64 gva, u64 entry, const struct walk *w)
{
	int err = s->cache ? cache_fill(s, w, s->trap->error & PF_W, &entry) : 0;

	if (!err)
		err = shadow_map(s, gva, entry, w->size);
	if (!err && s->cache)
		cache_note(s, gva, w);
	return err;
}

/* If the pages for tables are used up, begin again with empty ones. */
enum verdict shadow_install(struct shadow *s, u64 gva, u64 entry, const struct walk *w)
{
	int err = install(s, gva, entry, w);

	if (err == -ENOSPC) {
		shadow_flush(s);
		err = install(s, gva, entry, w);
	}
	s->stat.pf_fixed++;
	if (err == -EPERM)
		return shadow_dead(s,
				   "it uses 0x%llx, in the part of the address space that the VMM "
				   "needs for itself (address-space compression)",
				   (unsigned long long)gva);
	return err ? V_ERROR : V_RESUME;
}

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
	s->failed_at = gva;
	return shadow_copy_failed(s, err, &w);
#else
	return (TODO("3.5"), V_ERROR);
#endif
}

u32 shadow_walk_flags(void)
{
	/* TASK 3.8 */
#if SOL >= 308
	return WALK_SET_AD;
#else
	return 0;
#endif
}
/* [book:end] */

/* Within one page. Where there is no memory, nobody answers: all ones; and ROM takes nothing. */
static void copy_piece(struct shadow *s, u64 gpa, void *buf, u64 len, bool write)
{
	if (!write && gmem_read(&s->mmu->guest, gpa, buf, len))
		memset(buf, 0xff, len);
	if (write && mem_is_ram(&s->vcpu->vm->mem, shadow_machine_page(s, gpa), len, true)) {
		gmem_write(&s->mmu->guest, gpa, buf, len);
		if (s->cache)
			cache_written(s, gpa);
	}
}

int shadow_copy(struct shadow *s, u64 gva, void *buf, u64 len, u32 access, struct walk *w)
{
	struct paging p;

	shadow_paging(s, &p);
	for (u64 done = 0, n; done < len; done += n) {
		int err = walk(&p, &s->mmu->guest.pm, gva + done, access | shadow_walk_flags(), w);

		if (err) {
			s->failed_at = gva + done;
			return err;
		}
		n = min_u64(len - done, PAGE_SIZE_4K - (gva + done) % PAGE_SIZE_4K);
		if (buf)
			copy_piece(s, w->gpa, (u8 *)buf + done, n, access & ACCESS_WRITE);
	}
	return 0;
}

enum verdict shadow_copy_failed(struct shadow *s, int err, const struct walk *w)
{
	if (err == -EACCES)
		return shadow_reflect_page_fault(s, s->failed_at, w->error);
	if (err == -ERANGE) /* no address */
		return shadow_reflect(s, VECTOR_GP, true, 0);
	return shadow_dead(s, "its page tables lead outside its memory: 0x%llx, from CR3 0x%llx",
			   (unsigned long long)s->failed_at, (unsigned long long)s->cpu.cr3);
}
