// SPDX-License-Identifier: MIT
/*
 * Lab 03: memory, translated. The vCPU, its run loop and its ports are lab 02's; read build() to
 * see what is put around them: memory with holes, page tables, and whoever translates. The way of
 * one shadow page fault is told in shadow.h.
 */
#include <errno.h>

#include "begin.h"
#include "console.h"
#include "dirty.h"
#include "dead_ends.h"
#include "exitdev.h"
#include "summary.h"
#include "io.h"
#include "kick.h"
#include "lazy.h"
#include "live.h"
#include "shadow.h"
#include "slots.h"
#include "summary_memory.h"

struct machine {
	struct recorder rec;
	struct vm vm;
	struct vcpu vcpu;
	struct mmu mmu;
	struct lazy lazy;
	struct sink sink;
	struct console console;
	struct exitdev exitdev;
};

static const struct mmu_ops *const kinds[] = {
	[MMU_EPT] = &mmu_ept,
	[MMU_SHADOW] = &mmu_shadow,
	[MMU_SHADOW_CACHED] = &mmu_shadow_cached,
};

/* [book:build] */
static int build(struct machine *m, const struct options *opt, const struct image *image)
{
	struct why why;
	int err;

	if ((err = vm_init(&m->vm, opt->kvm)))
		return fail_kvm(opt->kvm, err);
	if ((err = vcpu_init(&m->vcpu, &m->vm, 0)))
		return fail_errno("the vCPU", err);
	if ((err = mmu_init(&m->mmu, kinds[opt->mmu], &m->vcpu, opt->memory)))
		return fail_errno("guest memory", err);
	verbose_memory_map(&m->vm.mem, opt);
	if (opt->lazy && (err = lazy_start(&m->lazy, &m->vm.mem)))
		return fail_lazy(err);
	if ((err = m->mmu.ops->load(&m->mmu, &m->vcpu, image, image->mode, &why)))
		return err == -ENOSYS ? 1 : fail(opt->image, why.text);

	recorder_init(&m->rec, m->vcpu.run, m->vm.kvm_fd);
	m->vcpu.rec = &m->rec;
	dead_ends_init(&m->vcpu);
	io_init(&m->vcpu);
	slots_init(&m->vcpu);
	sink_init(&m->sink, &m->vm.run);
	if ((err = console_init(&m->console, &m->vm.pio, &m->sink)) ||
	    (err = exitdev_init(&m->exitdev, &m->vm.pio, &m->vm.run)))
		return fail_errno("the port bus", err);

	if ((err = m->mmu.ops->start(&m->mmu, &m->vcpu, image->mode, image->start)))
		return fail_errno("the vCPU's registers", err);
	verbose_tables(&m->mmu.tables, opt);
	if (opt->dirty_log && (err = dirty_log_start(&m->vm.mem, m->vm.fd)))
		return fail_errno("--dirty-log", err);
	if (opt->timeout_ms &&
	    ((err = kick_init()) || (err = timeout_start(&m->vcpu, opt->timeout_ms))))
		return fail_errno("the time limit", err);
	return 0;
}
/* [book:end] */

int main(int argc, char **argv)
{
	struct machine m = { .vm = { .kvm_fd = -1, .fd = -1 }, .vcpu.fd = -1 };
	struct options opt;
	struct image image;
	int status;

	if (!begin(&opt, &image, argc, argv, 3, LOW_END_GPA, HIGH_GPA, &status))
		return status;
	status = build(&m, &opt, &image);
	if (!status) {
		vcpu_watch(&m.vcpu, &opt);
		status = live_start(&opt, NULL);
	}
	if (!status) {
		run_end(&m.vm.run, vcpu_run(&m.vcpu), 0, NULL);
		status = sum_up(&m.vcpu, &m.sink, &opt);
		lazy_stop(&m.lazy);
		status = sum_up_memory(status, &m.mmu, &m.vcpu, &m.lazy, &opt);
	}
	lazy_stop(&m.lazy);
	mmu_destroy(&m.mmu);
	vcpu_destroy(&m.vcpu);
	vm_destroy(&m.vm);
	image_close(&image);
	return status;
}
