// SPDX-License-Identifier: MIT
/* Lab 02: the VMM beside a program of bare ioctls, and beside QEMU. What counts is the ratio. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "benchmarks.h"
#include "env.h"
#include "proc.h"
#include "qemu.h"
#include "../yardstick/pairs.h"

#define RUNS	  31
#define RUN_LIMIT 60

/* Each process of bench-exit gives one value; so many at least, and at most. */
#define EXIT_RUNS_MIN 9
#define EXIT_RUNS_MAX 41
#define EXIT_SETTLED  50 /* ns: the interval is no wider */

/* The aims: ratios and sizes that hold on any machine, unlike milliseconds. */
#define AIM_QEMU    0.1
#define AIM_BARE    1.25
#define AIM_EXIT_NS 100
#define AIM_RSS_KIB 4096
#define AIM_TRACE   0.03

static char vmm[300], bare[300], exit_cost[300], hello[300], spin[300];

static void find_programs(void)
{
	const char *build = env_build_dir();

	snprintf(vmm, sizeof(vmm), "%s/labs/02-vcpu-run/vmm", build);
	snprintf(bare, sizeof(bare), "%s/tools/bench-bare", build);
	snprintf(exit_cost, sizeof(exit_cost), "%s/tools/bench-exit", build);
	snprintf(hello, sizeof(hello), "%s/guests/02/hello64.elf", build);
	snprintf(spin, sizeof(spin), "%s/guests/02/spin.bin", build);
}

/* What is run in turn: those that run hello64, and what the first two of them need for a part. */
enum rival { VMM, BARE, QEMU_KVM, QEMU_TCG, VMM_STARTS, BARE_STARTS, BARE_BYTES, RIVALS };

static const char *const names[] = { "vmm", "bare ioctls", "QEMU microvm, KVM",
				     "QEMU microvm, TCG" };

static bool is_qemu(enum rival rival)
{
	return rival == QEMU_KVM || rival == QEMU_TCG;
}

