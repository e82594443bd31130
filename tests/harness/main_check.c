// SPDX-License-Identifier: MIT
/*
 * check: run every suite of the solved tree, graded or not, and say what does not pass; with
 * --suites those alone, with --extra none besides: its files tell what ran already. The last line
 * is `N passed, N failed, N skipped`. Status: 0, 1 something failed, 3 nothing failed but /dev/kvm
 * is of no use here, so that much was skipped.
 */
#include <errno.h>
#include <getopt.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "env.h"
#include "print.h"
#include "results.h"
#include "said.h"
#include "show.h"
#include "suites.h"

static const char usage[] =
	"usage: check [--extra=FILE]... [--suites=GLOB]... [--count=FILE] [--elsewhere]\n";

static const struct option options[] = {
	{ "extra", required_argument, NULL, 'e' }, { "suites", required_argument, NULL, 's' },
	{ "count", required_argument, NULL, 'c' }, { "elsewhere", no_argument, NULL, 'k' },
	{ "help", no_argument, NULL, 'h' },	   { NULL, 0, NULL, 0 },
};

struct check {
	unsigned passed, failed, skipped;
	const char *no_kvm;  /* why /dev/kvm is of no use; NULL: it is usable */
	FILE *count_file;    /* a line `count P F S NAME` for each suite, or NULL */
	struct results plan; /* of the suite under way */
};

static void count(struct check *c, enum test_outcome outcome)
{
	if (outcome == T_PASS)
		c->passed++;
	else if (outcome_is_failure(outcome))
		c->failed++;
	else
		c->skipped++;
}

static void take_result(const struct test_result *r, void *arg)
{
	struct check *c = arg;

	if (r->outcome == T_SKIP && strstr(r->note, PART_IS))
		return; /* it is told where it runs */
	count(c, r->outcome);
	if (outcome_is_failure(r->outcome))
		print_block(stdout, r, NULL, true);
	else if (r->outcome != T_PASS || r->flaky)
		print_line(stdout, r);
	fflush(stdout);
}

/* One suite. Tests that it announces and never reports count as failed. */
static void run_suite(struct check *c, const char *path)
{
	struct suite_call call = {
		.path = path,
		.no_kvm = c->no_kvm,
		.on_result = take_result,
		.arg = c,
	};
	char why[400];
	struct check before = *c;
	int ret = suite_plan(&call, &c->plan, why, sizeof(why));

	call.planned = c->plan.tests;
	call.nplanned = c->plan.ntests;
	call.limit = suite_limit(c->plan.tests, c->plan.ntests, NULL);
	if (!ret)
		ret = suite_call(&call, why, sizeof(why));
	if (ret) {
		print_clipped(stdout, "ERROR %s", why);
		c->failed++;
	}
	for (size_t i = 0; i < c->plan.ntests; i++) {
		if (c->plan.tests[i].told || !outcome_is_failure(c->plan.tests[i].outcome))
			continue;
		print_line(stdout, &c->plan.tests[i]);
		c->failed++;
	}
	results_free(&c->plan);
	if (c->count_file)
		fprintf(c->count_file, "count %u %u %u %s\n", c->passed - before.passed,
			c->failed - before.failed, c->skipped - before.skipped, path);
}

/* Every suite that a pattern finds; none is a failure. */
static void run_suites(struct check *c, const char *pattern)
{
	glob_t found;

	if (glob(pattern, GLOB_BRACE, NULL, &found)) {
		print_clipped(stdout, "ERROR no suite is built: %s", pattern);
		c->failed++;
		return;
	}
	for (size_t i = 0; i < found.gl_pathc; i++)
		run_suite(c, found.gl_pathv[i]);
	globfree(&found);
}

/*
 * Results of other steps, a line each: `pass|fail|skip NAME REASON`, or `count P F S` of a check
 * that ran elsewhere and has shown its own.
 */
static int take_extra(struct check *c, const char *path)
{
	char line[400], word[8];
	unsigned n[3];
	FILE *f = fopen(path, "r");
	int used;

	if (!f) {
		fprintf(stderr, "check: %s: %s\n", path, strerror(errno));
		return -errno;
	}
	while (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = 0;
		if (sscanf(line, "%7s %n", word, &used) != 1)
			continue;
		if (!strcmp(word, "count") &&
		    sscanf(line + used, "%u %u %u", &n[0], &n[1], &n[2]) == 3) {
			c->passed += n[0];
			c->failed += n[1];
			c->skipped += n[2];
		} else if (!strcmp(word, "pass")) {
			c->passed++;
		} else if (!strcmp(word, "skip")) {
			c->skipped++;
			print_clipped(stdout, "SKIP %s", line + used);
		} else {
			c->failed++;
			print_clipped(stdout, "FAIL %s", line + used);
		}
	}
	fclose(f);
	return 0;
}

int main(int argc, char **argv)
{
	struct check c = { 0 };
	char why[ENV_WHY_MAX], pattern[PATH_MAX];
	bool told = false, elsewhere = false; /* what needs KVM has run on another engine */
	int opt;

	said_or_fail("check");
	if (env_kvm(why, sizeof(why)))
		c.no_kvm = why;
	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (opt == 'e') {
			told = true;
			if (take_extra(&c, optarg))
				return 2;
		} else if (opt == 's') {
			told = true;
			run_suites(&c, optarg);
		} else if (opt == 'k') {
			elsewhere = true;
		} else if (opt == 'c') {
			c.count_file = fopen(optarg, "w");
		} else {
			fputs(usage, opt == 'h' ? stdout : stderr);
			if (c.count_file)
				fclose(c.count_file);
			return opt == 'h' ? 0 : 64;
		}
	}
	show_format(pattern, sizeof(pattern), "%s/tests/*/{unit,blackbox}", env_build_dir());
	if (!told)
		run_suites(&c, pattern);
	if (c.count_file)
		return fclose(c.count_file) || c.failed ? 1 : 0;
	if (elsewhere)
		c.no_kvm = NULL;
	if (c.no_kvm)
		printf("environment: %s\n", c.no_kvm);
	printf("%u passed, %u failed, %u skipped\n", c.passed, c.failed, c.skipped);
	return c.failed ? 1 : c.no_kvm ? 3 : 0;
}
