// SPDX-License-Identifier: MIT
/*
 * Lab 06: how long a stock kernel needs to its first program, and what it asks of us until it is
 * off: our VMM, QEMU's microvm, and kvmtool where that is. All have the same kernel, the same
 * initrd and as much memory, and take turns; tools/linux.sh lays the files where they are found.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "benchmarks.h"
#include "env.h"
#include "exit_names.h"
#include "proc.h"
#include "report.h"
#include "show.h"
#include "twice.h"
#include "../yardstick/pairs.h"

#define TURNS	  3
#define RUN_LIMIT 60 /* seconds */
#define FIRST	  " seconds after its start, this kernel runs its first program"
#define APPEND	  "console=ttyS0 quiet pci=off vmmlab=off"
#define REASONS	  64 /* of KVM's exits, by number */

/* The aims. A time is so many times another's in the same turn. */
#define AIM_EXITS 1500
#define AIM_QEMU  0.5
#define AIM_LKVM  1.0

enum rival { VMM, QEMU, LKVM, RIVALS };
static const char *const names[] = { "our VMM", "QEMU microvm", "kvmtool" };

static struct {
	char vmm[300], kernel[300], initrd[300], report[300];
	char qemu[300], roms[300], log[300], lkvm[300];
} paths;

/* One boot: from the program's start, and from the kernel's own, to its first program. */
struct boot {
	double began, seconds, uptime;
};

/* Turn by turn. */
static double seconds[RIVALS][TURNS], uptime[RIVALS][TURNS];

struct tally {
	u64 all;
	char text[200]; /* by reason */
};

static void find_paths(void)
{
	const char *build = env_build_dir();
	static const struct {
		char *path;
		const char *name;
	} all[] = {
		{ paths.vmm, "labs/06-linux/vmm" },	{ paths.kernel, "bench-linux/vmlinuz" },
		{ paths.initrd, "bench-linux/initrd" }, { paths.report, "bench-linux/report" },
		{ paths.qemu, "bench-linux/qemu" },	{ paths.roms, "bench-linux/roms" },
		{ paths.log, "bench-linux/exits" },	{ paths.lkvm, "bench-linux/lkvm" },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(all); i++)
		show_format(all[i].path, sizeof(paths.vmm), "%s/%s", build, all[i].name);
}

static bool is_here(enum rival rival)
{
	return rival == VMM || !access(rival == QEMU ? paths.qemu : paths.lkvm, X_OK);
}

static void say_lines(void *arg)
{
	dup2(3, STDOUT_FILENO);
}

static void take_line(char *line, void *arg)
{
	struct boot *boot = arg;

	if (!strstr(line, FIRST) || boot->seconds > 0)
		return;
	boot->seconds = proc_now() - boot->began;
	boot->uptime = strtod(line, NULL);
}

/* Boot once. count: QEMU notes its exits down, which takes time; ours always does. */
static int boot_once(enum rival rival, bool count, struct boot *boot)
{
	char initrd[340], append[340], report[340];
	char *ours[] = { paths.vmm,	 "--memory=160M", "--irqchip=kernel",
			 "--device=rng", initrd,	  append,
			 report,	 paths.kernel,	  NULL };
	char *qemu[] = { paths.qemu,
			 "-M",
			 "microvm",
			 "-accel",
			 "kvm",
			 "-cpu",
			 "host",
			 "-m",
			 "160M",
			 "-L",
			 paths.roms,
			 "-nodefaults",
			 "-no-user-config",
			 "-no-reboot",
			 "-display",
			 "none",
			 "-serial",
			 "stdio",
			 "-device",
			 "virtio-rng-device",
			 "-kernel",
			 paths.kernel,
			 "-initrd",
			 paths.initrd,
			 "-append",
			 APPEND,
			 count ? "-trace" : NULL,
			 "kvm_run_exit",
			 "-D",
			 paths.log,
			 NULL };
	char *lkvm[] = { paths.lkvm,   "run",	 "--kernel",  paths.kernel, "--initrd",
			 paths.initrd, "--mem",	 "160",	      "--cpus",	    "1",
			 "--console",  "serial", "--network", "mode=none",  "--params",
			 APPEND,       NULL };
	char *const *argv[] = { ours, qemu, lkvm };
	struct proc_opts opts = { .limit = RUN_LIMIT * env_time_scale(),
				  .prepare = say_lines,
				  .on_line = take_line,
				  .arg = boot };
	struct proc_result r;
	int err;

	show_format(initrd, sizeof(initrd), "--initrd=%s", paths.initrd);
	show_format(append, sizeof(append), "--append=%s", APPEND);
	show_format(report, sizeof(report), "--report=%s", paths.report);
	*boot = (struct boot){ .began = proc_now() };
	err = proc_run(argv[rival], &opts, &r);
	if (!err && (proc_exit_code(&r) || r.timed_out || boot->seconds <= 0)) {
		fprintf(stderr, "bench: %s: %s, status %d\n%s", names[rival],
			boot->seconds > 0 ? "it did not end well"
					  : "the kernel has not reached its first program",
			proc_exit_code(&r), r.err ? r.err : "");
		err = -EIO;
	} else if (err) {
		fprintf(stderr, "bench: %s: %s\n", names[rival], strerror(-err));
	}
	proc_free(&r);
	return err;
}

