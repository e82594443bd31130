/* SPDX-License-Identifier: MIT */
/*
 * What a request costs to a guest that keeps a virtio queue full (guests/lib/busy.inc): on our VMM
 * or on QEMU, by the difference of two runs (twice.h). Or to the host itself, which reads or writes
 * the same pieces of the same file in the same order: by one pread() or pwrite() each.
 */
#ifndef BUSY_H
#define BUSY_H

#include "types.h"

/* As guests/lib/busy.inc has them. */
enum {
	BUSY_LARGE = 1,	 /* 1 MiB instead of 4 KiB; frames of 1442 bytes instead of 64 */
	BUSY_WRITES = 2, /* to the disk */
	BUSY_EVENTS = 4, /* EVENT_IDX */
	BUSY_GATHER = 8, /* one notification for all that is offered at a time */
};

enum busy_who { BUSY_HOST, BUSY_VMM, BUSY_QEMU };

struct busy {
	enum busy_who who;
	bool net; /* pings to libslirp, and no disk */
	unsigned options;
	const char *notify, *irqchip; /* our VMM's options */
	bool alone;		      /* our disk without its threads (5.12) */
};

/* Of one request. Below 0: nobody has counted. */
struct cost {
	double seconds, exits, notified, interrupts;
};

/* Make the disk's file, its pages in the host's cache. busy_end() removes it. */
int busy_begin(void);
void busy_end(void);

/* Bytes of one request. */
u32 busy_bytes(const struct busy *b);

/* How many requests take the host, or our VMM, so much longer than a few. */
int busy_length(const struct busy *b, double seconds, u32 *n);

/* What one of n requests costs: whoever did them, the data are compared. All return 0 or a negative
 * errno, and then have said why on stderr. */
int busy_measure(const struct busy *b, u32 n, struct cost *cost);

#endif
