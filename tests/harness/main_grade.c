// SPDX-License-Identifier: MIT
/*
 * grade: run the unit and the black-box suite of a lab, task by task, and say what it is worth.
 * It holds no student code, and nobody else writes the results file.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alone.h"
#include "env.h"
#include "grade_print.h"
#include "grade_trace.h"
#include "grading.h"
#include "linked.h"
#include "nonce.h"
#include "progress.h"
#include "proc.h"
#include "put_file.h"
#include "said.h"
#include "show.h"
#include "suites.h"
#include "tasks.h"

static const char usage[] =
	"usage: grade [--lab=02] [--task=2.5] [--results=FILE] [--junit=FILE] [--verbose]\n"
	"    [--build-log=FILE] [--build-status=N] [--vmm=PATH] [--unit=PATH] [--no-retry]\n"
	"    [--blackbox=PATH] [--for-marks=SECONDS] [--seed=N] [--version=TEXT]\n"
	"    [--trace=FILE.html] [--next-lab=DIR]\n";
static const struct option options[] = {
	{ "lab", required_argument, NULL, 'l' },
	{ "task", required_argument, NULL, 't' },
	{ "results", required_argument, NULL, 'r' },
	{ "junit", required_argument, NULL, 'j' },
	{ "build-log", required_argument, NULL, 'b' },
	{ "build-status", required_argument, NULL, 's' },
	{ "vmm", required_argument, NULL, 'p' },
	{ "unit", required_argument, NULL, 'u' },
	{ "blackbox", required_argument, NULL, 'x' },
	{ "no-retry", no_argument, NULL, 'N' },
	{ "seed", required_argument, NULL, 'S' },
	{ "version", required_argument, NULL, 'V' },
	{ "next-lab", required_argument, NULL, 'n' },
	{ "trace", required_argument, NULL, 'T' },
	{ "for-marks", required_argument, NULL, 'm' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

struct grade {
	struct grading base;
	const char *build_log;
	const char *next_lab;	    /* where to go on after this one; NULL: nowhere */
	const char *vmm, *suite[2]; /* unit, blackbox */
	const char *trace;	    /* where the first failure can be looked at; NULL: nowhere */
	bool verbose, no_retry;
	double ends;	 /* for marks: suite_limit_until(); else 0 */
	char why[300];	 /* what a suite itself failed of */
	char fault[400]; /* why the unit suite is not to be believed; empty: it is */
	struct results plan[2];
	struct progress progress;
};

static int parse(struct grade *g, int argc, char **argv)
{
	const char *v = getenv("V");
	int c;

	g->verbose = v && *v && strcmp(v, "0") != 0;
	while ((c = getopt_long(argc, argv, "v", options, NULL)) != -1) {
		switch (c) {
		case 'l':
			g->base.lab = optarg;
			break;
		case 't':
			g->base.task = optarg;
			break;
		case 'r':
			g->base.results_path = optarg;
			break;
		case 'j':
			g->base.junit = optarg;
			break;
		case 'b':
			g->build_log = optarg;
			break;
		case 's':
			g->base.results.build_status = atoi(optarg);
			break;
		case 'p':
			g->vmm = optarg;
			break;
		case 'u':
			g->suite[0] = optarg;
			break;
		case 'x':
			g->suite[1] = optarg;
			break;
		case 'm':
			g->ends = proc_now() + strtod(optarg, NULL);
			break;
		case 'N':
			g->no_retry = true;
			break;
		case 'S':
			setenv(NONCE_SEED, optarg, 1);
			break;
		case 'V':
			g->base.results.version = optarg;
			break;
		case 'n':
			g->next_lab = optarg;
			break;
		case 'T':
			g->trace = optarg;
			break;
		case 'v':
			g->verbose = true;
			break;
		default:
			fputs(usage, c == 'h' ? stdout : stderr);
			return c == 'h' ? -1 : GRADE_USAGE;
		}
	}
	if (optind < argc)
		fputs(usage, stderr);
	return optind < argc ? GRADE_USAGE : 0;
}

/* Which suites run, when no option says so. */
static void choose_suites(struct grade *g)
{
	static char suites[2][PATH_MAX];
	static const char *const kinds[2] = { "unit", "blackbox" };

	for (int i = 0; i < 2; i++) {
		show_format(suites[i], sizeof(suites[i]), "%s/tests/lab%02u/%s", env_build_dir(),
			    g->base.tasks.lab, kinds[i]);
		if (!g->suite[i])
			g->suite[i] = suites[i];
	}
}

/* Did it compile, and is everything there? */
static bool gradable(struct grade *g)
{
	struct results *r = &g->base.results;
	char plan[PATH_MAX];
	const char *needed[] = { g->suite[0], g->suite[1], g->vmm, plan };

	if (r->build_status) {
		show_format(r->message, sizeof(r->message),
			    "it does not compile. Fix the first error, then ./lab grade again");
		return false;
	}
	show_format(plan, sizeof(plan), "%s-plan", g->suite[0]);
	for (size_t i = 0; i < ARRAY_SIZE(needed); i++) {
		if (!needed[i] || !access(needed[i], X_OK))
			continue;
		show_format(r->message, sizeof(r->message), "%s: %s (was it built?)", needed[i],
			    strerror(errno));
		return false;
	}
	if (!linked_was_checked(g->suite[0])) {
		show_format(r->message, sizeof(r->message), "%s-faults: missing (was it built?)",
			    g->suite[0]);
		return false;
	}
	return true;
}

