// SPDX-License-Identifier: MIT
#include "pairs.h"

#include <errno.h>
#include <math.h>
#include <sched.h>
#include <stdlib.h>
#include <time.h>

double pairs_now(void *ctx)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC_RAW, &ts);
	return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

int pairs_pin(void)
{
	int cpu = sched_getcpu();
	cpu_set_t set;

	if (cpu < 0)
		return -errno;
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return sched_setaffinity(0, sizeof(set), &set) < 0 ? -errno : 0;
}

/* Add what a trip of this way takes, by one block. */
static int block(const struct pairs *p, unsigned way, double *sum)
{
	int err = p->way[way](p->ctx, p->warm); /* its code and data are in the caches again */
	double start = p->now(p->ctx);

	if (!err)
		err = p->way[way](p->ctx, p->trips);
	*sum += (p->now(p->ctx) - start) / p->trips;
	return err;
}

static int measure_round(const struct pairs *p, double cost[PAIRS_WAYS])
{
	double sum[PAIRS_WAYS] = { 0 };
	int err = 0;

	for (unsigned i = 0; i < 2 * PAIRS_WAYS && !err; i++) {
		unsigned way = i < PAIRS_WAYS ? i : 2 * PAIRS_WAYS - 1 - i;

		err = block(p, way, &sum[way]);
	}
	cost[0] = sum[0] / 2;
	for (unsigned way = 1; way < PAIRS_WAYS; way++)
		cost[way] = (sum[way] - sum[0]) / 2;
	return err;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

int pairs_measure(const struct pairs *p, unsigned rounds, double cost[PAIRS_WAYS])
{
	double *value = calloc((size_t)PAIRS_WAYS * rounds, sizeof(*value));
	int err = value && rounds ? 0 : -ENOMEM;

	for (unsigned i = 0; i < rounds && !err; i++) {
		double one[PAIRS_WAYS];

		err = measure_round(p, one);
		for (unsigned way = 0; way < PAIRS_WAYS; way++)
			value[way * rounds + i] = one[way];
	}
	for (unsigned way = 0; way < PAIRS_WAYS && !err; way++)
		cost[way] = estimate(&value[(size_t)way * rounds], rounds).median;
	free(value);
	return err;
}

/*
 * The place in order, from 1 on, of the value that begins the interval; the end is as far from the
 * last. Below it lie fewer values than the true median has on either side, but once in 40 times.
 */
static unsigned first_place(unsigned n)
{
	double chance = ldexp(1, -(int)n), sum = chance; /* that `place` coins of n show heads */
	unsigned place = 0;

	while (sum <= 0.025) {
		place++;
		chance *= (double)(n - place + 1) / place;
		sum += chance;
	}
	return place;
}

struct estimate estimate(double *values, unsigned n)
{
	struct estimate e = { .low = -INFINITY, .high = INFINITY };
	unsigned place = first_place(n);

	qsort(values, n, sizeof(*values), by_value);
	e.median = (values[(n - 1) / 2] + values[n / 2]) / 2;
	if (place) {
		e.low = values[place - 1];
		e.high = values[n - place];
	}
	return e;
}

enum aim aim(const struct estimate *e, double most)
{
	if (e->high <= most)
		return AIM_MET;
	return e->low > most ? AIM_MISSED : AIM_OPEN;
}
