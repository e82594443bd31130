/* SPDX-License-Identifier: MIT */
/* Task 5.4: the smallest device there is, an entropy source. Virtio 1.2, 5.4: one queue, no more.
 */
#ifndef RNG_H
#define RNG_H

#include "virtio.h"

#define RNG_ID	  4
#define RNG_QUEUE 0

/* Bytes for one request, however large its buffer is (5.4.6.2: a device may give less). */
#define RNG_MAX 4096

struct rng {
	struct virtio virtio;
	u64 requests, bytes; /* that were answered */
};

/* Given. --device has it as rng_card: see card.h. */
void rng_init(struct rng *rng, struct mem *mem);

/*
 * [task 5.4] Answer all requests: fill the writable part of each with random bytes of the host's
 * (getrandom(2), once more if a signal came first: at least one byte is due, 5.4.6.2), at most
 * RNG_MAX of them; then tell the driver, once. What a driver wants us to read is not looked at; a
 * request without a writable part breaks the device (5.4.6.1).
 */
void rng_notify(struct virtio *v, unsigned queue);

#endif
