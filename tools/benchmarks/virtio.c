// SPDX-License-Identifier: MIT
/*
 * Lab 05: a disk and a network card whose driver keeps the queue full, on our VMM and on QEMU, and
 * what the host needs for the same itself. How they are measured: busy.h. All take turns; what is
 * told is the median of the turns, and of the ratios in each turn.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "benchmarks.h"
#include "busy.h"
#include "env.h"
#include "qemu.h"
#include "show.h"
#include "twice.h"

#define TURNS	     5
#define LONG_SECONDS 0.2
#define AIM_HOST     0.9
#define ROWS	     8
#define BEST	     (BUSY_EVENTS | BUSY_GATHER)

#define EXIT	"--kicks=exit"
#define EVENTFD "--kicks=eventfd"
#define KERNEL	"--irqchip=kernel"

/* The rows of a group are about the same guest, and do the same number of requests. */
static const struct group {
	const char *name;
	bool net;
	unsigned options; /* of all its rows */
	struct row {
		const char *name;
		enum busy_who who;
		unsigned options; /* and this */
		const char *kicks, *irqchip;
	} row[ROWS];
} groups[] = {
#define DISK(host)                                                                              \
	{                                                                                       \
		{ host, BUSY_HOST, 0, NULL, NULL }, { "vmm", BUSY_VMM, BEST, EVENTFD, KERNEL }, \
			{ "QEMU", BUSY_QEMU, BEST, NULL, NULL },                                \
	}
#define NET                                                      \
	{                                                        \
		{ "vmm", BUSY_VMM, BEST, EVENTFD, KERNEL },      \
			{ "QEMU", BUSY_QEMU, BEST, NULL, NULL }, \
	}
	{ "read 1 MiB", false, BUSY_LARGE, DISK("host, pread") },
	{ "write 1 MiB", false, BUSY_LARGE | BUSY_WRITES, DISK("host, pwrite") },
	{ "read 4 KiB", false, 0, DISK("host, pread") },
	{ "write 4 KiB", false, BUSY_WRITES, DISK("host, pwrite") },
	{ "ping, 64 bytes", true, 0, NET },
	{ "ping, 1442 bytes", true, BUSY_LARGE, NET },
	{ "read 4 KiB, a kick for each",
	  false,
	  0,
	  {
		  { "exit", BUSY_VMM, 0, EXIT, NULL },
		  { "exit, EVENT_IDX", BUSY_VMM, BUSY_EVENTS, EXIT, NULL },
		  { "eventfd", BUSY_VMM, 0, EVENTFD, KERNEL },
		  { "eventfd, EVENT_IDX", BUSY_VMM, BUSY_EVENTS, EVENTFD, KERNEL },
		  { "QEMU", BUSY_QEMU, 0, NULL, NULL },
		  { "QEMU, EVENT_IDX", BUSY_QEMU, BUSY_EVENTS, NULL, NULL },
	  } },
	{ "read 4 KiB, a kick for all",
	  false,
	  BUSY_GATHER,
	  {
		  { "exit", BUSY_VMM, 0, EXIT, NULL },
		  { "exit, EVENT_IDX", BUSY_VMM, BUSY_EVENTS, EXIT, NULL },
		  { "eventfd", BUSY_VMM, 0, EVENTFD, KERNEL },
		  { "eventfd, EVENT_IDX", BUSY_VMM, BUSY_EVENTS, EVENTFD, KERNEL },
	  } },
#undef DISK
#undef NET
};

struct measured {
	u32 n;
	struct cost cost[ROWS][TURNS];
	bool there[ROWS];
};

static struct measured measured[ARRAY_SIZE(groups)];

static struct busy busy_of(const struct group *g, unsigned row)
{
	const struct row *r = &g->row[row];

	return (struct busy){ r->who, g->net, g->options | r->options, r->kicks, r->irqchip };
}

/* Who is here, and how many requests: as many as keep our VMM busy for long enough. */
static int prepare(bool qemu)
{
	int err = busy_begin();

	for (unsigned i = 0; i < ARRAY_SIZE(groups) && !err; i++) {
		struct measured *m = &measured[i];

		for (unsigned row = 0; row < ROWS && !err; row++) {
			const struct busy b = busy_of(&groups[i], row);

			m->there[row] = b.who == BUSY_QEMU ? qemu : b.who != BUSY_NOBODY;
			if (b.who == BUSY_VMM && !m->n)
				err = busy_length(&b, LONG_SECONDS, &m->n);
		}
	}
	return err;
}

