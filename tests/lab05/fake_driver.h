/* SPDX-License-Identifier: MIT */
/*
 * The driver's side of a device, for tests of devices: guest memory without KVM, with queues in it,
 * set up by hand and not through the transport.
 */
#ifndef LAB05_FAKE_DRIVER_H
#define LAB05_FAKE_DRIVER_H

#include <stdlib.h>
#include <string.h>

#include "nonce.h"
#include "test.h"
#include "virtio.h"

#define DRIVER_RAM	   MiB(1)
#define DRIVER_QUEUE	   32			   /* entries of each queue */
#define DRIVER_AREA(queue) (0x4000 * (u64)(queue)) /* its rings; data from DRIVER_DATA on */
#define DRIVER_DATA	   0x10000ULL

/* A buffer to hand over: R(gpa, len) for the device to read, W(gpa, len) to write. */
struct piece {
	u64 gpa;
	u32 len;
	bool write;
};
#define R(gpa_, len_)                 \
	(struct piece)                \
	{                             \
		(gpa_), (len_), false \
	}
#define W(gpa_, len_)                \
	(struct piece)               \
	{                            \
		(gpa_), (len_), true \
	}

struct driver {
	struct mem mem;
	u8 *ram;
	struct virtio *v;
	u16 next_desc[VIRTIO_QUEUES_MAX]; /* descriptors are used round and round */
	u16 avail[VIRTIO_QUEUES_MAX];	  /* the index of the avail ring */
};

static inline void driver_memory(struct driver *d)
{
	*d = (struct driver){ .ram = malloc(DRIVER_RAM) };
	if (!d->ram)
		test_error("no memory");
	memset(d->ram, 0, DRIVER_RAM);
	d->mem = (struct mem){ .slot = { { .gpa = 0, .size = DRIVER_RAM, .hva = d->ram } },
			       .nslots = 1 };
}

/* The driver has found the device, accepted these features, and set DRIVER_OK. */
static inline void driver_start(struct driver *d, struct virtio *v, u64 features)
{
	d->v = v;
	v->state.accepted = features | VIRTIO_F_VERSION_1;
	v->state.status = VIRTIO_ACKNOWLEDGE | VIRTIO_DRIVER | VIRTIO_FEATURES_OK |
			  VIRTIO_DRIVER_OK;
	for (unsigned i = 0; i < v->ops->nqueues; i++) {
		memset(d->ram + DRIVER_AREA(i), 0, 0x4000);
		d->avail[i] = d->next_desc[i] = 0;
		v->state.queue[i] = (struct virtq){
			.size = DRIVER_QUEUE,
			.ready = true,
			.desc = DRIVER_AREA(i),
			.avail = DRIVER_AREA(i) + 0x1000,
			.used = DRIVER_AREA(i) + 0x2000,
		};
	}
}

/* Make n pieces available as one chain. Returns its head. */
static inline u16 driver_add(struct driver *d, unsigned queue, const struct piece *piece,
			     unsigned n)
{
	u8 *area = d->ram + DRIVER_AREA(queue);
	u16 head = d->next_desc[queue] % DRIVER_QUEUE, index;

	for (unsigned i = 0; i < n; i++) {
		u16 at = d->next_desc[queue]++ % DRIVER_QUEUE, next = (at + 1) % DRIVER_QUEUE;
		u16 flags = (i + 1 < n ? VQ_DESC_NEXT : 0) | (piece[i].write ? VQ_DESC_WRITE : 0);

		memcpy(area + 16 * at, &piece[i].gpa, 8);
		memcpy(area + 16 * at + 8, &piece[i].len, 4);
		memcpy(area + 16 * at + 12, &flags, 2);
		memcpy(area + 16 * at + 14, &next, 2);
	}
	memcpy(area + 0x1004 + 2 * (d->avail[queue] % DRIVER_QUEUE), &head, 2);
	index = ++d->avail[queue];
	memcpy(area + 0x1002, &index, 2);
	return head;
}

/* ADD(&d, BLK_QUEUE, R(header, 16), W(status, 1)) */
#define ADD(d, queue, ...)                                          \
	driver_add(d, queue, (const struct piece[]){ __VA_ARGS__ }, \
		   sizeof((struct piece[]){ __VA_ARGS__ }) / sizeof(struct piece))

static inline void driver_notify(struct driver *d, unsigned queue)
{
	d->v->ops->notify(d->v, queue);
}

/* How many chains have come back. */
static inline u16 driver_used(const struct driver *d, unsigned queue)
{
	u16 index;

	memcpy(&index, d->ram + DRIVER_AREA(queue) + 0x2002, 2);
	return index;
}

/* The head of the n-th of them. */
static inline u32 driver_used_head(const struct driver *d, unsigned queue, u16 n)
{
	u32 head;

	memcpy(&head, d->ram + DRIVER_AREA(queue) + 0x2004 + 8 * (n % DRIVER_QUEUE), 4);
	return head;
}

/* The length that came with the n-th of them. */
static inline u32 driver_written(const struct driver *d, unsigned queue, u16 n)
{
	u32 len;

	memcpy(&len, d->ram + DRIVER_AREA(queue) + 0x2008 + 8 * (n % DRIVER_QUEUE), 4);
	return len;
}

static inline void driver_fill(struct driver *d, u64 gpa, u64 len)
{
	for (u64 random = 0, i = 0; i < len; i++, random >>= 8) {
		if (i % 8 == 0)
			random = nonce_random();
		d->ram[gpa + i] = (u8)random;
	}
}

#endif
