// SPDX-License-Identifier: MIT
#include "summary_memory.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "dirty.h"
#include "obituary.h"
#include "shadow.h"
#include "walk_report.h"

void verbose_memory_map(const struct mem *mem, const struct options *opt)
{
	for (unsigned i = 0; opt->verbose && i < mem->nslots; i++)
		fprintf(stderr, "vmm: 3.10 slot %u: 0x%llx to 0x%llx, %s\n", mem->slot[i].id,
			(unsigned long long)mem->slot[i].gpa,
			(unsigned long long)(mem->slot[i].gpa + mem->slot[i].size - 1),
			mem->slot[i].readonly ? "read-only" : "RAM");
}

void verbose_tables(const struct page_tables *t, const struct options *opt)
{
	if (opt->verbose && t->pm)
		fprintf(stderr, "vmm: 3.1 page tables: %llu pages from 0x%llx on\n",
			(unsigned long long)((t->next - t->root) / PAGE_SIZE_4K),
			(unsigned long long)t->root);
}

int fail_lazy(int err)
{
	if (err == -EPERM)
		return fail("--lazy", "userfaultfd needs root, for faults of the kernel's: "
				      "ENGINE=svm, or sudo");
	return fail_errno("--lazy", err);
}

static bool died_by_shutdown(const struct vcpu *vcpu)
{
	const struct exit_record *last = recorder_last(vcpu->rec, 0);

	return last && last->kind == EXIT_SHUTDOWN;
}

static int show_walk(struct mmu *mmu, struct vcpu *vcpu, const struct options *opt)
{
	struct walk_report r;
	int err = walk_report_make(&r, mmu, vcpu, &opt->walk);
	bool undone;

	if (err == -EOPNOTSUPP && died_by_shutdown(vcpu))
		return fail("--walk", "the triple fault reset the CPU (as on AMD), so nothing says "
				      "any more where the guest's tables are");
	if (err == -EOPNOTSUPP)
		return fail("--walk",
			    "the guest is not in 64-bit mode: there are no 4-level tables");
	if (err)
		return fail_errno("--walk", err);
	walk_report_text(&r, stderr);
	/* A task that is not done has said so. */
	undone = r.walk_err == -ENOSYS || r.machine_err == -ENOSYS || r.nested_err == -ENOSYS;
	if (!opt->walk_svg.file || r.walk_err == -ENOSYS)
		return undone;
	walk_report_svg(&r, opt->walk_svg.file);
	return output_done(&opt->walk_svg) || undone;
}

struct dirty_pages {
	u64 count;
	char text[2000]; /* as many as fit */
};

static void add_page(void *ctx, u64 gpa)
{
	struct dirty_pages *d = ctx;
	size_t used = strlen(d->text);

	d->count++;
	if (used < sizeof(d->text) - 24)
		snprintf(d->text + used, sizeof(d->text) - used, " 0x%llx",
			 (unsigned long long)gpa);
	else if (strcmp(d->text + used - 4, " ...") != 0)
		strcat(d->text, " ...");
}

static int show_dirty(const struct vcpu *vcpu)
{
	const struct mem *mem = &vcpu->vm->mem;
	int err = 0;

	for (unsigned i = 0; i < mem->nslots && !err; i++) {
		struct dirty_pages d = { 0 };

		if (mem->slot[i].readonly)
			continue;
		err = dirty_log_read(&mem->slot[i], vcpu->vm->fd, add_page, &d);
		if (!err)
			fprintf(stderr, "dirty pages in slot %u: %llu:%s\n", mem->slot[i].id,
				(unsigned long long)d.count, d.text);
	}
	return err ? fail_errno("--dirty-log", err) : 0;
}

/* --verbose: the first trap; --stats: what KVM would have counted. */
static void show_shadow(const struct shadow *s, const struct options *opt)
{
	char text[100];

	if (opt->verbose && s->stat.traps)
		fprintf(stderr, "vmm: 3.4 the first trap: %s\n",
			trap_text(&s->first, text, sizeof(text)));
	if (opt->stats)
		fprintf(stderr,
			"shadow paging: %llu traps, pf_fixed %llu, pf_guest %llu, invlpg %llu, "
			"tlb_flush %llu\n",
			(unsigned long long)s->stat.traps, (unsigned long long)s->stat.pf_fixed,
			(unsigned long long)s->stat.pf_guest, (unsigned long long)s->stat.invlpg,
			(unsigned long long)s->stat.tlb_flush);
}

int sum_up_memory(int status, struct mmu *mmu, struct vcpu *vcpu, const struct lazy *lazy,
		  const struct options *opt)
{
	int bad = 0;

	if (mmu->shadow)
		show_shadow(mmu->shadow, opt);
	if (opt->walk.wanted)
		bad |= show_walk(mmu, vcpu, opt);
	if (opt->dirty_log)
		bad |= show_dirty(vcpu);
	if (opt->lazy && lazy->err)
		bad |= fail_errno("--lazy", lazy->err);
	else if (opt->lazy)
		fprintf(stderr, "lazy memory: %llu pages were given when they were touched\n",
			(unsigned long long)lazy->filled);
	return status ? status : bad;
}
