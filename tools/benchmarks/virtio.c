// SPDX-License-Identifier: MIT
/*
 * Lab 05: a disk and a network card whose driver keeps the queue full, on our VMM and on QEMU, and
 * what the host needs for the same itself. How they are measured: busy.h. All take turns; what is
 * told is the median of the turns, and of the ratios in each turn.
 */
#include <stdio.h>
#include <string.h>

#include "benchmarks.h"
#include "busy.h"
#include "env.h"
#include "qemu.h"
#include "show.h"
#include "twice.h"
#include "../yardstick/pairs.h"

#define TURNS	     5
#define LONG_SECONDS 0.16

/* Each is measured with these rows; our VMM as it runs by default comes first. */
static const struct row {
	const char *name;
	enum busy_who who;
	const char *notify, *irqchip;
	bool alone; /* without the threads of 5.12: no row of a network card */
} rows[] = {
	{ "host", BUSY_HOST, NULL, NULL, false },
	{ "vmm", BUSY_VMM, "--notify=exit", NULL, false },
	{ "vmm, threads=0", BUSY_VMM, "--notify=exit", NULL, true },
	{ "vmm, eventfd", BUSY_VMM, "--notify=eventfd", "--irqchip=kernel", false },
	{ "QEMU", BUSY_QEMU, NULL, NULL, false },
};

#define ROWS ARRAY_SIZE(rows)
#define BEST (BUSY_EVENTS | BUSY_GATHER)

static const struct group {
	const char *name;
	unsigned options;
	bool net;
	bool host;		     /* does the host do it, too? */
	double than_host, than_qemu; /* aims: so many times what they do in the same time */
} groups[] = {
	{ "read 1 MiB", BUSY_LARGE | BEST, false, true, 0.9, 1 },
	{ "write 1 MiB", BUSY_LARGE | BUSY_WRITES | BEST, false, true, 0, 0 },
	{ "read 4 KiB", BEST, false, true, 0, 1 },
	{ "write 4 KiB", BUSY_WRITES | BEST, false, true, 0, 1 },
	{ "ping, 64 bytes", BEST, true, false, 0, 0 },
	{ "ping, 1442 bytes", BUSY_LARGE | BEST, true, false, 0, 0 },
	{ "read 4 KiB, without EVENT_IDX", BUSY_GATHER, false, false, 0, 0 },
	{ "read 4 KiB, a notification for each", BUSY_EVENTS, false, false, 0, 0 },
	{ "read 4 KiB, a notification for each, without EVENT_IDX", 0, false, false, 0, 0 },
};

struct measured {
	u32 n[ROWS]; /* requests; 0: nobody is there */
	struct cost cost[ROWS][TURNS];
};

static struct measured measured[ARRAY_SIZE(groups)];

static struct busy busy_of(const struct group *g, unsigned row)
{
	const struct row *r = &rows[row];

	return (struct busy){ r->who, g->net, g->options, r->notify, r->irqchip, r->alone };
}

/* Who is here, and how many requests: as many as take long enough; QEMU does what our VMM does. */
static int find_lengths(bool qemu)
{
	int err = 0;

	for (unsigned i = 0; i < ARRAY_SIZE(groups) * ROWS && !err; i++) {
		unsigned row = i % ROWS;
		const struct busy b = busy_of(&groups[i / ROWS], row);
		u32 *n = measured[i / ROWS].n;

		if (b.who == BUSY_QEMU)
			n[row] = qemu ? n[row - 1] : 0;
		else if (b.who == BUSY_VMM ? !(b.net && b.alone) : groups[i / ROWS].host)
			err = busy_length(&b, LONG_SECONDS, &n[row]);
	}
	return err;
}

static int one_turn(unsigned turn)
{
	int err = 0;

	for (unsigned i = 0; i < ARRAY_SIZE(groups) * ROWS && !err; i++) {
		struct measured *m = &measured[i / ROWS];
		const struct busy b = busy_of(&groups[i / ROWS], i % ROWS);

		if (m->n[i % ROWS])
			err = busy_measure(&b, m->n[i % ROWS], &m->cost[i % ROWS][turn]);
	}
	return err;
}

static double cost_at(const struct cost *cost, size_t offset)
{
	double value;

	memcpy(&value, (const u8 *)cost + offset, sizeof(value));
	return value;
}

