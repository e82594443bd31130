/* SPDX-License-Identifier: MIT */
/*
 * What all virtio devices have in common (virtio 1.2, chapter 2), whatever they are reached by. A
 * device is a table of operations and its own structure with a struct virtio in it; container_of()
 * leads back. All is called with the device's lock held.
 */
#ifndef VIRTIO_H
#define VIRTIO_H

#include "irq.h"
#include "run.h"
#include "virtq.h"

#define VIRTIO_QUEUES_MAX 4
#define VIRTIO_TURN_BYTES MiB(64) /* see struct turn */
#define VIRTIO_TOLD_MAX	  16	  /* lines on stderr about one device, however often it is reset */

/* 2.1 */
enum {
	VIRTIO_ACKNOWLEDGE = 1,
	VIRTIO_DRIVER = 2,
	VIRTIO_DRIVER_OK = 4,
	VIRTIO_FEATURES_OK = 8,
	VIRTIO_NEEDS_RESET = 0x40,
	VIRTIO_FAILED = 0x80,
	/* What the driver may set; other bits of its writes are ignored. */
	VIRTIO_STATUS_DRIVER = 0x8f,
};

/* 6: feature bits that belong to no device */
#define VIRTIO_F_INDIRECT_DESC (1ULL << 28)
#define VIRTIO_F_EVENT_IDX     (1ULL << 29)
#define VIRTIO_F_VERSION_1     (1ULL << 32)

/* Why the device interrupts: 4.2.2, InterruptStatus. */
enum { VIRTIO_INT_QUEUE = 1, VIRTIO_INT_CONFIG = 2 };

struct later;
struct virtio;

struct virtio_ops {
	const char *name; /* as --device says it */
	u32 id;		  /* chapter 5 */
	u32 nqueues;	  /* at most VIRTIO_QUEUES_MAX */
	u32 config_size;  /* bytes of configuration space */
	u64 features; /* of this kind of device; those of chapter 6 are added by virtio_init() */
	/* The driver says that there are buffers in this queue. Never before DRIVER_OK. */
	void (*kick)(struct virtio *v, unsigned queue);
	/* The driver has written 0 to the status: forget all requests. May be NULL. */
	void (*reset)(struct virtio *v);
	/* Inside config_size: the transport has seen to it. config_write may be NULL: read-only. */
	void (*config_read)(struct virtio *v, u32 off, void *data, u32 len);
	void (*config_write)(struct virtio *v, u32 off, const void *data, u32 len);
};

/*
 * How long a device may work on a queue before others have their turn: a driver on another CPU, or
 * a request that writes to the ring, can see to it that the queue is never empty. And a full one
 * can be a terabyte. virtio_pop() counts left down and bytes up; at 0, or VIRTIO_TURN_BYTES, it
 * says that there is nothing. over is then true, and who drives the device has to come again: the
 * driver need not kick for what is left over.
 */
struct turn {
	unsigned queue, left; /* chains */
	u64 bytes;	      /* in the chains so far, whatever the device does with them */
	bool over;
};

struct virtio {
	const struct virtio_ops *ops;
	struct mem *mem; /* the guest's memory: all DMA goes there and nowhere else */
	struct irq_line irq;
	u64 offered, accepted; /* features */
	u8 status;
	u8 interrupt;	/* InterruptStatus */
	u32 generation; /* of the configuration space */
	struct virtq queue[VIRTIO_QUEUES_MAX];
	struct turn *turn;     /* of the kick that is being served; NULL: no limit */
	struct later *later;   /* who takes up what a turn leaves over; or NULL */
	const struct run *run; /* see virtio_run_is_over(); NULL: it is never over */
	bool told_broken;      /* virtio_break() has been logged since the last reset */
	void (*interrupted)(struct virtio *v); /* how edges get out; NULL, and levels: by irq */
	void *interrupted_ctx;
	u32 times_told;	 /* messages until the last reset: see VIRTIO_TOLD_MAX */
	unsigned window; /* where the driver finds it, for messages */
	bool verbose;	 /* say why the transport ignores something: see refusal.h */
	u32 refused;	 /* what has been said of that */
};

/* Given: a device after reset, on this memory. */
void virtio_init(struct virtio *v, const struct virtio_ops *ops, struct mem *mem);

/*
 * [task 5.1] The driver writes the status (2.1, 3.1.1): 0 resets the device. Bits that are none of
 * the driver's (VIRTIO_STATUS_DRIVER) are ignored: the device's NEEDS_RESET stays as it is.
 *
 * The whole write is ignored if it would clear a bit (2.1.1); after FAILED; if DRIVER comes without
 * ACKNOWLEDGE, FEATURES_OK before DRIVER was there, or DRIVER_OK before FEATURES_OK was there; and
 * if FEATURES_OK comes with features that were not offered, or without VERSION_1 (2.2.2, 6.1). With
 * FEATURES_OK the queues learn what was negotiated.
 */
void virtio_set_status(struct virtio *v, u8 status);

/*
 * [task 5.1] The driver says that there are buffers in this queue: ops->kick(), if the device is
 * live and has such a queue, and it is ready; else ignored.
 */
void virtio_kick(struct virtio *v, u32 queue);

/* Given: the driver has set DRIVER_OK, and since then neither it nor we have given up. */
bool virtio_live(const struct virtio *v);

/* Given: as if the driver had written 0 to the status. */
void virtio_reset(struct virtio *v);

/* [task 5.3] The queue has used buffers: raise VIRTIO_INT_QUEUE, if the driver wants it. */
void virtio_notify(struct virtio *v, unsigned queue);

/* Given: the configuration has changed: a new generation, and VIRTIO_INT_CONFIG. */
void virtio_config_changed(struct virtio *v);

/*
 * Given: the level of the interrupt line follows v->interrupt. If it was high and stays so, it
 * falls for a moment: an 8259 counts edges, and what came since the driver looked would be lost.
 */
void virtio_update_irq(struct virtio *v);

/*
 * [task 5.10] The driver has broken a rule; why says what it has given us ("a buffer of..."). Set
 * NEEDS_RESET, by which the device is not live any more and no queue of it is looked at; and, if
 * the driver had set DRIVER_OK, raise VIRTIO_INT_CONFIG (2.1.2). Say so on stderr, once until
 * virtio_reset() lets us say it again: a guest must not be able to fill our disk. The VM lives on,
 * and a reset makes the device work again.
 */
void virtio_break(struct virtio *v, const char *why);

/*
 * Given: has the run come to its end (time limit, Ctrl-A x)? Then nobody waits for the device any
 * more, but the end waits for it. Who works for long on one chain asks now and then; between chains
 * virtio_pop() does.
 */
bool virtio_run_is_over(const struct virtio *v);

/*
 * Given: virtq_pop() for devices. False: there is nothing, or the queue is not ready, or the device
 * is not live, or the turn or the run is over; VQ_BROKEN becomes virtio_break(). Before it says
 * that there is nothing, it asks the driver for a kick (EVENT_IDX). So who pops until it is false
 * misses nothing.
 */
bool virtio_pop(struct virtio *v, unsigned queue, struct chain *c);

/* Given: virtq_push() for devices; what fails becomes virtio_break(). Does not notify. */
void virtio_push(struct virtio *v, unsigned queue, const struct chain *c, u32 written);

#endif
