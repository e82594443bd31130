// SPDX-License-Identifier: MIT
/*
 * Lab 04: ports, MMIO and interrupts. Read main(), then build_vm() and build_devices() in
 * machine.c to see what the machine is made of; then follow an interrupt, from a device's irq_set()
 * to inject.c.
 */
#include "begin.h"
#include "summary.h"
#include "machine.h"
#include "slots.h"

static int build(struct machine *m, const struct options *opt, const struct image *image)
{
	int status = machine_build(m, opt);

	if (status)
		return status;
	input_connect(&m->input, &m->uart.line);
	return machine_load(m, opt, image);
}

int main(int argc, char **argv)
{
	struct machine m = { .vm = { .kvm_fd = -1, .fd = -1 } };
	struct options opt;
	struct image image;
	int status;

	if (!begin(&opt, &image, argc, argv, 4, LOW_END_GPA, HIGH_GPA, &status))
		return status;
	status = build(&m, &opt, &image);
	if (!status)
		status = machine_start(&m, &opt);
	if (!status) {
		run_end(&m.vm.run, vcpu_run(&m.cpu[0].vcpu), 0, NULL);
		status = machine_sum_up(&m, &opt);
	}
	machine_destroy(&m);
	image_close(&image);
	return status;
}
