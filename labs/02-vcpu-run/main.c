// SPDX-License-Identifier: MIT
/*
 * Lab 02: a virtual CPU that runs. Read main(), then build() from top to bottom; then follow
 * vcpu_run() into vcpu.c, where each exit begins its way to a device and back.
 */
#include <errno.h>

#include "begin.h"
#include "console.h"
#include "cpu_mode.h"
#include "dead_ends.h"
#include "exitdev.h"
#include "summary.h"
#include "io.h"
#include "kick.h"
#include "live.h"
#include "load.h"

struct machine {
	struct recorder rec;
	struct vm vm;
	struct vcpu vcpu;
	struct sink sink;
	struct console console;
	struct exitdev exitdev;
};

/* [book:build] */
static int build(struct machine *m, const struct options *opt, const struct image *image)
{
	struct why why;
	int err;

	if ((err = vm_init(&m->vm, opt->kvm)))
		return fail_kvm(opt->kvm, err);
	verbose_vm(&m->vm, opt);
	if ((err = mem_add(&m->vm.mem, m->vm.fd, 0, opt->memory)))
		return fail_errno("guest memory", err);
	if ((err = image_load(image, image->mode, &m->vm.mem, &why)))
		return err == -ENOSYS ? 1 : fail(opt->image, why.text);
	verbose_memory(&m->vm, image, opt);
	if ((err = vcpu_init(&m->vcpu, &m->vm, 0)))
		return fail_errno("the vCPU", err);
	verbose_vcpu(&m->vcpu, opt);

	recorder_init(&m->rec, m->vcpu.run, m->vm.kvm_fd);
	m->vcpu.rec = &m->rec;
	dead_ends_init(&m->vcpu);
	io_init(&m->vcpu);
	sink_init(&m->sink, &m->vm.run);
	if ((err = console_init(&m->console, &m->vm.pio, &m->sink)) ||
	    (err = exitdev_init(&m->exitdev, &m->vm.pio, &m->vm.run)))
		return fail_errno("the port bus", err);

	if ((err = cpu_mode_set(&m->vcpu, image->mode, image->start)))
		return fail_errno("the vCPU's registers", err);
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

	if (!begin(&opt, &image, argc, argv, 2, 0, 0, &status))
		return status;
	status = build(&m, &opt, &image);
	if (!status) {
		vcpu_watch(&m.vcpu, &opt);
		status = live_start(&opt, NULL);
	}
	if (!status) {
		run_end(&m.vm.run, vcpu_run(&m.vcpu), 0, NULL);
		status = sum_up(&m.vcpu, &m.sink, &opt);
	}
	vcpu_destroy(&m.vcpu);
	vm_destroy(&m.vm);
	image_close(&image);
	return status;
}
