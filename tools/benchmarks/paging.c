// SPDX-License-Identifier: MIT
/*
 * Lab 03: four operations under each --mmu. A guest does one of them n times; two runs with
 * different n have all else in common, so their difference is what the operation costs. In exits
 * to user space that is exact. In time it is the difference of the least wall times.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "benchmarks.h"
#include "env.h"
#include "nonce.h"
#include "outcome.h" /* struct run_report */
#include "proc.h"
#include "show.h"

#define RUNS	     5	 /* of each length; the least counts */
#define FIRST	     32	 /* the length by which they are compared, and begin */
#define LONG_SECONDS 0.2 /* what a long run takes more than a first one, if n may be so large */
#define RUN_LIMIT    60

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

struct run {
	double seconds;
	u64 exits;
	char out[64];
};

static int trouble(const struct operation *op, const char *mode, const char *why)
{
	fprintf(stderr, "bench: %s under --mmu=%s: %s\n", op->guest, mode, why);
	return -EIO;
}

static int read_exits(const char *path, u64 *exits)
{
	struct run_report report;
	int err = run_report_read(&report, path);

	*exits = 0;
	for (unsigned i = 0; !err && i < report.nkinds; i++)
		*exits += report.kinds[i].count;
	return err;
}

/* The nonce's low half says how often: guests/lib/times.inc. */
static int run_times(const struct operation *op, const char *mode, u32 n, struct run *run)
{
	char vmm[300], original[300], image[300], mmu[40], report[320], path[320];
	char *const argv[] = { vmm, mmu, report, image, NULL };
	struct proc_opts opts = { .limit = RUN_LIMIT * env_time_scale() };
	struct proc_result r;
	int err;

	show_format(vmm, sizeof(vmm), "%s/labs/03-paging/vmm", env_build_dir());
	show_format(original, sizeof(original), "%s/guests/%s.elf", env_build_dir(), op->guest);
	show_format(mmu, sizeof(mmu), "--mmu=%s", mode);
	err = nonce_patch(original, n, image, sizeof(image));
	if (err)
		return trouble(op, mode, strerror(-err));
	show_format(path, sizeof(path), "%s.report", image);
	show_format(report, sizeof(report), "--report=%s", path);
	err = proc_run(argv, &opts, &r);
	if (!err)
		err = read_exits(path, &run->exits);
	if (!err && (r.timed_out || proc_exit_code(&r)))
		err = -EIO;
	if (err)
		trouble(op, mode, r.timed_out ? "not done in time" : "the run failed");
	run->seconds = r.seconds;
	show_format(run->out, sizeof(run->out), "%s", r.out ? r.out : "");
	proc_free(&r);
	unlink(path);
	unlink(image);
	return err;
}

/* Once more; what the least of all runs was is in *least. */
static int run_again(const struct operation *op, const char *mode, u32 n, struct run *least)
{
	struct run run = { 0 };
	int err = run_times(op, mode, n, &run);

	if (!err && (!least->seconds || run.seconds < least->seconds))
		*least = run;
	return err;
}

static int run_twice(const struct operation *op, const char *mode, u32 n, struct run *least)
{
	int err;

	*least = (struct run){ 0 };
	err = run_again(op, mode, n, least);
	return err ? err : run_again(op, mode, n, least);
}

/* How often, so that it takes long enough to be measured. */
static int find_length(const struct operation *op, const char *mode, u32 *n)
{
	struct run first, run;
	double times = 4;
	int err = run_twice(op, mode, FIRST, &first);

	*n = FIRST;
	while (!err && *n < op->most) {
		double more;

		*n = *n * times < op->most ? (u32)(*n * times) : op->most;
		err = run_twice(op, mode, *n, &run);
		more = run.seconds - first.seconds;
		if (more >= LONG_SECONDS)
			break;
		/* From a few milliseconds on it can be foretold. */
		times = more > 0 ? 1.2 * LONG_SECONDS / more : 8;
		times = times < 2 ? 2 : times > 8 ? 8 : times;
	}
	return err;
}

/* The guest has to compute the same, whoever translates. */
static int same_results(const struct operation *op)
{
	struct run run[CHART_SERIES];

	for (unsigned mode = 0; mode < CHART_SERIES; mode++) {
		int err = run_times(op, modes[mode], FIRST, &run[mode]);

		if (err)
			return err;
		if (strcmp(run[mode].out, run[0].out) != 0)
			return trouble(op, modes[mode], "it prints something else");
	}
	return 0;
}

static int measure(const struct operation *op, struct bar *bar)
{
	struct run small[CHART_SERIES] = { 0 }, large[CHART_SERIES] = { 0 };
	u32 n[CHART_SERIES] = { 0 };
	int err = same_results(op);

	for (unsigned mode = 0; mode < CHART_SERIES && !err; mode++)
		err = find_length(op, modes[mode], &n[mode]);
	for (unsigned i = 0; i < RUNS * CHART_SERIES && !err; i++) {
		unsigned mode = i % CHART_SERIES;

		err = run_again(op, modes[mode], n[mode] / 4, &small[mode]);
		if (!err)
			err = run_again(op, modes[mode], n[mode], &large[mode]);
	}
	for (unsigned mode = 0; mode < CHART_SERIES && !err; mode++) {
		u32 more = n[mode] - n[mode] / 4;

		bar[mode].exits = (double)(large[mode].exits - small[mode].exits) / more;
		bar[mode].ns = (large[mode].seconds - small[mode].seconds) / more * 1e9;
	}
	return err;
}

/* "The CPU has it" and "/dev/kvm works" are two facts. */
static bool cpu_has_virtualization(void)
{
	char line[8192];
	bool found = false;
	FILE *f = fopen("/proc/cpuinfo", "re");

	while (f && !found && fgets(line, sizeof(line), f))
		found = !strncmp(line, "flags", 5) &&
			(strstr(line, " vmx") || strstr(line, " svm"));
	if (f)
		fclose(f);
	return found;
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
	int err = 0;

	show_format(chart.note, sizeof(chart.note), "engine %s%s; the least of %d runs, in turn",
		    env_engine(), cpu_has_virtualization() ? "" : ", no VT-x or SVM below", RUNS);
	print_head(chart.note);
	memcpy(chart.series, modes, sizeof(modes));
	for (unsigned op = 0; op < CHART_GROUPS && !err; op++) {
		chart.group[op] = operations[op].name;
		err = measure(&operations[op], chart.bar[op]);
		if (!err)
			print_row(chart.group[op], chart.bar[op]);
		fflush(stdout);
	}
	if (err || !plot)
		return !err;
	err = chart_write(&chart, plot);
	if (err)
		fprintf(stderr, "bench: %s: %s\n", plot, strerror(-err));
	else
		printf("the same as a picture: %s\n", plot);
	return !err;
}
