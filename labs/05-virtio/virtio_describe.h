/* SPDX-License-Identifier: MIT */
/*
 * What a virtio device says of itself in an obituary (given): its status, how far each queue is on
 * either side, and the chain at which it stopped. See common/describe.h.
 */
#ifndef VIRTIO_DESCRIBE_H
#define VIRTIO_DESCRIBE_H

#include "describe.h"
#include "virtio.h"

#define DESCRIPTORS_SHOWN 6 /* of a chain */

/* ctx: struct virtio */
describe_fn virtio_describe;

/*
 * Has the driver handed over something that has not come back, or broken a rule? (Buffers that wait
 * for what comes in are such, too.) No lock is taken.
 */
bool virtio_is_stuck(const struct virtio *v);

#endif
