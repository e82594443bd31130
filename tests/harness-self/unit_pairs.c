// SPDX-License-Identifier: MIT
/* The yardstick for a few per cent, tools/yardstick/pairs.c: on a machine made up here, and really.
 */
#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/ioctl.h>

#include "../../tools/yardstick/pairs.h"
#include "self.h"

#define WARM  4
#define TRIPS 20

/* A machine whose clock is a sum: by construction, what a trip takes is known. */
struct made_up {
	double now;
	double cost[PAIRS_WAYS];   /* of a trip */
	double slower;		   /* by so much in each nanosecond */
	double cold;		   /* more, for each of the first WARM trips after another way */
	double tick, next_tick;	   /* each millisecond it is away for so long */
	double away;		   /* in each 50th block it is away for so long */
	unsigned blocks, last_way; /* so far; before: none */
	char order[4 * PAIRS_WAYS + 1];
};

static struct made_up begin(void)
{
	return (struct made_up){ .cost = { 3000, 3000, 3070 }, .next_tick = 1e6, .last_way = 99 };
}

static int go(struct made_up *m, unsigned way, unsigned trips)
{
	for (unsigned i = 0; i < trips; i++) {
		m->now += m->cost[way] * (1 + m->slower * m->now);
		if (m->last_way != way && i < WARM)
			m->now += m->cold;
		for (; m->now >= m->next_tick; m->next_tick += 1e6)
			m->now += m->tick;
	}
	if (m->last_way == way && m->blocks % 50 == 7)
		m->now += m->away;
	if (m->blocks < sizeof(m->order) - 1)
		m->order[m->blocks] = (char)('A' + way);
	m->blocks++;
	m->last_way = way;
	return 0;
}

static int way_a(void *ctx, unsigned trips)
{
	return go(ctx, 0, trips);
}

static int way_b(void *ctx, unsigned trips)
{
	return go(ctx, 1, trips);
}

static int way_c(void *ctx, unsigned trips)
{
	return go(ctx, 2, trips);
}

static double made_up_now(void *ctx)
{
	return ((struct made_up *)ctx)->now;
}

static struct pairs pairs_of(struct made_up *m)
{
	return (struct pairs){ { way_a, way_b, way_c }, m, WARM, TRIPS, made_up_now };
}

static void expect_near(const char *what, double got, double want, double by)
{
	EXPECT_TRUE(fabs(got - want) <= by, "%s: %.3f, expected %.3f +- %.3f", what, got, want, by);
}

static void expect_measured(struct made_up m, unsigned rounds, double by)
{
	const struct pairs p = pairs_of(&m);
	double cost[PAIRS_WAYS];

	EXPECT_ERR(pairs_measure(&p, rounds, cost), 0);
	expect_near("what the second takes more", cost[1], 0, by);
	expect_near("what the third takes more", cost[2], 70, by);
}

TEST("-", pairs_go_there_and_back, 0)
{
	struct made_up m = begin();
	const struct pairs p = pairs_of(&m);
	double cost[PAIRS_WAYS];

	CONTEXT("each block twice, since it is warmed up first");
	EXPECT_ERR(pairs_measure(&p, 1, cost), 0);
	EXPECT_STR(m.order, "AABBCCCCBBAA");
	EXPECT_U64(m.blocks, 12);
	expect_near("a trip", cost[0], 3000, 0.001);
}

TEST("-", pairs_on_a_quiet_machine, 0)
{
	expect_measured(begin(), 11, 0.001);
}

TEST("-", pairs_do_not_mind_drift, 0)
{
	struct made_up m = begin();

	CONTEXT("in the 3 ms of five rounds all gets slower by 6%%");
	m.slower = 2e-8;
	expect_measured(m, 5, 4);
}

TEST("-", pairs_do_not_mind_cold_caches, 0)
{
	struct made_up m = begin();

	m.cold = 2000;
	expect_measured(m, 11, 0.001);
}