/* A result has come, and has replaced the plan's entry: what never comes is an error. */
static void save_results(const struct test_result *r, void *arg)
{
	struct grade *g = arg;

	g->progress.done++;
	progress_show(&g->progress, r->task);
	if (!g->ends && !put_file_is_stream(g->base.results.path)) /* half a grade is no mark */
		results_write(&g->base.results);
}

/*
 * Is there code that later tasks can call? None of the task's tests came to a TODO(), and one that
 * has points passed: a stub can be silent, too. (What was not run here may well be right.)
 */
static bool is_begun(const struct results *r, const struct task *task)
{
	bool works = task->points == 0;

	for (size_t i = 0; i < r->ntests; i++) {
		const struct test_result *t = &r->tests[i];

		if (strcmp(t->task, task->id) != 0)
			continue;
		if (t->outcome == T_NOT_IMPLEMENTED || t->outcome == T_BLOCKED)
			return false;
		works |= t->max_score && (t->outcome == T_PASS || t->outcome == T_SKIP || !t->told);
	}
	return works;
}

/* The task that keeps this one from being tested: the first in order that is not begun. */
static const struct task *blocker(const struct grade *g, const struct task *task)
{
	for (const struct task *t = g->base.tasks.task; t < task; t++)
		if (tasks_needs(&g->base.tasks, task->id, t->id) && !is_begun(&g->base.results, t))
			return t;
	return NULL;
}

/* Put the planned tests of a task into the results. Returns how many there are to run. */
static size_t enter_tests(struct grade *g, const struct task *task, int suite,
			  const struct task *block)
{
	size_t n = 0;

	for (size_t i = 0; i < g->plan[suite].ntests; i++) {
		struct test_result r = g->plan[suite].tests[i];

		if (strcmp(r.task, task->id) != 0)
			continue;
		r.score = 0;
		if (block) {
			r.outcome = T_BLOCKED;
			show_format(r.note, sizeof(r.note), "needs task %s first", block->id);
		}
		results_add(&g->base.results, &r);
		n += r.outcome != T_SKIP;
	}
	return n;
}

/* Tests that say nothing, whatever they would say: they are not run. */
static void disbelieve(const struct grade *g, struct test_result *tests, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (tests[i].outcome == T_SKIP)
			continue;
		tests[i].outcome = T_FAIL;
		show_format(tests[i].note, sizeof(tests[i].note), "not run: %s", g->fault);
	}
}

/* Run the tests of one task, unless something that it needs is missing. */
static int grade_task(struct grade *g, const struct task *task)
{
	const struct task *block = g->base.task ? NULL : blocker(g, task);
	struct results *r = &g->base.results;
	bool ran = false;
	int ret = 0;

	for (int i = 0; i < 2 && !ret; i++) {
		size_t from = r->ntests;
		struct suite_call call = {
			.path = g->suite[i],
			.filter = task->id,
			.vmm = g->vmm,
			.limit = suite_limit(g->plan[i].tests, g->plan[i].ntests, task->id),
			.no_retry = g->no_retry,
			.on_result = save_results,
			.arg = g,
		};

		if (!enter_tests(g, task, i, block) || block)
			continue;
		call.planned = r->tests + from;
		call.nplanned = r->ntests - from;
		if (i == 0 && g->fault[0]) {
			disbelieve(g, call.planned, call.nplanned);
			continue;
		}
		ran = true;
		g->progress.done = from;
		progress_show(&g->progress, task->id);
		suite_limit_until(&call, g->ends);
		ret = suite_call(&call, g->why, sizeof(g->why));
		if (ret && g->ends)
			ret = suite_give_up(&call, ret, g->why);
	}
	g->progress.done = r->ntests;
	if (ran)
		progress_end(&g->progress, task->id);
	return ret;
}

static bool is_graded(const struct grade *g, const char *task)
{
	return g->base.task ? !strcmp(task, g->base.task) : strcmp(task, "-") != 0;
}

static size_t count_planned(const struct grade *g)
{
	size_t n = 0;

	for (int i = 0; i < 2; i++)
		for (size_t k = 0; k < g->plan[i].ntests; k++)
			n += is_graded(g, g->plan[i].tests[k].task);
	return n;
}