/* CPU time of all processes that have been waited for. */
static double cpu_seconds(void)
{
	struct rusage u;

	getrusage(RUSAGE_CHILDREN, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

/* From exec to end, in seconds. Returns 0, or a negative errno also if it printed something else.
 */
static int run_once(enum rival rival, double *wall, double *cpu)
{
	char *const argv[RIVALS][4] = {
		[VMM] = { vmm, hello },
		[BARE] = { bare, hello },
		[VMM_STARTS] = { vmm, "--version" },
		[BARE_STARTS] = { bare },
		[BARE_BYTES] = { bare, "--each-byte", hello },
	};
	struct proc_opts opts = { .limit = RUN_LIMIT };
	const char *prints = rival == VMM_STARTS    ? "vmmlab "
			     : rival == BARE_STARTS ? ""
						    : "Hello from long mode\n";
	struct proc_result r;
	char why[240] = "";
	int status = 0, err;

	*cpu = -cpu_seconds();
	if (is_qemu(rival))
		err = qemu_run(hello, rival == QEMU_KVM ? "kvm" : "tcg", RUN_LIMIT, &r, &status,
			       why, sizeof(why));
	else
		err = proc_run(argv[rival], &opts, &r);
	*cpu += cpu_seconds();
	*wall = r.seconds;
	if (!err && strncmp(r.out, prints, strlen(prints)) != 0)
		err = -EIO;
	proc_free(&r);
	return err;
}

/* False: it is missed, for certain. */
static bool told(const struct estimate *e, double most, const char *text)
{
	static const char *const said[] = { "ok", "perhaps", "NOT MET" };
	enum aim met = aim(e, most);

	printf("   %s: %s\n", said[met], text);
	return met != AIM_MISSED;
}

/* As estimate(), which sorts; these values stay in their order. */
static struct estimate estimate_some(const double *values, unsigned n)
{
	double sorted[EXIT_RUNS_MAX];

	memcpy(sorted, values, n * sizeof(*values));
	return estimate(sorted, n);
}

/* Turn by turn. */
static double wall[RIVALS][RUNS], cpu[RIVALS][RUNS];
static bool failed[RIVALS];

static struct estimate more(const double one[RUNS], const double other[RUNS])
{
	double values[RUNS];

	for (unsigned i = 0; i < RUNS; i++)
		values[i] = one[i] - other[i];
	return estimate(values, RUNS);
}

static struct estimate ratio(const double one[RUNS], const double other[RUNS])
{
	double values[RUNS];

	for (unsigned i = 0; i < RUNS; i++)
		values[i] = one[i] / other[i];
	return estimate(values, RUNS);
}

static void print_part(const char *name, enum rival one, enum rival other)
{
	struct estimate e = more(cpu[one], cpu[other]);

	if (!failed[one] && !failed[other])
		printf("    %-34s %+6.2f ms  (%+.2f to %+.2f)\n", name, e.median * 1e3, e.low * 1e3,
		       e.high * 1e3);
}

static bool print_rival(enum rival rival)
{
	struct estimate e = estimate_some(wall[rival], RUNS);
	bool ok = true;

	if (failed[rival]) {
		printf("  %-20s not here, or it did not run it\n", names[rival]);
		return is_qemu(rival);
	}
	printf("  %-20s %8.2f ms", names[rival], e.median * 1e3);
	if (rival == VMM || failed[VMM]) {
		putchar('\n');
		return true;
	}
	e = ratio(wall[VMM], wall[rival]);
	printf("   vmm / this = %.3f  (%.3f to %.3f)", e.median, e.low, e.high);
	if (rival == BARE)
		ok = told(&e, AIM_BARE, "at most 1.25");
	else if (rival == QEMU_KVM)
		ok = told(&e, AIM_QEMU, "at most 0.1");
	else
		putchar('\n');
	return ok;
}

static bool bench_start(void)
{
	bool ok = true;

	for (unsigned i = 0; i < RUNS; i++)
		for (enum rival rival = VMM; rival < RIVALS; rival++)
			failed[rival] |= run_once(rival, &wall[rival][i], &cpu[rival][i]) != 0;
	printf("exec to the end of hello64: median of %d runs, in turn\n", RUNS);
	for (enum rival rival = VMM; rival <= QEMU_TCG; rival++)
		ok &= print_rival(rival);
	printf("  what our VMM takes more than bare ioctls, in CPU time\n");
	print_part("in all", VMM, BARE);
	print_part("to be started (--version)", VMM_STARTS, BARE_STARTS);
	print_part("since each byte is written at once", BARE_BYTES, BARE);
	return ok;
}

/* What one OUT costs, and what --trace adds to it, by process. */
struct exit_costs {
	double plain[PAIRS_WAYS][EXIT_RUNS_MAX], traced[PAIRS_WAYS][EXIT_RUNS_MAX];
};

/* One process more: its values go to place i. Returns 0 or a negative errno. */
static int run_exit_cost(unsigned i, struct exit_costs *c)
{
	char *const argv[] = { exit_cost, NULL };
	struct proc_opts opts = { .limit = RUN_LIMIT };
	struct proc_result r;
	int err = proc_run(argv, &opts, &r);

	if (!err && (r.timed_out ||
		     sscanf(r.out, "bare %lf again %lf vmm %lf vmm %lf again %lf traced %lf",
			    &c->plain[0][i], &c->plain[1][i], &c->plain[2][i], &c->traced[0][i],
			    &c->traced[1][i], &c->traced[2][i]) != 2 * PAIRS_WAYS))
		err = -EIO;
	if (err)
		fprintf(stderr, "bench: %s: %s", exit_cost, r.err && *r.err ? r.err : "failed\n");
	proc_free(&r);
	return err;
}

/* An interval is of what --trace adds, in parts of an exit without it. */
static bool print_traced(struct exit_costs *c, unsigned n)
{
	struct estimate part;

	for (unsigned i = 0; i < n; i++)
		c->traced[2][i] /= c->traced[0][i];
	part = estimate_some(c->traced[2], n);
	printf("  %-20s %+8.1f %%   (%+.1f to %+.1f)", "with --trace", part.median * 100,
	       part.low * 100, part.high * 100);
	if (strcmp(env_engine(), "native") == 0)
		return told(&part, AIM_TRACE, "at most +3 %");
	printf("   the aim of +3 %% is for a real CPU\n");
	return true;
}

/* A process has its pages where chance puts them: so more and more of them, until they agree. */
static bool bench_exit(void)
{
	static struct exit_costs c;
	struct estimate e[PAIRS_WAYS] = { 0 };
	bool settled = false, ok = true;
	unsigned n = 0;

	while (n < EXIT_RUNS_MAX && !settled) {
		if (run_exit_cost(n++, &c))
			return false;
		for (unsigned way = 0; way < PAIRS_WAYS; way++)
			e[way] = estimate_some(c.plain[way], n);
		settled = n >= EXIT_RUNS_MIN && e[1].high - e[1].low <= EXIT_SETTLED &&
			  e[2].high - e[2].low <= EXIT_SETTLED;
	}
	printf("one OUT exit: the median of %u processes, by pairs of short blocks\n", n);
	printf("  %-20s %8.0f ns\n", "KVM_RUN in a loop", e[0].median);
	printf("  %-20s %+8.0f ns  (%+.0f to %+.0f)\n", "the same again", e[1].median, e[1].low,
	       e[1].high);
	printf("  %-20s %+8.0f ns  (%+.0f to %+.0f), %+.1f%%", "vmm", e[2].median, e[2].low,
	       e[2].high, e[2].median / e[0].median * 100);
	if (strcmp(env_engine(), "native") == 0)
		ok = told(&e[2], AIM_EXIT_NS, "at most +100 ns");
	else
		printf("   the aim of +%d ns is for a real CPU\n", AIM_EXIT_NS);
	ok &= print_traced(&c, n);
	if (!settled)
		printf("  not settled within %d ns: too much else runs here\n", EXIT_SETTLED);
	return ok;
}

/* Resident KiB of a process in all mappings but that of guest_kib, the guest's memory. */
static long resident_kib(pid_t pid, unsigned long guest_kib)
{
	char path[64], line[256];
	unsigned long size = 0, rss;
	long sum = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/smaps", (int)pid);
	f = fopen(path, "re");
	if (!f)
		return -1;
	while (fgets(line, sizeof(line), f)) {
		sscanf(line, "Size: %lu kB", &size);
		if (sscanf(line, "Rss: %lu kB", &rss) == 1 && size != guest_kib)
			sum += (long)rss;
	}
	fclose(f);
	return sum;
}

/* Start the VMM on a guest that prints a line and spins; when the line is there, look. */
static bool bench_memory(void)
{
	char *const argv[] = { vmm, spin, NULL };
	char line[64];
	int out[2];
	long kib = -1;
	pid_t pid;
	bool ok;

	if (pipe(out) < 0)
		return false;
	pid = fork();
	if (pid == 0) {
		dup2(out[1], STDOUT_FILENO);
		execv(argv[0], argv);
		_exit(127);
	}
	close(out[1]);
	if (pid > 0 && read(out[0], line, sizeof(line)) > 0)
		kib = resident_kib(pid, 128 << 10);
	close(out[0]);
	if (pid > 0)
		kill(pid, SIGKILL);
	ok = kib > 0 && kib <= AIM_RSS_KIB;
	printf("resident memory outside the guest's\n  %-20s %8.2f MiB", "vmm", (double)kib / 1024);
	printf("   %s: at most 4 MiB\n", ok ? "ok" : "NOT MET");
	return ok;
}

bool bench_vcpu_run(const char *plot)
{
	bool ok;

	find_programs();
	ok = bench_start();
	ok &= bench_exit();
	ok &= bench_memory();
	return ok;
}
