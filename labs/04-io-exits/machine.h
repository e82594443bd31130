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
#include "mmu.h"
#include "msi.h"
#include "options.h"
#include "trigger.h"
#include "uart.h"
#include "vga.h"

struct machine {
	struct vm vm;
	struct vcpu vcpu;
	struct mmu mmu;
	struct recorder rec;
	struct loop loop;
	struct inject inject;
	struct chip_user chip_user;
	struct chip_kernel chip_kernel;
	struct irqchip *chip; /* of these two, the one that --irqchip says */
	struct console console;
	struct exitdev exitdev;
	struct uart uart;
	struct input input;
	struct vga vga;
	struct trigger trigger;
	struct msi msi;
	struct doorbell doorbell;
};

/*
 * What the command line may ask of lab 03, but of this machine not together: 0, or with a line on
 * stderr the exit status.
 */
int machine_refuses(const struct options *opt);

/*
 * All but the I/O thread, which the caller starts (loop_start) when it has said who gets what is
 * typed. Returns 0 or, with a line on stderr, the exit status. In any case machine_destroy() is
 * due.
 */
int machine_build(struct machine *m, const struct options *opt, const struct image *image);

/* From the first entry to what is said at the end. Returns the exit status of the process. */
int machine_run(struct machine *m, const struct options *opt);

/* Also of a machine of which only vm.kvm_fd, vm.fd and vcpu.fd are set, to -1. */
void machine_destroy(struct machine *m);

#endif
