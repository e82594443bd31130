/* SPDX-License-Identifier: MIT */
/*
 * Split virtqueues: virtio 1.2, 2.7. A pure core: it is given guest memory and values, and knows of
 * no VM and no threads. Nothing that lies in guest memory is believed, and nothing there is read
 * twice: each descriptor is copied once, and only the copy is looked at.
 */
#ifndef VIRTQ_H
#define VIRTQ_H

#include <sys/uio.h>

#include "mem.h"

#define VIRTQ_MAX  256		   /* the largest queue that we offer: a power of two */
#define VQ_IOV_MAX (2 * VIRTQ_MAX) /* a buffer may lie in several slots of memory */

/* The flags of a descriptor (2.7.5), of the avail ring (2.7.6) and of the used ring (2.7.8). */
enum { VQ_DESC_NEXT = 1, VQ_DESC_WRITE = 2, VQ_DESC_INDIRECT = 4 };
enum { VQ_AVAIL_NO_INTERRUPT = 1, VQ_USED_NO_NOTIFY = 1 };

/* After a reset all is 0. */
struct virtq {
	u16 size; /* entries, as the driver has chosen */
	bool ready;
	u64 desc, avail, used;	  /* guest-physical: descriptor, driver and device area */
	bool indirect, event_idx; /* negotiated: VIRTIO_F_INDIRECT_DESC, VIRTIO_F_EVENT_IDX */
	u16 next_avail;		  /* the avail entry that we take next, free-running */
	u16 next_used;		  /* the used entry that we fill next, free-running */
	u16 told_used;		  /* next_used when virtq_should_interrupt() was asked last */
	const char *why; /* after VQ_BROKEN: what the driver has given us: "a buffer of..." */
};

/* [book:chain] */
/* What the driver has handed over: buffers that we may read, then such as we may write. */
struct chain {
	u16 head;		 /* for virtq_push() */
	unsigned nread, nwrite;	 /* of iov: the readable ones first */
	u64 read_len, write_len; /* bytes */
	struct iovec iov[VQ_IOV_MAX];
};

enum vq_result {
	VQ_EMPTY,  /* nothing is available */
	VQ_OK,	   /* *c is filled */
	VQ_BROKEN, /* the driver has broken a rule: q->why; see virtio_break() */
};
/* [book:end] */

/*
 * [task 5.1] May the queue be used as the driver has set it up? Size: a power of two, at most
 * VIRTQ_MAX; areas aligned to 16, 2 and 4 (2.7), each of them wholly in guest RAM, in one slot of
 * memory or in several that touch, and the used ring where the guest may write (mem_is_ram()).
 * 0, or -EINVAL with q->why.
 */
int virtq_check(struct virtq *q, const struct mem *m);

/*
 * [task 5.2] Take the next chain from the avail ring: 2.7.5 and 2.7.6. The queue has passed
 * virtq_check().
 *
 * The driver's index runs free in 16 bits, as ours does; its difference to ours is how many chains
 * there are. The index is read with acquire: what the driver wrote before it is then seen, too. A
 * buffer that lies in adjacent slots of memory becomes several elements of iov. Flags of a
 * descriptor that have no name here mean nothing.
 *
 * VQ_BROKEN, with q->why, for each of: an index more than size ahead of ours (2.7.6.1: or behind
 * it); a head or a next that is no descriptor (2.7.5); more descriptors than the queue has
 * (2.7.5.2: a loop, or 2.7.5.3.1), or more pieces than iov has; a buffer that is not wholly in RAM,
 * or of length zero; one for us to write where the guest itself may only read (mem_span_write()); a
 * readable one behind a writable one (2.7.4.2); lengths of more than 2^32 bytes together (2.7.5.2);
 * INDIRECT without the feature (2.7.5.3.1). The chain then counts as taken, and *c is not whole.
 *
 * [task 5.7] INDIRECT, which is VQ_BROKEN until then: the chain goes on at the first descriptor of
 * the table, and ends there; its descriptors count as the queue's own do. WRITE on the descriptor
 * that leads to the table is ignored (2.7.5.3.2). VQ_BROKEN for INDIRECT inside a table, or
 * together with NEXT (2.7.5.3.1); a table that is empty, no multiple of 16 bytes, or not wholly in
 * RAM (read-only will do: mem_is_ram()); a next outside the table.
 */
enum vq_result virtq_pop(struct virtq *q, const struct mem *m, struct chain *c);

/*
 * [task 5.3] Give the chain back: the used element first, then, ordered behind it (release), the
 * index (2.7.8.2): next_used, whatever the driver may have put there. An element may lie in two
 * slots of memory. written: bytes that we have written to it, from its beginning. 0; or -EFAULT if
 * the ring is not in RAM.
 */
int virtq_push(struct virtq *q, struct mem *m, u16 head, u32 written);

/*
 * [task 5.3] Does the driver want to be interrupted for what was pushed since this was asked last,
 * whatever the answer was (2.7.7.2)? Not if nothing was; nor if the flags of the avail ring say
 * NO_INTERRUPT (their other bits mean nothing). The flags are only looked at after the index is
 * out, with a full fence between the two: a driver does it the other way round, and one of the two
 * sees what the other did.
 *
 * [task 5.7] With EVENT_IDX the flags do not count, but whether used_event was passed since then:
 * whether the used element of that number is among those that were pushed.
 */
bool virtq_should_interrupt(struct virtq *q, const struct mem *m);

/*
 * [task 5.7] Say whether the driver should notify us (2.7.10): by the flags of the used ring, or
 * with EVENT_IDX by avail_event, which is the entry that we take next; there is no way then to say
 * that we want no notifications, but not to move it. Who has asked for notifications looks at the
 * queue once more, behind a full fence in here: a chain may have come in between.
 */
void virtq_want_notify(struct virtq *q, struct mem *m, bool want);

/*
 * Given: copy from the readable part, or into the writable part, from byte off of it on. Returns
 * how many bytes were copied: fewer than len at the part's end.
 */
u64 chain_read(const struct chain *c, u64 off, void *buf, u64 len);
u64 chain_write(const struct chain *c, u64 off, const void *buf, u64 len);

#endif
