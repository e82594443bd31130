/* SPDX-License-Identifier: MIT */
/*
 * What --device asks for (given): a device of that kind, in a window of its own, wired to memory,
 * interrupts and the I/O thread. The first one gets the last window, as with QEMU's microvm.
 */
#ifndef DEVICES_H
#define DEVICES_H

#include <stdio.h>

#include "async.h"
#include "blk.h"
#include "console.h"
#include "input.h"
#include "later.h"
#include "net_slirp.h"
#include "net_tap.h"
#include "options.h"
#include "rng.h"
#include "vconsole.h"
#include "vcpu.h"
#include "virtio_mmio.h"

struct card {
	const struct card_kind *kind;
	struct virtio *virtio; /* the one below; NULL: no card */
	struct async async;
	struct later later;
	union {
		struct rng rng;
		struct vconsole console;
		struct blk blk;
		struct {
			struct net net;
			struct net_slirp slirp;
			struct net_tap tap;
		};
	};
};

struct devices {
	struct card card[VIRTIO_MMIO_WINDOWS];
	struct virtio_mmio window[VIRTIO_MMIO_WINDOWS];
	unsigned ncards;
	struct vconsole *console; /* the first of its kind: standard input goes there; or NULL */
};

/* What a device is wired to. */
struct wiring {
	struct vm *vm;
	struct loop *loop;
	struct irqchip *chip;
	const struct chip_kernel *chip_kernel; /* NULL with --irqchip=user */
	bool async;			       /* --kicks=eventfd */
	bool verbose;			       /* --verbose */
	/* Where a virtio console's bytes go, too. */
	struct console *console;
};

/*
 * All of --device, and empty windows for the rest. 0; or with a line in why a negative errno, or 1
 * if what --device says is wrong in itself.
 */
int devices_init(struct devices *d, const struct wiring *to, const struct options *opt,
		 struct why *why);

/* What is typed goes to d->console. */
void devices_take_input(struct devices *d, struct input *input);

/* A line for each device that has counted something: after loop_stop(), for --stats. */
void devices_tell(const struct devices *d, FILE *to);

/* After loop_stop(). */
void devices_destroy(struct devices *d);

#endif
