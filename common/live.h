/* SPDX-License-Identifier: MIT */
/*
 * --live: what happens, drawn at the top of the terminal ten times a second, while the guest's
 * output goes on below (given). A thread reads what --trace notes; nobody waits for it.
 */
#ifndef LIVE_H
#define LIVE_H

#include <stdio.h>

#include "options.h"
#include "trace.h"

/* The guest's text screen, if it has one: a look at it, then row by row. */
struct live_screen {
	bool (*look)(void *ctx); /* false: it cannot be had just now */
	void (*row)(void *ctx, unsigned n, FILE *out);
	unsigned rows;
	void *ctx;
};

/*
 * If opt asks for it: start to draw; screen may be NULL. What it points to lives until live_stop().
 * 0; or with a line on stderr 1. On the vCPU's thread, after trace_begin().
 */
int live_start(const struct options *opt, const struct live_screen *screen);

/* The last picture stays, and the terminal is as it was. Also if nobody has started it. */
void live_stop(void);
/* For a signal handler that is about to end the process. */
void live_cut_short(void);

/* --- what it draws, from what has been noted so far --- */

#define LIVE_KINDS  6 /* rows of exits: the most frequent ones */
#define LIVE_QUEUES 3
#define LIVE_ROWS   (2 + LIVE_KINDS + 1 + LIVE_QUEUES)

struct live_counts {
	u64 seen[TRACE_LOGS]; /* records of each log */
	u64 exits[EXIT_KINDS], lines[16], injected;
	struct live_queue {
		u64 requests;
		u64 ring; /* TRACE_RING; 0: not in use */
	} queue[8][4];
	u64 drawn[EXIT_KINDS]; /* the exits when it was drawn last, for rates */
};

/* Count what is new. */
void live_count(struct live_counts *c, const struct trace *trace);
/* Draw LIVE_ROWS rows, so many columns wide; ms since the last time, and since the start. */
void live_draw(struct live_counts *c, FILE *out, unsigned columns, unsigned ms, u64 all_ms);

#endif