/* Of a row's costs the one at this offset in struct cost; divided by that of another, if told. */
static double median(const struct cost *cost, const struct cost *other, size_t offset)
{
	double value[TURNS];

	for (unsigned i = 0; i < TURNS; i++) {
		value[i] = cost_at(&cost[i], offset);
		if (other)
			value[i] /= cost_at(&other[i], offset);
	}
	return estimate(value, TURNS).median;
}

#define MEDIAN(cost, what) median(cost, NULL, offsetof(struct cost, what))

static void print_count(double count, bool known)
{
	if (known)
		printf(" %10.3f", count);
	else
		printf(" %10s", "");
}

static void print_row(const struct group *g, unsigned row, const struct cost *cost)
{
	const struct busy b = busy_of(g, row);
	double seconds = MEDIAN(cost, seconds);
	char text[32];

	printf("    %-14s %10s", rows[row].name,
	       chart_time(seconds * 1e9, "us", text, sizeof(text)));
	if (seconds > 0)
		printf(" %11.0f %9.1f", 1 / seconds, busy_bytes(&b) / seconds / 1e6);
	else
		printf(" %11s %9s", "", ""); /* so busy a machine that no time can be told */
	print_count(MEDIAN(cost, exits), b.who == BUSY_VMM);
	print_count(MEDIAN(cost, notified), b.who != BUSY_HOST);
	print_count(MEDIAN(cost, interrupts), b.who != BUSY_HOST);
	putchar('\n');
}

static void print_table(const char *note)
{
	printf("one request of a guest that has 32 under way\n(%s)\n", note);
	printf("%29s %11s %9s %10s %10s %10s\n", "time", "a second", "MB/s", "exits", "notified",
	       "interrupts");
	for (unsigned i = 0; i < ARRAY_SIZE(groups); i++) {
		printf("  %s\n", groups[i].name);
		for (unsigned row = 0; row < ROWS; row++)
			if (measured[i].n[row])
				print_row(&groups[i], row, measured[i].cost[row]);
	}
	printf("(exits to user space, counted by our VMM only; notifications and interrupts by the "
	       "guest)\n");
}

/* The first of a group's rows that is theirs; NULL: they are not here. */
static const struct cost *cost_of(unsigned group, enum busy_who who)
{
	for (unsigned row = 0; row < ROWS; row++)
		if (measured[group].n[row] && rows[row].who == who)
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
	if (times <= 0)
		printf(": no time can be told, the machine is too busy");
	if (aim > 0 && real)
		printf("   %s: at least %g", ok ? "ok" : "NOT MET", aim);
	putchar('\n');
	return ok || !real;
}

static bool compare_all(void)
{
	bool ok = true;

	printf("our VMM does in the same time\n");
	for (unsigned i = 0; i < ARRAY_SIZE(groups); i++)
		ok &= compare(i, BUSY_HOST, "what the host does", groups[i].than_host);
	for (unsigned i = 0; i < ARRAY_SIZE(groups); i++)
		if ((groups[i].options & BEST) == BEST)
			ok &= compare(i, BUSY_QEMU, "what QEMU does", groups[i].than_qemu);
	return ok;
}

static void fill_chart(struct chart *chart, bool qemu)
{
	chart->series[0] = "the host itself";
	chart->series[1] = "our VMM";
	chart->series[2] = qemu ? "QEMU" : NULL;
	for (unsigned i = 0; i < CHART_GROUPS * CHART_SERIES; i++) {
		unsigned group = i / CHART_SERIES, bar = i % CHART_SERIES;
		const struct cost *cost = cost_of(group, BUSY_HOST + bar);

		chart->group[group] = groups[group].name;
		if (cost)
			chart->bar[group][bar] = (struct bar){ MEDIAN(cost, seconds) * 1e9,
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
	err = busy_begin();
	if (!err)
		err = find_lengths(qemu);
	for (unsigned turn = 0; turn < TURNS && !err; turn++)
		err = one_turn(turn);
	busy_end();
	if (err)
		return false;
	print_table(chart.note);
	ok = compare_all();
	fill_chart(&chart, qemu);
	return chart_save(&chart, plot) && ok;
}
