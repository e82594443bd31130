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

#define VIRTIO_QUEUES_MAX   4
#define VIRTIO_BUDGET_BYTES MiB(64) /* see struct budget */
#define VIRTIO_TOLD_MAX	    16 /* lines on stderr about one device, however often it is reset */

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

struct virtio;

struct virtio_ops {
	const char *name; /* as --device says it */
	u32 id;		  /* chapter 5 */
	u32 nqueues;	  /* at most VIRTIO_QUEUES_MAX */
	u32 config_size;  /* bytes of configuration space */
	u64 features; /* of this kind of device; those of chapter 6 are added by virtio_init() */
	/* The driver says that there are buffers in this queue. Never before DRIVER_OK. */
	void (*notify)(struct virtio *v, unsigned queue);
	/*
	 * The driver has written 0 to the status: forget all requests; when it returns, none is
	 * under way that touches guest memory. May be NULL.
	 */
	void (*reset)(struct virtio *v);
	/* The same for one queue, which is not ready any more (QueueReady 0). May be NULL. */
	void (*stop)(struct virtio *v, unsigned queue);
	/* Inside config_size: the transport has seen to it. config_write may be NULL: read-only. */
	void (*config_read)(struct virtio *v, u32 off, void *data, u32 len);
	void (*config_write)(struct virtio *v, u32 off, const void *data, u32 len);
};

/*
 * What a device may do for a queue at a stretch, while others wait: a driver on another CPU, or a
 * request that writes to the ring, can see to it that the queue is never empty. And a full one can
 * be a terabyte. virtio_pop() counts chains down and bytes up; at 0, or VIRTIO_BUDGET_BYTES, it
 * says that there is nothing, and the budget is spent. virtio_serve() gives one.
 */
struct budget {
	unsigned queue, chains;
	u64 bytes; /* in the chains so far, whatever the device does with them */
	bool spent;
};

/* What driver and device have agreed on, and how far they are. */
struct virtio_state {
	u64 accepted; /* features */
	u8 status;
	u8 interrupt;	/* InterruptStatus */
	u32 generation; /* of the configuration space: goes on after a reset */
	struct virtq queue[VIRTIO_QUEUES_MAX];
};

struct virtio {
	struct virtio_state state;
	const struct virtio_ops *ops;
	struct mem *mem; /* the guest's memory: all DMA goes there and nowhere else */
	struct irq_line irq;
	u64 offered;	       /* features */
	struct budget *budget; /* of the queue that is being served; NULL: no limit */
	/* This queue's budget is spent: virtio_serve() is wanted again, soon. NULL: nobody does. */
	void (*again)(void *again_ctx, unsigned queue);
	void *again_ctx;
	const struct run *run; /* see virtio_is_cut_off(); NULL: it is never over */
	bool stopping;	       /* atomic: the same, for what is under way on another thread */
	bool told_broken;      /* virtio_break() has been logged since the last reset */
	u32 times_told;	       /* messages until the last reset: see VIRTIO_TOLD_MAX */
	unsigned window;       /* where the driver finds it, for messages */
	bool verbose;	       /* say why the transport ignores something: see refusal.h */
	u32 refused;	       /* what has been said of that */
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
 * [task 5.1] The driver says that there are buffers in this queue: ops->notify(), if the device is
 * live and has such a queue, and it is ready; else ignored.
 */
void virtio_notify(struct virtio *v, u32 queue);

/*
 * Given: the one way to serve a queue, for the transport and for whoever hears of a notification in
 * another way: virtio_notify() within a budget, and again() if that was not enough. With --verbose,
 * says why a notification is ignored.
 */
void virtio_serve(struct virtio *v, u32 queue);

/* Given: the driver has set DRIVER_OK, and since then neither it nor we have given up. */
static inline bool virtio_live(const struct virtio *v)
{
	return (v->state.status & (VIRTIO_DRIVER_OK | VIRTIO_NEEDS_RESET | VIRTIO_FAILED)) ==
	       VIRTIO_DRIVER_OK;
}

/* Given: as if the driver had written 0 to the status. */
void virtio_reset(struct virtio *v);

/*
 * Given: the driver has written to QueueReady: of queues that are not ready nothing is under way
 * when this returns (4.2.2.1), see ops->stop().
 */
void virtio_stop_queues(struct virtio *v);

/* [task 5.3] The queue has used buffers: raise VIRTIO_INT_QUEUE, if the driver wants it. */
void virtio_interrupt(struct virtio *v, unsigned queue);

/*
 * Given: the configuration has changed: a new generation, and VIRTIO_INT_CONFIG. That a driver gets
 * from FEATURES_OK on, when it may have read the configuration (3.1.1), and not after FAILED.
 */
void virtio_config_changed(struct virtio *v);

/*
 * Given: the level of the interrupt line follows v->state.interrupt. If it was high and stays so,
 * it falls for a moment: an 8259 counts edges, and what came since the driver looked would be lost.
 */
void virtio_update_irq(struct virtio *v);

/*
 * [task 5.10] The driver has broken a rule; why says what it has given us ("a buffer of..."). What
 * its queues have used so far it is still told: virtio_interrupt() for each (2.7.7.2). Then set
 * NEEDS_RESET, by which the device is not live any more and no queue of it is looked at; and, if
 * the driver had set DRIVER_OK, raise VIRTIO_INT_CONFIG (2.1.2). Nothing else changes: the queues
 * stay as they are until the reset. Say so on stderr, once until virtio_reset() lets us say it
 * again: a guest must not be able to fill our disk. The VM lives on, and a reset makes the device
 * work again.
 */
void virtio_break(struct virtio *v, const char *why);

/*
 * Given: has the run been cut off (time limit, Ctrl-A x: run_cut_off())? Then nobody waits for the
 * device any more, but the end waits for it. Or does a reset wait for what it forgets? Who works
 * for long on one chain asks now and then; between chains virtio_pop() does.
 */
bool virtio_is_cut_off(const struct virtio *v);

/*
 * Given: virtq_pop() for devices. False: there is nothing, or the queue is not ready, or the device
 * is not live, the budget is spent or the run over; VQ_BROKEN becomes virtio_break(). Before it
 * says that there is nothing, it asks the driver for a notification (EVENT_IDX). So who pops until
 * it is false misses nothing.
 */
bool virtio_pop(struct virtio *v, unsigned queue, struct chain *c);

/* Given: virtq_push() for devices; what fails becomes virtio_break(). Does not notify. */
void virtio_push(struct virtio *v, unsigned queue, const struct chain *c, u32 written);

#endif
