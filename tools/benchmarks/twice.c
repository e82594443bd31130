// SPDX-License-Identifier: MIT
#include "twice.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "env.h"
#include "nonce.h"
#include "outcome.h" /* struct run_report */
#include "proc.h"
#include "show.h"

#define RUN_LIMIT 60

int run_trouble(const struct way *way, const char *why)
{
	fprintf(stderr, "bench: %s", way->guest);
	for (unsigned i = 0; i < ARRAY_SIZE(way->options) && way->options[i]; i++)
		fprintf(stderr, " %s", way->options[i]);
	fprintf(stderr, ": %s\n", why);
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

/* The program of a lab, which writes a report to path; or the bare one. */
static int run_program(const struct way *way, char *image, const char *path, struct proc_result *r)
{
	char program[300], report[320];
	char *argv[ARRAY_SIZE(way->options) + 4] = { program };
	struct proc_opts opts = { .limit = RUN_LIMIT * env_time_scale() };
	unsigned argc = 1;
	int err;

	show_format(program, sizeof(program), "%s/tools/bench-bare", env_build_dir());
	show_format(report, sizeof(report), "--report=%s", path);
	if (way->program) {
		show_format(program, sizeof(program), "%s/labs/%s/vmm", env_build_dir(),
			    way->program);
		argv[argc++] = report;
	}
	for (unsigned i = 0; i < ARRAY_SIZE(way->options) && way->options[i]; i++)
		argv[argc++] = (char *)way->options[i];
	argv[argc] = image;
	err = proc_run(argv, &opts, r);
	return !err && proc_exit_code(r) ? -EIO : err;
}

static int run_qemu(const struct way *way, const char *image, struct proc_result *r)
{
	char why[240] = "";
	int status = 0;
	int err = qemu_run_with(way->qemu, image, "kvm", RUN_LIMIT, r, &status, why, sizeof(why));

	if (err)
		fprintf(stderr, "bench: QEMU: %s\n", why);
	return !err && status ? -EIO : err;
}

static int run_image(const struct way *way, char *image, struct run *run)
{
	struct proc_result r;
	char path[320];
	int err;

	run->exits = 0;
	show_format(path, sizeof(path), "%s.report", image);
	if (way->qemu)
		err = run_qemu(way, image, &r);
	else
		err = run_program(way, image, path, &r);
	if (!err && r.timed_out)
		err = -ETIMEDOUT;
	if (!err && way->program && !way->qemu)
		err = read_exits(path, &run->exits);
	if (err)
		run_trouble(way, r.timed_out ? "not done in time" : "the run failed");
	run->seconds = r.seconds;
	show_format(run->out, sizeof(run->out), "%s", r.out ? r.out : "");
	proc_free(&r);
	unlink(path);
	return err;
}

int run_times(const struct way *way, u32 n, struct run *run)
{
	char original[300], image[300];
	int err;

	show_format(original, sizeof(original), "%s/guests/%s.elf", env_build_dir(), way->guest);
	err = nonce_patch(original, n | (u64)way->upper << 32, image, sizeof(image));
	if (err)
		return run_trouble(way, strerror(-err));
	err = run_image(way, image, run);
	unlink(image);
	return err;
}

int run_again(const struct way *way, u32 n, struct run *least)
{
	struct run run = { 0 };
	int err = run_times(way, n, &run);

	if (!err && (!least->seconds || run.seconds < least->seconds))
		*least = run;
	return err;
}

static int run_both(const struct way *way, u32 n, struct run *least)
{
	int err;

	*least = (struct run){ 0 };
	err = run_again(way, n, least);
	return err ? err : run_again(way, n, least);
}

int find_length(const struct way *way, double seconds, u32 *n)
{
	struct run first, run;
	double times = 4;
	int err = run_both(way, TWICE_FIRST, &first);

	*n = TWICE_FIRST;
	while (!err && *n < way->most) {
		double more;

		*n = *n * times < way->most ? (u32)(*n * times) : way->most;
		err = run_both(way, *n, &run);
		more = run.seconds - first.seconds;
		if (more >= seconds)
			break;
		/* From a few milliseconds on it can be foretold. */
		times = more > 0 ? 1.2 * seconds / more : 8;
		times = times < 2 ? 2 : times > 8 ? 8 : times;
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

char *measured_where(char *buf, size_t size)
{
	show_format(buf, size, "engine %s%s", env_engine(),
		    cpu_has_virtualization() ? "" : ", no VT-x or SVM below");
	return buf;
}
