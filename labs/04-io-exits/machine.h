/* SPDX-License-Identifier: MIT */
/*
 * The machine of labs 04 and 05 (given): what it is made of, in which order, and how it ends. What
 * a lab adds to it is in its main.c.
 */
#ifndef MACHINE_H
#define MACHINE_H

#include "chip_kernel.h"
#include "chip_user.h"
#include "console.h"
#include "doorbell.h"
#include "exitdev.h"
#include "image.h"
#include "inject.h"
#include "input.h"
#include "live_vga.h"
#include "mmu.h"
#include "msi.h"
#include "options.h"
#include "trigger.h"
#include "uart.h"
#include "vga.h"

#define MACHINE_CPUS_MAX 1 /* so far */

struct cpu {
	struct vcpu vcpu;
	struct recorder rec;
	struct inject inject;
};

struct machine {
	struct vm vm;
	struct cpu cpu[MACHINE_CPUS_MAX];
	unsigned ncpus;
	struct mmu mmu;
	struct loop loop;
	struct chip_user chip_user;
	struct chip_kernel chip_kernel;
	struct irqchip *chip; /* of these two, the one that --irqchip says */
	struct sink sink;
	struct console console;
	struct exitdev exitdev;
	struct uart uart;
	struct input input;
	struct vga vga;
	struct live_vga live_vga;
	struct trigger trigger;
	struct msi msi;
	struct doorbell doorbell;
};

/*
 * The machine with its devices, and nothing in its memory. Who gets what is typed, the caller says
 * afterwards. As all of these: returns 0 or, with a line on stderr, the exit status; and in any
 * case machine_destroy() is due.
 */
int machine_build(struct machine *m, const struct options *opt);

/* Put the image into memory, and the first CPU where it begins. */
int machine_load(struct machine *m, const struct options *opt, const struct image *image);

/* From now on the I/O thread runs, and the time limit. */
int machine_start(struct machine *m, const struct options *opt);

/* The run is over: from here on this is the only thread. What there is to be said. */
int machine_sum_up(struct machine *m, const struct options *opt);

/* Also of a machine of which only vm.kvm_fd and vm.fd are set, to -1. */
void machine_destroy(struct machine *m);

#endif
