/* SPDX-License-Identifier: MIT */
/*
 * What --device asks for (given): a device of that kind, in a window of its own, wired to memory,
 * interrupts and the I/O thread. The first one gets the last window, as with QEMU's microvm.
 */
#ifndef DEVICES_H
#define DEVICES_H

#include "async.h"
#include "card.h"
#include "describe.h"
#include "net_mac.h"
#include "options.h"
#include "resize.h"
#include "virtio_mmio.h"

struct devices {
	struct card card[VIRTIO_MMIO_WINDOWS];
	struct async async[VIRTIO_MMIO_WINDOWS]; /* of each card */
	struct virtio_mmio window[VIRTIO_MMIO_WINDOWS];
	unsigned ncards;
	struct macs macs;
	struct resize resize;
	struct charline *line; /* of the first console: standard input goes there; or NULL */
};

/*
 * What devices have outside of the machine, before anything of it is there: see card.h. Both return
 * 0 or, with a line on stderr, the exit status; and in any case devices_destroy() is due.
 */
int devices_prepare(struct devices *d, const struct options *opt);

/* All of --device, and empty windows for the rest. */
int devices_init(struct devices *d, const struct wiring *to, const struct options *opt);

/* Start the threads that they have of their own. 0; or with a line on stderr 1. */
int devices_start(struct devices *d, pthread_mutex_t *lock);

/* What they need of the system while the guest runs: of enum confine_part. */
unsigned devices_parts(const struct devices *d);
/*
 * The run is over: the devices' own threads end, and only the I/O thread may still serve them.
 * Before anybody reads what the guest has left.
 */
void devices_stop(struct devices *d);

/* What they say of themselves in an obituary; ctx: struct devices. devices_init() signs up. */
describe_fn devices_describe;

/*
 * The run is over. If the guest has left by itself, but with a status that is not 0, and a device
 * has something of its driver's: show all of them. A guest that says `no answer` ends like that.
 */
void devices_explain_exit(const struct devices *d, const struct run *run);

/* A line for each device that has counted something: after loop_stop(), for --stats. */
void devices_print_stats(const struct devices *d, FILE *to);

/* After loop_stop(). */
void devices_destroy(struct devices *d);

#endif
