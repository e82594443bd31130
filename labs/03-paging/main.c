// SPDX-License-Identifier: MIT
/*
 * Lab 03: memory, translated. The vCPU, its run loop and its ports are lab 02's; read build() to
 * see what is put around them: memory with holes, page tables, and whoever translates.
 */
#include <errno.h>
#include <stdio.h>

#include "boot.h"
#include "dirty.h"
#include "endings.h"
#include "exitdev.h"
#include "finish.h"
#include "io.h"
#include "kick.h"
#include "lazy.h"
#include "load.h"
#include "mmu.h"
#include "slots.h"
#include "streams.h"
#include "tell.h"

struct machine {
	struct vm vm;
	struct vcpu vcpu;
	struct mmu mmu;
	struct page_tables tables;
	struct lazy lazy;
	struct recorder rec;
	struct console console;
	struct exitdev exitdev;
};

/* A 64-bit guest starts in lab 02's long mode, and then gets the tables of this lab. */
static int start_cpu(struct machine *m, enum cpu_mode mode, u64 entry)
{
	int err = cpu_mode_set(&m->vcpu, mode, entry);

	if (err)
		return fail_errno("the vCPU's registers", err);
	err = mode == MODE_LONG ? boot_tables(&m->vcpu, &m->mmu.machine.pm, &m->tables) : 0;
	return err ? fail_errno("the page tables", err) : 0;
}

/* [book:build] */
static int build(struct machine *m, const struct options *opt, const struct image *image)
{
	enum cpu_mode mode;
	struct why why;
	u64 entry;
	int err;

	if (image_entry(image, opt->mode, &mode, &entry, &why))
		return fail(opt->image, why.text);
	if ((err = vm_init(&m->vm, opt->kvm)))
		return fail_kvm(opt->kvm, err);
	if ((err = memory_map_init(&m->vm.mem, m->vm.fd, opt->memory)))
		return fail_errno("guest memory", err);
	tell_memory_map(&m->vm.mem, opt);
	if (opt->lazy && (err = lazy_start(&m->lazy, &m->vm.mem)))
		return fail_lazy(err);
	if ((err = image_load(image, mode, &m->vm.mem, &why)))
		return err == -ENOSYS ? 1 : fail(opt->image, why.text);
	if ((err = vcpu_init(&m->vcpu, &m->vm)))
		return fail_errno("the vCPU", err);

	recorder_init(&m->rec, m->vcpu.run, m->vm.kvm_fd);
	m->vcpu.rec = &m->rec;
	endings_init(&m->vcpu);
	io_init(&m->vcpu);
	slots_init(&m->vcpu);
	if ((err = console_init(&m->console, &m->vm.pio)) ||
	    (err = exitdev_init(&m->exitdev, &m->vm.pio, &m->vcpu.status)))
		return fail_errno("the port bus", err);

	if ((err = mmu_init(&m->mmu, &mmu_ept, &m->vcpu)))
		return fail_errno("the MMU", err);
	if (start_cpu(m, mode, entry))
		return 1;
	tell_tables(&m->tables, opt);
	if (opt->dirty_log && (err = dirty_log_start(&m->vm.mem, m->vm.fd)))
		return fail_errno("--dirty-log", err);
	if (opt->timeout_ms &&
	    ((err = kick_init()) || (err = timeout_start(&m->vcpu, opt->timeout_ms))))
		return fail_errno("the time limit", err);
	return 0;
}
/* [book:end] */

static int run(struct machine *m, const struct options *opt)
{
	int status;

	vcpu_watch(&m->vcpu, opt);
	status = finish(&m->vcpu, &m->console, vcpu_run(&m->vcpu), opt);
	lazy_stop(&m->lazy);
	return tell_end(status, &m->mmu, &m->vcpu, &m->lazy, opt);
}

int main(int argc, char **argv)
{
	struct machine m = { .vm = { .kvm_fd = -1, .fd = -1 }, .vcpu.fd = -1 };
	enum options_result result;
	struct image image = { 0 };
	struct options opt;
	struct why why;
	int status;

	streams_init();
	result = options_parse(&opt, argc, argv, 3, &why);
	if (result != OPTIONS_RUN)
		return result == OPTIONS_DONE ? 0 : fail_usage(why.text);
	if (opt.mmu != MMU_EPT)
		return fail_usage("--mmu: only ept is built; shadow paging is part B of this lab, "
				  "and to come");
	if (image_open(&image, opt.image, opt.memory, &why))
		return fail(opt.image, why.text);
	status = build(&m, &opt, &image);
	if (!status)
		status = run(&m, &opt);
	lazy_stop(&m.lazy);
	vcpu_destroy(&m.vcpu);
	vm_destroy(&m.vm);
	image_close(&image);
	return status;
}