static int one_turn(unsigned turn)
{
	struct boot boot;
	int err = 0;

	for (enum rival rival = 0; rival < RIVALS && !err; rival++) {
		if (!is_here(rival))
			continue;
		err = boot_once(rival, false, &boot);
		seconds[rival][turn] = boot.seconds;
		uptime[rival][turn] = boot.uptime;
	}
	return err;
}

static void add(struct tally *t, const char *reason, u64 n)
{
	show_append(t->text, sizeof(t->text), "%s%llu %s", t->all ? ", " : "",
		    (unsigned long long)n, reason);
	t->all += n;
}

static int tally_ours(struct tally *t)
{
	struct run_report report;
	int err = run_report_read(&report, paths.report);

	for (unsigned i = 0; !err && i < report.nkinds; i++)
		if (report.kinds[i].count)
			add(t, report.kinds[i].kind, report.kinds[i].count);
	return err;
}

/* QEMU's lines are such: kvm_run_exit cpu_index 0, reason 2 */
static int tally_qemu(struct tally *t)
{
	u64 count[REASONS] = { 0 };
	struct boot boot;
	char line[160];
	int err = boot_once(QEMU, true, &boot);
	FILE *f = err ? NULL : fopen(paths.log, "re");

	if (!f)
		return err ? err : -errno;
	while (fgets(line, sizeof(line), f)) {
		const char *reason = strstr(line, "kvm_run_exit");

		reason = reason ? strstr(reason, "reason ") : NULL;
		if (reason)
			count[strtoul(reason + strlen("reason "), NULL, 10) % REASONS]++;
	}
	fclose(f);
	unlink(paths.log);
	for (unsigned i = 0; i < REASONS; i++)
		if (count[i])
			add(t, exit_reason_name(i) ? exit_reason_name(i) : "?", count[i]);
	return 0;
}

static double median(const double *values)
{
	double sorted[TURNS];

	memcpy(sorted, values, sizeof(sorted));
	return estimate(sorted, TURNS).median;
}

static void print_table(const struct tally tally[RIVALS])
{
	char where[80];

	printf("Debian's kernel, quiet, to its first program, and off again (%s; the median of %d "
	       "turns)\n%-14s %12s %16s %8s\n",
	       measured_where(where, sizeof(where)), TURNS, "", "from start", "by its own clock",
	       "exits");
	for (enum rival rival = 0; rival < RIVALS; rival++) {
		if (!is_here(rival))
			continue;
		printf("%-14s %10.2f s %14.2f s", names[rival], median(seconds[rival]),
		       median(uptime[rival]));
		if (tally[rival].all)
			printf(" %8llu   %s", (unsigned long long)tally[rival].all,
			       tally[rival].text);
		putchar('\n');
	}
	printf("(exits to user space; who is not here: %s%s%s)\n", is_here(QEMU) ? "" : "QEMU",
	       is_here(QEMU) || is_here(LKVM) ? "" : ", ",
	       is_here(LKVM) ? is_here(QEMU) ? "nobody" : "" : "kvmtool (lkvm)");
}

static bool compare(enum rival other, double most)
{
	double ratio[TURNS];
	bool ok;

	if (!is_here(other))
		return true;
	for (unsigned i = 0; i < TURNS; i++)
		ratio[i] = seconds[VMM][i] / seconds[other][i];
	ok = median(ratio) <= most;
	printf("  the time is %.2f times that of %s   %s: at most %g\n", median(ratio),
	       names[other], ok ? "ok" : "NOT MET", most);
	return ok;
}

bool bench_linux(const char *plot)
{
	struct tally tally[RIVALS] = { { .all = 0 } };
	int err = 0;
	bool ok;

	find_paths();
	for (unsigned turn = 0; turn < TURNS && !err; turn++)
		err = one_turn(turn);
	if (!err)
		err = tally_ours(&tally[VMM]);
	if (!err && is_here(QEMU))
		err = tally_qemu(&tally[QEMU]);
	if (err)
		return false;
	print_table(tally);
	ok = compare(QEMU, AIM_QEMU);
	ok = compare(LKVM, AIM_LKVM) && ok;
	printf("  our VMM has %llu exits   %s: at most %d\n", (unsigned long long)tally[VMM].all,
	       tally[VMM].all <= AIM_EXITS ? "ok" : "NOT MET", AIM_EXITS);
	return ok && tally[VMM].all <= AIM_EXITS;
}