TEST("-", pairs_do_not_mind_who_else_runs, 0)
{
	struct made_up m = begin();

	CONTEXT("a tick of 4 us each ms, and 3 ms for another process in each 50th block");
	m.tick = 4000;
	m.away = 3e6;
	expect_measured(m, 101, 2);
}

static int way_fails(void *ctx, unsigned trips)
{
	return -EIO;
}

TEST("-", pairs_hand_errors_on, 0)
{
	struct made_up m = begin();
	struct pairs p = pairs_of(&m);
	double cost[PAIRS_WAYS];

	p.way[2] = way_fails;
	EXPECT_ERR(pairs_measure(&p, 5, cost), -EIO);
}

/* --- really, with a system call in the place of an exit --- */

static int calls(void *ctx, unsigned trips)
{
	for (unsigned i = 0; i < trips; i++)
		if (ioctl(-1, 0) == 0)
			return -EIO;
	return 0;
}

static int twice_the_calls(void *ctx, unsigned trips)
{
	return calls(ctx, 2 * trips);
}

TEST("-", pairs_measure_a_call, 0)
{
	const struct pairs p = { { calls, calls, twice_the_calls }, NULL, WARM, TRIPS, pairs_now };
	double cost[PAIRS_WAYS];

	CONTEXT("the same again takes nothing more, two calls take one more");
	EXPECT_ERR(pairs_pin(), 0);
	EXPECT_ERR(pairs_measure(&p, 501, cost), 0);
	expect_near("the same again", cost[1] / cost[0], 0, 0.1);
	expect_near("another call", cost[2] / cost[0], 1, 0.2);
}

/* --- the median and its interval --- */

/* The values 1 to n, in another order; n and 7 have no common factor. */
static struct estimate estimate_of(unsigned n)
{
	double values[100];

	for (unsigned i = 0; i < n; i++)
		values[i] = (i * 7) % n + 1;
	return estimate(values, n);
}

TEST("-", estimate_as_in_the_tables, 0)
{
	/* Tables of the sign test: the places of the 95% interval among n values. */
	static const struct {
		unsigned n, low, high;
	} rows[] = { { 6, 1, 6 },    { 8, 1, 8 },    { 9, 2, 8 },    { 12, 3, 10 },
		     { 20, 6, 15 },  { 25, 8, 18 },  { 31, 10, 22 }, { 40, 14, 27 },
		     { 50, 18, 33 }, { 99, 40, 60 }, { 100, 40, 61 } };

	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		struct estimate e = estimate_of(rows[i].n);

		CONTEXT("%u values", rows[i].n);
		expect_near("median", e.median, (rows[i].n + 1) / 2.0, 0);
		expect_near("low", e.low, rows[i].low, 0);
		expect_near("high", e.high, rows[i].high, 0);
	}
}

TEST("-", estimate_of_few_values_has_no_bounds, 0)
{
	for (unsigned n = 1; n < 6; n++) {
		struct estimate e = estimate_of(n);

		CONTEXT("%u values", n);
		expect_near("median", e.median, (n + 1) / 2.0, 0);
		EXPECT_TRUE(isinf(e.low) && e.low < 0);
		EXPECT_TRUE(isinf(e.high) && e.high > 0);
	}
}

TEST("-", aims_are_missed_only_for_certain, 0)
{
	static const struct {
		struct estimate e;
		enum aim aim;
	} rows[] = {
		{ { 70, 60, 100 }, AIM_MET },	    { { 70, 60, 101 }, AIM_OPEN },
		{ { 120, 100, 140 }, AIM_OPEN },    { { 120, 101, 140 }, AIM_MISSED },
		{ { 50, -INFINITY, 60 }, AIM_MET }, { { 300, -INFINITY, INFINITY }, AIM_OPEN },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++)
		EXPECT_U64(aim(&rows[i].e, 100), rows[i].aim);
}
