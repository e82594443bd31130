// SPDX-License-Identifier: MIT
/*
 * Lab 04: accesses, doorbells and interrupts, each in two or three ways. How they are measured:
 * twice.h. All ways take turns, and with them a bare exit. What is told is the median of the
 * ratios to the bare exit of the same turn: it stays what it is where other work comes and goes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "benchmarks.h"
#include "env.h"
#include "proc.h"
#include "show.h"
#include "twice.h"
#include "../yardstick/pairs.h"

#define TURNS	     15
#define LONG_SECONDS 0.06 /* a turn is short, for the machine to be the same throughout */
#define RUN_LIMIT    60
#define AIM_BUS_NS   100

/* A row of the table, and a bar of the picture. */
static const struct row {
	const char *name, *label;
	const char *guest, *option;
	unsigned parts;	 /* operations in each of the n that the guest does */
	unsigned counts; /* what the guest prints is n times this */
	unsigned asks;	 /* of the exits, those by which it asks for an interrupt */
} rows[CHART_GROUPS][CHART_SERIES] = {
	{
		{ "an exit", "exit", "04/bench-port", "--doorbell=exit", 1, 1, 0 },
		{ "eventfd", "eventfd", "04/bench-port", "--doorbell=eventfd", 1, 1, 0 },
	},
	{
		{ "an exit", "exit", "04/bench-memory", "--doorbell=exit", 1, 1, 0 },
		{ "eventfd", "eventfd", "04/bench-memory", "--doorbell=eventfd", 1, 1, 0 },
	},
	{
		{ "rep outsb", "outsb", "04/bench-outs", "--doorbell=exit", 32, 32, 0 },
		{ "rep insb", "insb", "04/bench-ins", "--doorbell=exit", 1024, 1, 0 },
	},
	{
		{ "by ourselves", "user", "04/bench-line", "--irqchip=user", 1, 1, 2 },
		{ "KVM_IRQ_LINE", "IRQ_LINE", "04/bench-line", "--irqchip=kernel", 1, 1, 2 },
		{ "irqfd", "irqfd", "04/bench-answer", "--irqchip=kernel", 1, 1, 1 },
	},
};

static const char *const groups[CHART_GROUPS] = { "OUT to a port", "store to MMIO",
						  "string, a byte", "interrupt" };

struct measured {
	struct way way;
	u32 n;
	struct run small, large; /* of the last turn */
	double seconds[TURNS];	 /* what an n costs */
};

static struct measured measured[CHART_GROUPS][CHART_SERIES];

/* The yardstick: the least that an OUT can cost, to the same guest. */
static struct measured bare = { .way = { .guest = "04/bench-port", .most = 1u << 31 } };

/* What an n costs, by its seconds in each turn; divided by those of the yardstick, if it is there.
 */
static double median(const struct measured *m, const struct measured *yardstick)
{
	double value[TURNS];

	for (unsigned i = 0; i < TURNS; i++)
		value[i] = m->seconds[i] / (yardstick ? yardstick->seconds[i] : 1);
	return estimate(value, TURNS).median;
}

/* The number in the first line that the guest prints: has all been done? */
static int check(const struct row *row, const struct measured *m)
{
	const char *out = m->large.out;
	size_t line = strcspn(out, "\n");

	if (line >= 8 && strtoul(out + line - 8, NULL, 16) == (u32)(m->n * row->counts))
		return 0;
	return run_trouble(&m->way, "it has counted something else");
}

/* By how much the long run is longer. */
static u32 more_times(const struct measured *m)
{
	return m->n - m->n / 4;
}

static int one_turn(struct measured *m, unsigned turn)
{
	int err = run_times(&m->way, m->n / 4, &m->small);

	if (!err)
		err = run_times(&m->way, m->n, &m->large);
	m->seconds[turn] = (m->large.seconds - m->small.seconds) / more_times(m);
	return err;
}

static int find_lengths(void)
{
	int err = find_length(&bare.way, LONG_SECONDS, &bare.n);

	for (unsigned i = 0; i < CHART_GROUPS * CHART_SERIES && !err; i++) {
		const struct row *row = &rows[i / CHART_SERIES][i % CHART_SERIES];
		struct measured *m = &measured[i / CHART_SERIES][i % CHART_SERIES];

		m->way = (struct way){
			.program = "04-io-exits",
			.guest = row->guest,
			.options = { row->option },
			.most = 1u << 31,
		};
		if (row->name)
			err = find_length(&m->way, LONG_SECONDS, &m->n);
	}
	return err;
}

