// SPDX-License-Identifier: MIT
/*
 * Lab 05: virtio. The machine is lab 04's (machine.c there), and what is new is in build(). Read
 * it, then follow one request: from the driver's notification, a write to QueueNotify in
 * virtio_mmio.c, by way of virtio_serve() and virtio_notify() to a device (rng.c is the smallest),
 * and back by virtio_push() and virtio_interrupt(). What a budget leaves over, async.c serves.
 */
#include <stdio.h>

#include "begin.h"
#include "confine.h"
#include "devices.h"
#include "summary.h"
#include "machine.h"
#include "slots.h"

/* [book:build] */
/* The virtio devices, and who takes what is typed: a virtio console, if there is one. */
static int build(struct machine *m, struct devices *d, const struct options *opt,
		 const struct image *image)
{
	int status = machine_build(m, opt);
	const struct wiring wiring = {
		.vm = &m->vm,
		.loop = &m->loop,
		.chip = m->chip,
		.async = opt->notify == DOORBELL_EVENTFD,
		.verbose = opt->verbose,
		.sink = &m->sink,
		.resize = &d->resize,
	};

	if (!status)
		status = devices_init(d, &wiring, opt);
	if (status)
		return status;
	input_connect(&m->input, d->line ? d->line : &m->uart.line);
	return machine_load(m, opt, image);
}
/* [book:end] */

int main(int argc, char **argv)
{
	struct machine m = { .vm = { .kvm_fd = -1, .fd = -1 } };
	struct devices devices = { .ncards = 0 };
	struct options opt;
	struct image image;
	struct why why;
	unsigned parts;
	int status;

	if (!begin(&opt, &image, argc, argv, 5, LOW_END_GPA, HIGH_GPA, &status))
		return status;
	status = devices_prepare(&devices, &opt); /* it starts processes: they inherit no KVM */
	if (!status)
		status = build(&m, &devices, &opt, &image);
	parts = CONFINE_VMM | devices_parts(&devices);
	if (!status && confine_process(&opt, parts, &why))
		status = fail("the sandbox", why.text);
	if (!status)
		status = devices_start(&devices, &m.vm.lock);
	if (!status)
		status = machine_start(&m, &opt);
	if (!status && confine_calls(&opt, parts, &why))
		status = fail("the sandbox", why.text);
	if (!status) {
		run_end(&m.vm.run, vcpu_run(&m.cpu[0].vcpu), 0, NULL);
		devices_stop(&devices); /* their threads; the I/O thread ends in what follows */
		status = machine_sum_up(&m, &opt);
		devices_explain_exit(&devices, &m.vm.run);
		if (opt.stats)
			devices_print_stats(&devices, stderr);
	}
	devices_stop(&devices);
	loop_stop(&m.loop); /* none may use them any more */
	devices_destroy(&devices);
	machine_destroy(&m);
	image_close(&image);
	return status;
}
