// SPDX-License-Identifier: MIT
/* main() of every suite: choose tests, run them one after the other, say what came of it. */
#include <fcntl.h>
#include <errno.h>
#include <fnmatch.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "print.h"
#include "said.h"
#include "show.h"
#include "suite.h"
#include "suites.h"

#define TESTS_MAX 1024

static const char usage[] =
	"usage: %s [--list] [--filter=GLOB|TASK] [--repeat=N] [--shuffle[=SEED]] [--verbose]\n"
	"          [--no-fork] [--no-retry] [--vmm=PATH] [--no-kvm=REASON] [--json-fd=N]\n"
	"          [--no-traps] [--keep=DIR]\n";

static struct {
	bool list, verbose, shuffle;
	unsigned seed;
	int repeat;
	const char *filter;
} args = { .repeat = 1 };

static const struct option options[] = {
	{ "list", no_argument, NULL, 'l' },	    { "filter", required_argument, NULL, 'f' },
	{ "repeat", required_argument, NULL, 'r' }, { "shuffle", optional_argument, NULL, 's' },
	{ "verbose", no_argument, NULL, 'v' },	    { "no-fork", no_argument, NULL, 'n' },
	{ "no-retry", no_argument, NULL, 'N' },	    { "vmm", required_argument, NULL, 'p' },
	{ "no-kvm", required_argument, NULL, 'k' }, { "json-fd", required_argument, NULL, 'j' },
	{ "no-traps", no_argument, NULL, 'T' },	    { "keep", required_argument, NULL, 'K' },
	{ "help", no_argument, NULL, 'h' },	    { NULL, 0, NULL, 0 },
};

static void take_option(int c, const char *name)
{
	switch (c) {
	case 'l':
		args.list = true;
		break;
	case 'f':
		args.filter = optarg;
		break;
	case 'r':
		args.repeat = atoi(optarg);
		break;
	case 's':
		args.shuffle = true;
		args.seed = optarg ? strtoul(optarg, NULL, 0) : (unsigned)time(NULL);
		break;
	case 'v':
		args.verbose = true;
		break;
	case 'n':
		suite_opts.no_fork = true;
		break;
	case 'N':
		suite_opts.no_retry = true;
		break;
	case 'p':
		suite_opts.vmm = optarg;
		break;
	case 'k':
		suite_opts.no_kvm = optarg;
		break;
	case 'T':
		suite_opts.no_traps = true;
		break;
	case 'K':
		suite_opts.keep = optarg;
		break;
	case 'j':
		suite_opts.json_fd = atoi(optarg);
		/* The program under test must not be able to write its own results. */
		fcntl(suite_opts.json_fd, F_SETFD, FD_CLOEXEC);
		break;
	default:
		fprintf(c == 'h' ? stdout : stderr, usage, name);
		exit(c == 'h' ? 0 : 64);
	}
}

/* --filter: a task, or a glob on the test's id or name (with '-' or '_'). */
static bool chosen(const struct test_case *test, const struct test_result *r)
{
	char glob[128];

	if (!args.filter)
		return !test->hidden;
	show_format(glob, sizeof(glob), "%s", args.filter);
	for (char *p = glob; *p; p++)
		if (*p == '_')
			*p = '-';
	if (test->hidden)
		return !strcmp(glob, r->name);
	return !strcmp(args.filter, r->task) || !fnmatch(glob, r->name, 0) ||
	       !fnmatch(glob, r->id, 0);
}

/* From now on no other process can learn it, not even from /proc. */
static void take_seal(void)
{
	char *seal = getenv(SUITE_SEAL);

	if (!seal)
		return;
	show_format(suite_opts.seal, sizeof(suite_opts.seal), "%s", seal);
	explicit_bzero(seal, strlen(seal));
	unsetenv(SUITE_SEAL);
}

static size_t choose(const struct test_case **tests)
{
	struct test_result r;
	size_t n = 0;

	for (const struct test_case *t = test_list(); t && n < TESTS_MAX; t = t->next) {
		test_describe(t, &r);
		if (chosen(t, &r))
			tests[n++] = t;
	}
	return n;
}

static void shuffle(const struct test_case **tests, size_t n)
{
	for (size_t i = n; i > 1; i--) {
		size_t k = rand_r(&args.seed) % i;
		const struct test_case *t = tests[i - 1];

		tests[i - 1] = tests[k];
		tests[k] = t;
	}
}

/* To the grader, as a line of JSON; or to a person. */
static void tell(const struct test_result *r)
{
	if (suite_opts.json_fd >= 0) {
		json_t *json = result_to_json(r);
		char *text = json_dumps(json, JSON_COMPACT);

		dprintf(suite_opts.json_fd, "%s%s\n", suite_opts.seal, text);
		free(text);
		json_decref(json);
	} else if (outcome_is_failure(r->outcome)) {
		print_block(stdout, r, NULL, true);
	} else if (args.verbose || r->outcome == T_SKIP || r->flaky) {
		print_line(stdout, r);
	}
	fflush(stdout);
}

static void list(const struct test_case **tests, size_t n)
{
	struct test_result r;

	for (size_t i = 0; i < n; i++) {
		test_describe(tests[i], &r);
		if (!suite_leaves_out(tests[i], &r)) {
			r.outcome = T_ERROR; /* until it has run */
			show_format(r.note, sizeof(r.note), "the suite ended before this test");
		}
		if (suite_opts.json_fd >= 0)
			tell(&r);
		else
			printf("%-5s %-50s %d\n", r.task, r.name, r.max_score);
	}
}

int main(int argc, char **argv)
{
	static const struct test_case *tests[TESTS_MAX];
	size_t count[3] = { 0 }, n;
	int c;

	said_or_fail(argv[0]);
	take_seal();
	while ((c = getopt_long(argc, argv, "v", options, NULL)) != -1)
		take_option(c, argv[0]);
	if (optind < argc)
		take_option('?', argv[0]);
	n = choose(tests);
	if (args.list) {
		list(tests, n);
		return 0;
	}
	if (args.shuffle && suite_opts.json_fd < 0)
		printf("order --shuffle=%u\n", args.seed);
	for (int round = 0; round < args.repeat; round++) {
		if (args.shuffle)
			shuffle(tests, n);
		for (size_t i = 0; i < n; i++) {
			struct test_result r;

			suite_run_test(tests[i], &r);
			count[r.outcome == T_SKIP ? 2 : outcome_is_failure(r.outcome)]++;
			tell(&r);
		}
	}
	if (suite_opts.json_fd < 0)
		printf("%zu passed, %zu failed, %zu skipped\n", count[0], count[1], count[2]);
	said_end(count[1] ? 1 : 0, argv[0]);
	_exit(count[1] ? 1 : 0); /* without leak reports of --no-fork */
}