/* All tasks, or the one asked for. Returns 0, or a negative errno when a suite failed. */
static int grade_tasks(struct grade *g)
{
	int ret = 0;

	for (int i = 0; i < 2 && !ret; i++) {
		struct suite_call call = { .path = g->suite[i] };

		ret = suite_plan(&call, &g->plan[i], g->why, sizeof(g->why));
	}
	if (!ret)
		ret = grading_check_points(&g->base, g->plan, g->why, sizeof(g->why));
	if (!ret)
		linked_say_faults(g->suite[0], g->fault, sizeof(g->fault));
	progress_begin(&g->progress, count_planned(g), g->base.task != NULL);
	for (unsigned i = 0; i < g->base.tasks.count && !ret; i++)
		if (is_graded(g, g->base.tasks.task[i].id))
			ret = grade_task(g, &g->base.tasks.task[i]);
	if (!ret && g->base.results.ntests == 0) {
		show_format(g->why, sizeof(g->why), "there are no tests");
		ret = -ENOENT;
	}
	return ret;
}

/* Of one task: does a test not pass? A stretch task has no points that could be missing. */
static bool is_undone(const struct results *r)
{
	for (size_t i = 0; i < r->ntests; i++)
		if (r->tests[i].outcome != T_PASS && r->tests[i].outcome != T_SKIP)
			return true;
	return false;
}

/*
 * Not every test can have points of its own. One without, of a task that has some, costs one of
 * them when it fails, and two when the program crashes: its score is negative. No task goes below
 * 0, and what was not run, for whatever reason, costs no more than its own points.
 */
static void charge_for_failures(struct results *r, const struct task *task)
{
	int left = task_score(r, task->id);

	for (size_t i = 0; i < r->ntests && left; i++) {
		struct test_result *t = &r->tests[i];

		if (t->max_score || !t->told || strcmp(t->task, task->id) != 0)
			continue;
		if (t->outcome == T_CRASH)
			t->score = left > 1 ? -2 : -left;
		else if (t->outcome == T_FAIL || t->outcome == T_TIMEOUT)
			t->score = -1;
		left += t->score;
	}
}

/* What the outcomes amount to. */
static enum results_status judge(struct grade *g)
{
	struct results *r = &g->base.results;
	bool missing;

	for (size_t i = 0; i < r->ntests; i++) {
		const struct test_result *t = &r->tests[i];

		if (g->ends || (t->outcome != T_ERROR && (t->outcome != T_SKIP || !t->max_score)))
			continue;
		show_format(r->message, sizeof(r->message), "%s: %s", t->id, t->note);
		return t->outcome == T_ERROR ? R_GRADER_ERROR : R_ENVIRONMENT;
	}
	for (unsigned i = 0; i < g->base.tasks.count; i++)
		charge_for_failures(r, &g->base.tasks.task[i]);
	for (unsigned i = 0; i < g->base.tasks.count && !r->next_task; i++)
		if (task_score(r, g->base.tasks.task[i].id) < g->base.tasks.task[i].points)
			r->next_task = g->base.tasks.task[i].id;
	missing = results_score(r) < r->max_score || grade_first_failure(r) ||
		  (g->base.task && is_undone(r));
	if (g->base.task)
		r->next_task = missing ? g->base.task : NULL;
	return missing ? R_FAIL : R_PASS;
}

/* Nothing does, or it runs elsewhere, and the marks are put together there: see tools/proof. */
static bool is_without_kvm(unsigned lab)
{
	return lab_is_bare(lab) || (env_part() && !strcmp(env_part(), "plain"));
}

/* Grade, write the results and print them. Returns the exit status. */
static int grade(struct grade *g)
{
	struct results *r = &g->base.results;
	bool fault;
	int ret;

	if (!gradable(g)) {
		ret = grading_end(&g->base, "grade", R_NOT_GRADABLE);
		grade_print_build(r, &g->base.tasks);
		return ret;
	}
	if (!is_without_kvm(g->base.tasks.lab) && env_kvm(r->message, sizeof(r->message))) {
		ret = grading_end(&g->base, "grade", R_ENVIRONMENT);
		grade_print(r, &g->base.tasks, g->next_lab, g->verbose);
		return ret;
	}
	fault = grade_tasks(g) != 0;
	show_format(r->message, sizeof(r->message), "%s", g->why);
	ret = grading_end(&g->base, "grade", fault ? R_GRADER_ERROR : judge(g));
	grade_trace_show(r, g->suite[1], g->vmm, g->trace);
	grade_print(r, &g->base.tasks, g->next_lab, g->verbose);
	return ret;
}

/* All but the command line; in a process namespace of its own where there is one. */
static int work(void *arg)
{
	struct grade *g = arg;
	int ret;

	g->base.results.build_log = grading_read_log(g->build_log);
	ret = grading_begin(&g->base, "grade");
	if (!ret)
		ret = grade(g);
	results_free(&g->base.results);
	results_free(&g->plan[0]);
	results_free(&g->plan[1]);
	return ret;
}

int main(int argc, char **argv)
{
	static struct grade g;
	int ret = parse(&g, argc, argv);

	if (!ret)
		ret = grading_choose(&g.base, "grade");
	if (ret < 0) /* --help */
		said_or_fail("grade");
	if (ret)
		return ret < 0 ? 0 : ret;
	choose_suites(&g);
	return grading_over(&g.base, "grade", alone_run(work, &g));
}