static int one_turn(unsigned turn)
{
	int err = 0;

	for (unsigned i = 0; i < ARRAY_SIZE(groups) * ROWS && !err; i++) {
		struct measured *m = &measured[i / ROWS];
		const struct busy b = busy_of(&groups[i / ROWS], i % ROWS);

		if (m->there[i % ROWS])
			err = busy_measure(&b, m->n, &m->cost[i % ROWS][turn]);
	}
	return err;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Of a row's costs the one at this offset in struct cost; divided by that of another, if told. */
static double median(const struct cost *cost, const struct cost *other, size_t offset)
{
	double value[TURNS];

	for (unsigned i = 0; i < TURNS; i++) {
		value[i] = *(const double *)((const u8 *)&cost[i] + offset);
		if (other)
			value[i] /= *(const double *)((const u8 *)&other[i] + offset);
	}
	qsort(value, TURNS, sizeof(value[0]), by_value);
	return value[TURNS / 2];
}

#define MEDIAN(cost, what) median(cost, NULL, offsetof(struct cost, what))

/* A number of times for each request, such as 1/32; "" where it means nothing. */
static void print_count(double count, bool known)
{
	if (known && count >= 0)
		printf(" %10.3f", count);
	else
		printf(" %10s", "");
}

static void print_row(const struct group *g, unsigned row, const struct cost *cost)
{
	const struct busy b = busy_of(g, row);
	double seconds = MEDIAN(cost, seconds);
	bool guest = b.who != BUSY_HOST;
	char text[32];

	printf("    %-20s %10s %11.0f %9.1f", g->row[row].name,
	       chart_time(seconds * 1e9, "us", text, sizeof(text)), 1 / seconds,
	       busy_bytes(&b) / seconds / 1e6);
	print_count(MEDIAN(cost, exits), guest);
	print_count(MEDIAN(cost, kicks), guest);
	print_count(MEDIAN(cost, interrupts), guest);
	putchar('\n');
}

static void print_table(const char *note)
{
	printf("one request of a guest that has 32 under way\n(%s)\n", note);
	printf("%36s %10s  %10s %10s %10s %10s\n", "time", "a second", "MB/s", "exits", "kicks",
	       "interrupts");
	for (unsigned i = 0; i < ARRAY_SIZE(groups); i++) {
		printf("  %s\n", groups[i].name);
		for (unsigned row = 0; row < ROWS; row++)
			if (measured[i].there[row])
				print_row(&groups[i], row, measured[i].cost[row]);
	}
	printf("(exits to user space, counted by our VMM only; kicks and interrupts by the "
	       "guest)\n");
}

/* The first row that is theirs; NULL: they are not here. */
static const struct cost *cost_of(unsigned group, enum busy_who who)
{
	for (unsigned row = 0; row < ROWS; row++)
		if (measured[group].there[row] && groups[group].row[row].who == who)
			return measured[group].cost[row];
	return NULL;
}

/* By how much does our VMM do more than others? aim: at least so much; 0: none. */
static bool compare(unsigned group, enum busy_who who, const char *than, double aim)
{
	const struct cost *ours = cost_of(group, BUSY_VMM), *theirs = cost_of(group, who);
	bool real = !strcmp(env_engine(), "native"), ok;
	double times;

	if (!theirs)
		return true;
	times = median(theirs, ours, offsetof(struct cost, seconds));
	ok = times >= aim;
	printf("  %-18s %6.2f times %s", groups[group].name, times, than);
	if (aim > 0 && real)
		printf("   %s: at least %g", ok ? "ok" : "NOT MET", aim);
	putchar('\n');
	return ok || !real;
}

static bool compare_all(void)
{
	bool ok;

	printf("our VMM does in the same time\n");
	ok = compare(0, BUSY_HOST, "what the host does", AIM_HOST);
	ok &= compare(1, BUSY_HOST, "what the host does", 0);
	ok &= compare(2, BUSY_HOST, "what the host does", 0);
	ok &= compare(3, BUSY_HOST, "what the host does", 0);
	for (unsigned i = 0; i < 6; i++)
		ok &= compare(i, BUSY_QEMU, "what QEMU does", i == 2 || i == 3);
	return ok;
}

static void fill_chart(struct chart *chart)
{
	static const char *const series[CHART_SERIES] = { "the host itself", "our VMM", "QEMU" };

	memcpy(chart->series, series, sizeof(series));
	for (unsigned i = 0; i < CHART_GROUPS * CHART_SERIES; i++) {
		unsigned group = i / CHART_SERIES, row = i % CHART_SERIES;
		const struct cost *cost = measured[group].cost[row];

		chart->group[group] = groups[group].name;
		if (measured[group].there[row])
			chart->bar[group][row] = (struct bar){ MEDIAN(cost, seconds) * 1e9,
							       MEDIAN(cost, exits), NULL };
	}
}

bool bench_virtio(const char *plot)
{
	struct chart chart = { .title = "One request to a disk, by who does it" };
	bool native = !strcmp(env_engine(), "native"), qemu = native && qemu_present(), ok;
	char where[80];
	int err;

	if (!qemu)
		printf("QEMU with KVM is not here: it is left out\n");
	show_format(chart.note, sizeof(chart.note), "%s; the median of %d turns",
		    measured_where(where, sizeof(where)), TURNS);
	err = prepare(qemu);
	for (unsigned turn = 0; turn < TURNS && !err; turn++)
		err = one_turn(turn);
	busy_end();
	if (err)
		return false;
	print_table(chart.note);
	ok = compare_all();
	fill_chart(&chart);
	return chart_save(&chart, plot) && ok;
}