static int one_turn_of_all(unsigned turn)
{
	int err = one_turn(&bare, turn);

	for (unsigned i = 0; i < CHART_GROUPS * CHART_SERIES && !err; i++) {
		const struct row *row = &rows[i / CHART_SERIES][i % CHART_SERIES];
		struct measured *m = &measured[i / CHART_SERIES][i % CHART_SERIES];

		if (row->name)
			err = one_turn(m, turn);
		if (row->name && !err)
			err = check(row, m);
	}
	return err;
}

static void fill_bar(const struct row *row, const struct measured *m, double bare_ns,
		     struct bar *bar)
{
	bar->label = row->label;
	bar->exits = (double)(m->large.exits - m->small.exits) / more_times(m) / row->parts;
	bar->ns = median(m, &bare) / row->parts * bare_ns;
}

static void print_row(const struct row *row, const struct bar *bar, double out_ns, double bare_ns)
{
	double delivery = bar->ns - row->asks * out_ns;
	char exits[32], text[32];

	printf("    %-14s %-19s %6s %10s %8.3g", row->name, row->option,
	       chart_exits(bar->exits, exits, sizeof(exits)),
	       chart_time(bar->ns, "us", text, sizeof(text)), bar->ns / bare_ns);
	if (row->asks)
		printf(" %9.3g", delivery / bare_ns);
	putchar('\n');
}

static void print_table(const struct chart *chart)
{
	char text[32];

	printf("one operation: exits to user space, time, and how many bare exits that is\n");
	printf("(%s;\n a bare exit, an OUT to a program of bare ioctls: %s)\n", chart->note,
	       chart_time(chart->mark, "us", text, sizeof(text)));
	printf("%45s %10s %8s %9s\n", "exits", "time", "bare", "delivery");
	for (unsigned group = 0; group < CHART_GROUPS; group++) {
		printf("  %s\n", groups[group]);
		for (unsigned i = 0; i < CHART_SERIES && rows[group][i].name; i++)
			print_row(&rows[group][i], &chart->bar[group][i], chart->bar[0][0].ns,
				  chart->mark);
	}
	printf("(delivery: in bare exits, without the OUTs by which the guest asks for it)\n");
}

/* The aim is for a real CPU: the emulated ones are much slower, and so are exits there. */
static bool bench_bus(double bare_ns)
{
	bool ok, real = !strcmp(env_engine(), "native");
	double one = 0, twenty = 0;
	char path[300];
	char *const argv[] = { path, NULL };
	struct proc_opts opts = { .limit = RUN_LIMIT * env_time_scale() };
	struct proc_result r;

	show_format(path, sizeof(path), "%s/tools/bench-bus", env_build_dir());
	if (proc_run(argv, &opts, &r) == 0)
		sscanf(r.out, "one %lf twenty %lf", &one, &twenty);
	proc_free(&r);
	ok = one > 0 && twenty - one <= AIM_BUS_NS;
	printf("bus_io() alone, its caches warm: the least of 60 rounds of 20000, in turn\n");
	printf("  %-26s %6.1f ns\n", "the only device", one);
	printf("  %-26s %6.1f ns   %+.1f ns", "the last of 20 devices", twenty, twenty - one);
	if (real)
		printf("   %s: at most +%d ns\n", ok ? "ok" : "NOT MET", AIM_BUS_NS);
	else
		printf(", %.2f%% of a bare exit (an emulated CPU: no aim)\n",
		       (twenty - one) / bare_ns * 100);
	return ok || (one > 0 && !real);
}

bool bench_io(const char *plot)
{
	struct chart chart = { .title = "One operation, by the way that it goes",
			       .mark_name = "a bare exit" };
	char where[80];
	bool ok;
	int err;

	show_format(chart.note, sizeof(chart.note), "%s; the median of %d turns",
		    measured_where(where, sizeof(where)), TURNS);
	err = find_lengths();
	for (unsigned turn = 0; turn < TURNS && !err; turn++)
		err = one_turn_of_all(turn);
	if (err)
		return false;
	chart.mark = median(&bare, NULL) * 1e9;
	for (unsigned i = 0; i < CHART_GROUPS * CHART_SERIES; i++) {
		unsigned group = i / CHART_SERIES, bar = i % CHART_SERIES;

		chart.group[group] = groups[group];
		if (rows[group][bar].name)
			fill_bar(&rows[group][bar], &measured[group][bar], chart.mark,
				 &chart.bar[group][bar]);
	}
	print_table(&chart);
	ok = bench_bus(chart.mark);
	return chart_save(&chart, plot) && ok;
}
