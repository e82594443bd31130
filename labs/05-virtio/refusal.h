/* SPDX-License-Identifier: MIT */
/*
 * Why the transport has ignored what a driver wrote (given): for --verbose, a line on stderr with
 * the device and the numbers. It looks at what came of a write and changes nothing.
 *
 * Each device says each kind of refusal once, however often it is reset: a guest must not be able
 * to fill our disk.
 */
#ifndef REFUSAL_H
#define REFUSAL_H

#include "types.h"

struct virtio;
struct virtio_mmio;

/* What there was before the driver wrote. */
struct before {
	u8 status;
	bool ready; /* the queue that QueueSel says */
};

struct before refusal_before(const struct virtio_mmio *t);

/* The driver has written value to the register at off, which is not QueueNotify. */
void refusal_look(struct virtio_mmio *t, const struct before *before, u32 off, u32 value);

/* The driver notifies this queue: will nobody look at it? To be asked before it is served. */
void refusal_of_notify(struct virtio *v, u32 queue);

/* A write of this size, at off from the window's beginning, that no register takes. */
void refusal_of_access(struct virtio *v, u64 off, unsigned size);

/* A write to the configuration space, at off from its beginning. */
void refusal_of_config(struct virtio *v, u64 off);

#endif
