// SPDX-License-Identifier: MIT
/*
 * Lab 06: boot Linux. The machine is lab 05's; what a kernel is told, and by which door it is
 * entered, is in linux.c. Read build(), then follow a kernel from there.
 */
#include <errno.h>
#include <stdio.h>

#include "begin.h"
#include "confine.h"
#include "devices.h"
#include "acpi.h"
#include "cpu_level.h"
#include "high.h"
#include "layout.h"
#include "legacy.h"
#include "linux.h"
#include "linux_cpuid.h"
#include "msrs.h"
#include "summary.h"
#include "machine.h"
#include "slots.h"

/* What a kernel asks the CPU for, and looks for in memory. */
static int build_tables(struct machine *m, struct handover *h, const struct options *opt)
{
	bool apic = opt->irqchip == IRQCHIP_KERNEL;
	int err = linux_cpuid(&m->cpu[0].vcpu, apic);

	if (err)
		return fail_errno("the vCPU's CPUID and registers", err);
	if (opt->cpu_level != CPU_ALL && cpu_level(&m->cpu[0].vcpu, opt->cpu_level))
		return 1;
	/* (Without an APIC there would have to be the timer and the interrupt of old ACPI.) */
	if (apic && !opt->acpi_off)
		err = acpi_write(&m->vm.mem, m->ncpus, h->vga, &h->rsdp);
	return !err ? 0 : err == -ENOSYS ? 1 : fail_errno("what a kernel looks for", err);
}

/* Stretch: what most runs do without. */
static int build_more(struct machine *m, struct legacy *l, const struct options *opt)
{
	int err = 0;

	if (opt->memory_above && (err = high_init(&m->vm.mem, m->vm.fd, opt->memory_above)))
		return fail_errno("memory above 4 GiB", err);
	if (opt->msrs.count && (err = msrs_init(&l->msrs, &m->cpu[0].vcpu, &opt->msrs)))
		return fail_errno("--msr", err);
	return 0;
}

/* [book:build] */
/* The virtio devices, and who takes what is typed: a virtio console, if there is one. */
static int build(struct machine *m, struct devices *d, struct legacy *l, const struct options *opt,
		 const struct image *image, struct handover *h)
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
		status = build_more(m, l, opt);
	if (!status)
		status = devices_init(d, &wiring, opt);
	if (!status)
		status = legacy_init(l, m, linux_is_kernel(image));
	if (!status)
		status = build_tables(m, h, opt);
	if (status)
		return status;
	input_connect(&m->input, d->line ? d->line : &m->uart.line);
	return linux_load(m, opt, image, h);
}
/* [book:end] */

/* What the command line says for a kernel. */
static int prepare(struct handover *h, const struct options *opt)
{
	struct why why;

	ranges_of(&h->ranges, opt->memory);
	if (opt->memory_above)
		high_range(&h->ranges, opt->memory_above);
	h->vga = opt->vga != VGA_NONE;
	if (opt->append)
		h->cmdline = opt->append;
	return initrd_open(&h->initrd, opt->initrd, &why) ? fail(opt->initrd, why.text) : 0;
}

int main(int argc, char **argv)
{
	struct machine m = { .vm = { .kvm_fd = -1, .fd = -1 } };
	struct devices devices = { .ncards = 0 };
	struct handover h = { .cmdline = "" };
	struct legacy legacy = { .rtc.index = 0 };
	struct options opt;
	struct image image;
	struct why why;
	unsigned parts;
	int status;

	if (!begin(&opt, &image, argc, argv, LINUX_LAB, LOW_END_GPA, HIGH_GPA, &status))
		return status;
	status = prepare(&h, &opt);
	if (!status)
		status = devices_prepare(&devices,
					 &opt); /* it starts processes: they inherit no KVM */
	if (!status)
		status = build(&m, &devices, &legacy, &opt, &image, &h);
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
		devices_stop(&devices);
		loop_stop(&m.loop); /* from now on nobody writes to the guest's memory */
		legacy_end(&legacy, &m);
		status = machine_sum_up(&m, &opt);
		devices_explain_exit(&devices, &m.vm.run);
		if (opt.stats)
			devices_print_stats(&devices, stderr);
	}
	devices_stop(&devices);
	loop_stop(&m.loop); /* none may use them any more */
	devices_destroy(&devices);
	legacy_destroy(&legacy);
	machine_destroy(&m);
	initrd_close(&h.initrd);
	image_close(&image);
	return status;
}
