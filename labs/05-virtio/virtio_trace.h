/* SPDX-License-Identifier: MIT */
/*
 * What --trace is told of virtio devices (given). All under the device's lock, by whichever thread
 * does it; where no trace is wanted they cost a look at a pointer.
 */
#ifndef VIRTIO_TRACE_H
#define VIRTIO_TRACE_H

#include "trace.h"
#include "virtio.h"

/* The driver has notified this queue at the tick `from`, and it has been served. */
void virtio_trace_notify(struct virtio *v, unsigned queue, u64 from);
/* A chain has been taken, with its pieces; or is given back. */
void virtio_trace_pop(struct virtio *v, unsigned queue, const struct chain *c);
void virtio_trace_push(struct virtio *v, unsigned queue, u16 head, u32 written);
/* The device interrupts. */
void virtio_trace_call(struct virtio *v);
/* The driver has written to the status, or to QueueReady. */
void virtio_trace_status(struct virtio *v);
void virtio_trace_queue(struct virtio *v, unsigned queue);

#endif
