/* SPDX-License-Identifier: MIT */
/*
 * Frames between two processes of which neither believes the other (given): the VMM, and the
 * network's, which a packet may have taken over. Each way there is a ring in memory that both see,
 * and a bell, which is a pipe. So that a side can do nothing to the other but to send it frames:
 *
 *	- how far a side is, it keeps for itself; what it writes into the memory is for the other;
 *	- what it reads there it reads once, bounds it, and copies it, before it looks at it;
 *	- the memory has its size for good (F_SEAL_SHRINK): else reading it would end in SIGBUS;
 *	- nobody waits for a bell: each end of a pipe has an O_NONBLOCK of its own. (An eventfd has
 *	  one for both sides, and who fills the counter then stops the other for ever.)
 */
#ifndef CHANNEL_H
#define CHANNEL_H

#include "net.h"

#define CHANNEL_SLOTS	256 /* frames in a ring; a power of two */
#define CHANNEL_COUNTS	8
#define CHANNEL_WAIT_MS 1000 /* for the other side at most, which may need a processor first */

enum channel_side { CHANNEL_VMM, CHANNEL_NET, CHANNEL_SIDES };

struct slot {
	u32 len; /* bytes of the frame */
	u8 frame[NET_FRAME_MAX];
};

/* What is written by one side stands in a cache line of its own. */
#define CHANNEL_LINE __attribute__((aligned(64)))

/* One way. The indices count all frames since the beginning, as those of a virtqueue do. */
struct ring {
	CHANNEL_LINE u32 put;	   /* the sender's: how many there are */
	CHANNEL_LINE u32 taken;	   /* the receiver's: how many it has taken out */
	CHANNEL_LINE u32 sleeping; /* the receiver waits for the bell; who rings it writes 0 */
	CHANNEL_LINE struct slot slot[CHANNEL_SLOTS];
};

struct channel_memory {
	struct ring to[CHANNEL_SIDES];
	u64 count[CHANNEL_COUNTS]; /* what the network's process shows of its counters */
};

/* The memory, and for each side where it hears the bell, and where it rings the other's. */
struct channel_fds {
	int memory, hear[CHANNEL_SIDES], ring[CHANNEL_SIDES];
};

/* A side's end of it. */
struct channel {
	struct channel_memory *shared; /* NULL: closed */
	struct ring *out, *in;
	u32 put, taken;	   /* our own: see above */
	int hear, ring;	   /* ring: -1 after channel_finish() */
	unsigned patience; /* moments that we may still wait for the other side */
	u32 patient_at;	   /* put, when all of them were there */
};

/* All that two sides need, with O_CLOEXEC. 0 or -errno. */
int channel_make(struct channel_fds *fds);

/*
 * Our end. The descriptors are the channel's from now on, also after an error: -EPROTO, the memory
 * has not the size that it must have, or could lose it.
 */
int channel_open(struct channel *c, enum channel_side side, int memory, int hear, int ring);

/*
 * We send nothing any more. Wait, CHANNEL_WAIT_MS at most, until the other side has taken what we
 * have sent, and goes. Then channel_close() is due.
 */
void channel_finish(struct channel *c);

/* Also of one that is closed. */
void channel_close(struct channel *c);

/*
 * Send a frame of NET_FRAME_MIN to NET_FRAME_MAX bytes, and ring if the other side sleeps. False:
 * the ring is full, and the frame is lost.
 */
bool channel_send(struct channel *c, const void *frame, size_t len);

/* The two steps of it: put a frame into the ring; and, behind the last one of a batch, ring. */
bool channel_put(struct channel *c, const void *frame, size_t len);
void channel_ring(struct channel *c);

/*
 * channel_send(), but if the ring is full, wait for the other side: a driver that sends faster than
 * its network is slowed down by the wire. But all else in the machine waits, too: so that is for
 * CHANNEL_WAIT_MS at most, in all, until half a ring of frames has found room.
 */
bool channel_send_patiently(struct channel *c, const void *frame, size_t len);

/* The length of the next frame, which is copied out; 0: there is none; -EPROTO: the other side has
 * written what nobody writes who plays by the rules. */
int channel_take(struct channel *c, u8 frame[NET_FRAME_MAX]);

/* Before we sleep: from now on the bell rings when a frame comes. False: one is there already. */
bool channel_sleep(struct channel *c);

/* The bell has rung: until the next time it is quiet. False: the other side has gone. */
bool channel_hush(struct channel *c);

#endif
