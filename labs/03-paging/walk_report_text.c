// SPDX-License-Identifier: MIT
#include <errno.h>
#include <string.h>

#include "walk_report.h"

const char *const table_name[5] = { "", "PT", "PD", "PDPT", "PML4" };

const char *page_size_name(u64 size)
{
	return size == GiB(1) ? "1 GiB" : size == MiB(2) ? "2 MiB" : "4 KiB";
}

static void add_flag(const char *name, char *buf, size_t size)
{
	if (buf[0])
		strncat(buf, " ", size - strlen(buf) - 1);
	strncat(buf, name, size - strlen(buf) - 1);
}

char *entry_flags(u64 entry, unsigned level, char *buf, size_t size)
{
	static const struct {
		u64 bit;
		const char *name;
		bool leaf_only;
	} flags[] = {
		{ PTE_P, "P", false },	   { PTE_RW, "RW", false },   { PTE_US, "US", false },
		{ PTE_PWT, "PWT", false }, { PTE_PCD, "PCD", false }, { PTE_A, "A", false },
		{ PTE_D, "D", true },	   { PTE_PS, "PS", false },   { PTE_G, "G", true },
		{ PTE_NX, "NX", false },
	};
	bool leaf = level == 1 || (entry & PTE_PS);

	buf[0] = 0;
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		if (!(entry & flags[i].bit) || (flags[i].leaf_only && !leaf))
			continue;
		/* in a page table, where a page cannot be large, bit 7 has another meaning */
		add_flag(level == 1 && flags[i].bit == PTE_PS ? "PAT" : flags[i].name, buf, size);
	}
	return buf;
}

static void print_entry(const struct walk_report *r, unsigned i, FILE *out)
{
	const struct walk *w = &r->walk;
	unsigned level = 4 - i;
	u64 entry = w->entry[i];
	bool leaf = level == 1 || (entry & PTE_PS);
	char flags[48];

	fprintf(out, "  %-4s[%3u] at 0x%-9llx %016llx  ", table_name[level],
		LEVEL_INDEX(r->walk.gva, level), (unsigned long long)w->address[i],
		(unsigned long long)entry);
	if (!(entry & PTE_P))
		fprintf(out, "not present\n");
	else
		fprintf(out, "%s -> %s 0x%llx\n", entry_flags(entry, level, flags, sizeof(flags)),
			leaf ? "page" : table_name[level - 1],
			(unsigned long long)(entry & PTE_ADDR &
					     (leaf ? ~(LEVEL_SIZE(level) - 1) : ~0ULL)));
}

static void print_end(const struct walk_report *r, FILE *out)
{
	u32 error = r->walk.error;

	if (r->walk_err == -ERANGE)
		fprintf(out,
			"  not canonical   bits 63:48 must repeat bit 47: a CPU does not walk\n");
	else if (r->walk_err == -EACCES)
		fprintf(out, "  page fault      error code 0x%x: %s\n", error,
			!(error & PF_P)	    ? "not present"
			: (error & PF_RSVD) ? "a reserved bit is set"
					    : "not permitted");
	else
		fprintf(out, "  stopped         the next table cannot be read: %s\n",
			strerror(-r->walk_err));
}

static void print_host(const struct walk_report *r, FILE *out)
{
	fprintf(out, "  machine         0x%llx\n", (unsigned long long)r->machine);
	if (!r->hva) {
		fprintf(out, "  host-virtual    none: no RAM is there\n");
		return;
	}
	fprintf(out, "  host-virtual    %p, in memory slot %u\n", (const void *)r->hva, r->slot);
	if (r->host_frame)
		fprintf(out, "  host frame      0x%llx\n", (unsigned long long)r->host_frame);
	else
		fprintf(out, "  host frame      shown to root only, and only of a touched page\n");
}

void walk_report_text(const struct walk_report *r, FILE *out)
{
	const struct walk *w = &r->walk;

	if (r->walk_err == -ENOSYS)
		return; /* the task has said so */
	fprintf(out, "walk of 0x%llx, from CR3 0x%llx\n", (unsigned long long)r->walk.gva,
		(unsigned long long)r->paging.cr3);
	for (unsigned i = 0; i < w->reads; i++)
		print_entry(r, i, out);
	if (r->walk_err) {
		print_end(r, out);
		return;
	}
	fprintf(out, "  guest-physical  0x%llx, in a page of %s: %s, %s, %s\n",
		(unsigned long long)w->gpa, page_size_name(w->size),
		w->writable ? "writable" : "read-only", w->user ? "user" : "supervisor",
		w->executable ? "executable" : "not executable");
	if (!r->machine_err)
		print_host(r, out);
	if (r->nested_err && r->nested_err != -ENOSYS && r->nested_err != -ENODATA)
		fprintf(out, "  by hardware     the walk over the EPT failed: %s\n",
			strerror(-r->nested_err));
	if (!r->nested_err)
		fprintf(out,
			"  by hardware     %u references: %u guest entries x (4 of the EPT + 1) + "
			"4\n",
			r->nested.references, w->reads);
}
