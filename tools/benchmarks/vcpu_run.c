// SPDX-License-Identifier: MIT
/* Lab 02: the VMM beside a program of bare ioctls, and beside QEMU. What counts is the ratio. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "benchmarks.h"
#include "env.h"
#include "proc.h"
#include "qemu.h"

#define RUNS	  31
#define RUN_LIMIT 60

/* The aims: ratios and sizes that hold on any machine, unlike milliseconds. */
#define AIM_QEMU    0.1
#define AIM_BARE    2.0
#define AIM_EXIT_NS 100
#define AIM_EXIT    1.05
#define AIM_RSS_KIB 4096

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

/* Seconds from exec to end, or a negative errno if it did not print what hello64 prints. */
static double run_hello(unsigned rival)
{
	char *const direct[] = { rival == 0 ? vmm : bare, hello, NULL };
	struct proc_opts opts = { .limit = RUN_LIMIT };
	struct proc_result r;
	char why[240] = "";
	int status = 0, err;
	double seconds;

	if (rival < 2)
		err = proc_run(direct, &opts, &r);
	else
		err = qemu_run(hello, rival == 2 ? "kvm" : "tcg", RUN_LIMIT, &r, &status, why,
			       sizeof(why));
	seconds = r.seconds;
	if (!err && strcmp(r.out, "Hello from long mode\n") != 0)
		err = -EIO;
	proc_free(&r);
	return err ? err : seconds;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void told(bool ok, const char *aim)
{
	printf("   %s: %s\n", ok ? "ok" : "NOT MET", aim);
}

static bool bench_start(void)
{
	static const char *const name[] = { "vmm", "bare ioctls", "QEMU microvm, KVM",
					    "QEMU microvm, TCG" };
	static double t[4][RUNS];
	double median[4];

	for (unsigned i = 0; i < RUNS; i++)
		for (unsigned rival = 0; rival < 4; rival++)
			t[rival][i] = run_hello(rival);
	printf("exec to the end of hello64: median of %d runs, in turn\n", RUNS);
	for (unsigned rival = 0; rival < 4; rival++) {
		qsort(t[rival], RUNS, sizeof(double), by_value);
		median[rival] = t[rival][RUNS / 2];
		if (t[rival][0] < 0) {
			printf("  %-20s not here, or it did not run it\n", name[rival]);
			median[rival] = -1;
			continue;
		}
		printf("  %-20s %8.2f ms", name[rival], median[rival] * 1e3);
		if (rival)
			printf("   vmm / this = %.3f", median[0] / median[rival]);
		if (rival == 1)
			told(median[0] <= AIM_BARE * median[1], "at most 2");
		else if (rival == 2)
			told(median[0] <= AIM_QEMU * median[2], "at most 0.1");
		else
			putchar('\n');
	}
	return median[0] > 0 && median[1] > 0 && median[0] <= AIM_BARE * median[1] &&
	       (median[2] < 0 || median[0] <= AIM_QEMU * median[2]);
}

static bool bench_exit(void)
{
	char *const argv[] = { exit_cost, NULL };
	double bare_ns = 0, vmm_ns = 0;
	struct proc_opts opts = { .limit = RUN_LIMIT };
	struct proc_result r;
	bool ok;

	if (proc_run(argv, &opts, &r) == 0)
		sscanf(r.out, "bare %lf vmm %lf", &bare_ns, &vmm_ns);
	proc_free(&r);
	ok = bare_ns > 0 && vmm_ns - bare_ns <= AIM_EXIT_NS && vmm_ns <= AIM_EXIT * bare_ns;
	printf("one OUT exit: the least of 60 rounds of 2000, in turn\n");
	printf("  %-20s %8.0f ns\n", "KVM_RUN in a loop", bare_ns);
	printf("  %-20s %8.0f ns   %+.0f ns, %+.1f%%", "vmm", vmm_ns, vmm_ns - bare_ns,
	       bare_ns > 0 ? (vmm_ns / bare_ns - 1) * 100 : 0);
	told(ok, "at most +100 ns and +5%");
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
	told(ok, "at most 4 MiB");
	return ok;
}

bool bench_vcpu_run(void)
{
	bool ok;

	find_programs();
	ok = bench_start();
	ok &= bench_exit();
	ok &= bench_memory();
	return ok;
}
