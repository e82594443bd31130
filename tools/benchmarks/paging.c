// SPDX-License-Identifier: MIT
/* Lab 03: four operations under each --mmu. How they are measured: twice.h. */
#include <stdio.h>
#include <string.h>

#include "benchmarks.h"
#include "show.h"
#include "twice.h"

#define RUNS	     5	 /* of each length; the least counts */
#define LONG_SECONDS 0.2 /* what a long run takes more than a first one, if n may be so large */

static const struct operation {
	const char *name, *guest;
	u32 most; /* so many times at most */
} operations[CHART_GROUPS] = {
	{ "page-table update", "03/pte-storm", 1u << 31 },
	{ "context switch", "03/space-switch", 1u << 31 },
	{ "first touch", "03/first-touch", 30000 }, /* pages of 128 MiB */
	{ "plain access", "03/plain-access", 1u << 31 },
};

static const char *const modes[CHART_SERIES] = { "shadow", "shadow-cached", "ept" };
static const char *const options[CHART_SERIES] = { "--mmu=shadow", "--mmu=shadow-cached",
						   "--mmu=ept" };

static struct way way_of(const struct operation *op, const char *option)
{
	return (struct way){
		.program = "03-paging",
		.guest = op->guest,
		.options = { option },
		.most = op->most,
	};
}

/* The guest has to compute the same, whoever translates. */
static int same_results(const struct operation *op)
{
	struct run run[CHART_SERIES];

	for (unsigned mode = 0; mode < CHART_SERIES; mode++) {
		struct way way = way_of(op, options[mode]);
		int err = run_times(&way, TWICE_FIRST, &run[mode]);

		if (err)
			return err;
		if (strcmp(run[mode].out, run[0].out) != 0)
			return run_trouble(&way, "it prints something else");
	}
	return 0;
}

static int measure(const struct operation *op, struct bar *bar)
{
	struct run small[CHART_SERIES] = { 0 }, large[CHART_SERIES] = { 0 };
	struct way way[CHART_SERIES];
	u32 n[CHART_SERIES] = { 0 };
	int err = same_results(op);

	for (unsigned mode = 0; mode < CHART_SERIES && !err; mode++) {
		way[mode] = way_of(op, options[mode]);
		err = find_length(&way[mode], LONG_SECONDS, &n[mode]);
	}
	for (unsigned i = 0; i < RUNS * CHART_SERIES && !err; i++) {
		unsigned mode = i % CHART_SERIES;

		err = run_again(&way[mode], n[mode] / 4, &small[mode]);
		if (!err)
			err = run_again(&way[mode], n[mode], &large[mode]);
	}
	for (unsigned mode = 0; mode < CHART_SERIES && !err; mode++) {
		u32 more = n[mode] - n[mode] / 4;

		bar[mode].exits = (double)(large[mode].exits - small[mode].exits) / more;
		bar[mode].ns = (large[mode].seconds - small[mode].seconds) / more * 1e9;
	}
	return err;
}

static void print_row(const char *name, const struct bar *bar)
{
	char text[32];

	printf("  %-18s", name);
	for (unsigned mode = 0; mode < CHART_SERIES; mode++)
		printf("%4g %s %-*s", bar[mode].exits, bar[mode].exits == 1 ? "exit, " : "exits,",
		       mode == CHART_SERIES - 1 ? 0 : 9,
		       chart_time(bar[mode].ns, "us", text, sizeof(text)));
	putchar('\n');
}

static void print_head(const char *note)
{
	printf("one operation: exits to user space, and time\n");
	printf("(%s)\n  %-18s", note, "by --mmu=");
	for (unsigned mode = 0; mode < CHART_SERIES; mode++)
		printf("   %-*s", mode == CHART_SERIES - 1 ? 0 : 18, modes[mode]);
	putchar('\n');
}

bool bench_paging(const char *plot)
{
	struct chart chart = { .title = "One operation, by who translates" };
	char where[80];
	int err = 0;

	show_format(chart.note, sizeof(chart.note), "%s; the least of %d runs, in turn",
		    measured_where(where, sizeof(where)), RUNS);
	print_head(chart.note);
	memcpy(chart.series, modes, sizeof(modes));
	for (unsigned op = 0; op < CHART_GROUPS && !err; op++) {
		chart.group[op] = operations[op].name;
		err = measure(&operations[op], chart.bar[op]);
		if (!err)
			print_row(chart.group[op], chart.bar[op]);
		fflush(stdout);
	}
	return !err && chart_save(&chart, plot);
}
