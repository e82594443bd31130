/* SPDX-License-Identifier: MIT */
/*
 * What one way costs more than another, when the difference is a few per cent and the machine has
 * other things to do. Short blocks of trips go A B C C B A, so that what drifts evenly weighs on
 * all alike; each such round gives one difference, and the median of many does not mind the few
 * that a tick of the timer or another process has hit. Between two processes more changes (where
 * their pages lie, for one), so the interval is over processes: see estimate().
 */
#ifndef PAIRS_H
#define PAIRS_H

#include "types.h"

#define PAIRS_WAYS 3

/* Goes around a loop so many times. Returns 0 or a negative errno. */
typedef int way_fn(void *ctx, unsigned trips);

struct pairs {
	way_fn *way[PAIRS_WAYS];
	void *ctx;
	unsigned warm, trips; /* of a block: before the clock is read, and between its readings */
	double (*now)(void *ctx); /* nanoseconds */
};

/* CLOCK_MONOTONIC_RAW: nobody corrects its speed meanwhile. */
double pairs_now(void *ctx);

/* This thread stays on the CPU that it is on. Returns 0 or a negative errno. */
int pairs_pin(void);

/*
 * Run so many rounds. cost[0] is what one trip of way 0 takes, cost[n] what one of way n takes
 * more; in ns, the medians over the rounds. Returns 0 or a negative errno.
 */
int pairs_measure(const struct pairs *p, unsigned rounds, double cost[PAIRS_WAYS]);

/* The median of values that are independent of one another, and where the true one lies. */
struct estimate {
	double median, low, high;
};

/*
 * Sorts the n values. At least 19 times in 20 the true median lies from low to high, however the
 * values are distributed: it is as unlikely that nearly all of them lie on one side of it as that
 * nearly all of n coins show heads. Fewer than 6 values do not say so much: then there are no
 * bounds.
 */
struct estimate estimate(double *values, unsigned n);

/* Is it at most so much? What an interval that holds the limit says is: perhaps. */
enum aim { AIM_MET, AIM_OPEN, AIM_MISSED };
enum aim aim(const struct estimate *e, double most);

#endif
