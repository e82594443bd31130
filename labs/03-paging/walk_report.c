// SPDX-License-Identifier: MIT
#include "walk_report.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* The EPT that we make for the comparison lies where the guest has no memory. */
#define EPT_TABLES_AT	 (1ULL << 40)
#define EPT_TABLES_PAGES 32

/* /proc/self/pagemap (proc(5)): 8 bytes a page; bits 54:0 are the frame, 0 for ordinary users. */
static u64 host_frame(int pagemap, const u8 *hva)
{
	u64 entry = 0;

	if (pread(pagemap, &entry, sizeof(entry), (uintptr_t)hva / 4096 * 8) != sizeof(entry))
		return 0;
	return entry >> 63 ? entry & ((1ULL << 55) - 1) : 0;
}

static void find_host(struct walk_report *r, const struct mem *mem, int pagemap)
{
	u64 len = 1;

	r->hva = mem_span(mem, r->machine, &len);
	for (unsigned i = 0; r->hva && i < mem->nslots; i++) {
		if (r->machine - mem->slot[i].gpa < mem->slot[i].size)
			r->slot = i;
	}
	if (r->hva)
		r->host_frame = host_frame(pagemap, r->hva);
}

/* An EPT of 4 KiB pages for just the frames that this walk touches: what KVM would have built. */
static int make_ept(struct ept *e, struct machine_memory *m, const struct walk_report *r)
{
	const struct walk *w = &r->walk;
	int err =
		ept_init(e, &m->pm, EPT_TABLES_AT, EPT_TABLES_AT + EPT_TABLES_PAGES * PAGE_SIZE_4K);

	for (unsigned i = 0; i <= w->reads && !err; i++) {
		u64 page = (i < w->reads ? w->address[i] : w->gpa) & ~(PAGE_SIZE_4K - 1);

		err = ept_map(e, page, page, 1, EPT_RWX | EPT_TYPE_WB);
		if (err == -EEXIST)
			err = 0;
	}
	return err;
}

static int walk_nested(struct walk_report *r, const struct mem *mem)
{
	struct mem both = *mem;
	struct machine_memory m;
	struct ept e;
	u8 *tables;
	int err;

	if (both.nslots == MEM_SLOTS_MAX)
		return -ENOSPC;
	tables = calloc(EPT_TABLES_PAGES, PAGE_SIZE_4K);
	if (!tables)
		return -ENOMEM;
	both.slot[both.nslots++] = (struct memslot){ .gpa = EPT_TABLES_AT,
						     .size = EPT_TABLES_PAGES * PAGE_SIZE_4K,
						     .hva = tables };
	machine_memory_init(&m, &both);
	err = make_ept(&e, &m, r);
	if (!err)
		err = walk_2d(&r->paging, &e, r->walk.gva, 0, &r->nested);
	free(tables);
	return err;
}

int walk_report_make(struct walk_report *r, struct mmu *mmu, struct vcpu *vcpu,
		     const struct walk_option *wanted)
{
	struct physmem *pm = mmu->guest.frame ? &mmu->guest.pm : &mmu->machine.pm;
	u64 gva = wanted->gva, len = 1;
	int err;

	*r = (struct walk_report){ .machine_err = -ENODATA, .nested_err = -ENODATA };
	err = mmu->ops->paging(mmu, vcpu, &r->paging);
	if (err)
		return err;
	r->walk_err = walk(&r->paging, pm, gva, 0, &r->walk);
	if (r->walk_err)
		return 0;
	r->machine_err = gmem_machine(&mmu->guest, r->walk.gpa, &r->machine, &len);
	if (!r->machine_err)
		find_host(r, &vcpu->vm->mem, wanted->pagemap);
	/* Under shadow paging no hardware walks the guest's tables; and a hole is in no EPT. */
	if (!mmu->guest.frame && r->hva)
		r->nested_err = walk_nested(r, &vcpu->vm->mem);
	return 0;
}
