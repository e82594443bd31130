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
#include <sys/stat.h>
#include <unistd.h>

#include "env.h"
#include "grade_print.h"
#include "results.h"
#include "said.h"
#include "show.h"
#include "suites.h"
#include "tasks.h"

enum {
	GRADE_FULL,
	GRADE_MISSING,
	GRADE_NOT_GRADABLE,
	GRADE_ENVIRONMENT,
	GRADE_FAULT,
	GRADE_USAGE = 64
};

#define BUILD_LOG_MAX 65536

static const char usage[] =
	"usage: grade [--lab=02] [--task=2.5] [--results=FILE] [--junit=FILE] [--verbose]\n"
	"             [--build-log=FILE] [--build-status=N] [--vmm=PATH] [--unit=PATH]\n"
	"             [--blackbox=PATH] [--no-retry]\n";

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
	{ "verbose", no_argument, NULL, 'v' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

struct grade {
	const char *lab, *task, *results_path, *junit, *build_log;
	const char *vmm, *suite[2]; /* unit, blackbox */
	bool verbose, no_retry;
	char why[300]; /* what a suite itself failed of */
	struct tasks tasks;
	struct results plan[2], results;
};

static int parse(struct grade *g, int argc, char **argv)
{
	const char *v = getenv("V");
	int c;

	g->verbose = v && *v && strcmp(v, "0") != 0;
	while ((c = getopt_long(argc, argv, "v", options, NULL)) != -1) {
		switch (c) {
		case 'l':
			g->lab = optarg;
			break;
		case 't':
			g->task = optarg;
			break;
		case 'r':
			g->results_path = optarg;
			break;
		case 'j':
			g->junit = optarg;
			break;
		case 'b':
			g->build_log = optarg;
			break;
		case 's':
			g->results.build_status = atoi(optarg);
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
		case 'N':
			g->no_retry = true;
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

static int usage_error(const char *why)
{
	fprintf(stderr, "grade: %s\n", why);
	return GRADE_USAGE;
}

/* Where the results go and which suites run, when no option says so. */
static void choose_paths(struct grade *g)
{
	static char path[PATH_MAX], suites[2][PATH_MAX];
	static const char *const kinds[2] = { "unit", "blackbox" };

	show_format(path, sizeof(path), "%s/results", env_build_dir());
	if (!g->results_path)
		mkdir(path, 0777);
	show_append(path, sizeof(path), "/lab%02u%s%s.json", g->tasks.lab, g->task ? "-" : "",
		    g->task ? g->task : "");
	g->results.path = g->results_path ? g->results_path : path;
	for (int i = 0; i < 2; i++) {
		show_format(suites[i], sizeof(suites[i]), "%s/tests/lab%02u/%s", env_build_dir(),
			    g->tasks.lab, kinds[i]);
		if (!g->suite[i])
			g->suite[i] = suites[i];
	}
}

/* Which lab and which task. Returns 0 or an exit status. */
static int choose(struct grade *g)
{
	unsigned lab = lab_number(g->lab ? g->lab : g->task ? g->task : "");
	const struct task *task;
	char why[300];

	if ((g->lab || g->task) && !lab)
		return usage_error("--lab=02 and --task=2.5 want numbers");
	if (tasks_load(&g->tasks, lab, why, sizeof(why)))
		return usage_error(why);
	task = g->task ? tasks_find(&g->tasks, g->task) : NULL;
	if (g->task && !task) {
		show_format(why, sizeof(why), "no task %s in %s/tasks", g->task, g->tasks.dir);
		return usage_error(why);
	}
	g->results.task = g->task;
	g->results.max_score = task ? task->points : g->tasks.points;
	g->results.engine = env_engine();
	show_format(g->results.lab, sizeof(g->results.lab), "%s", g->tasks.dir + strlen("labs/"));
	choose_paths(g);
	return 0;
}

/* The whole log, or its first part; NULL when there is none. */
static char *read_log(const char *path)
{
	char *log = calloc(1, BUILD_LOG_MAX + 1);
	FILE *f = path ? fopen(path, "r") : NULL;

	if (!f || !log) {
		free(log);
		log = NULL;
	} else if (fread(log, 1, BUILD_LOG_MAX, f) == 0) {
		log[0] = 0;
	}
	if (f)
		fclose(f);
	return log;
}

/* Set how it ended, write it down, and return the exit status for that. */
static int ending(struct grade *g, enum results_status status)
{
	static const int exits[] = {
		[R_PASS] = GRADE_FULL,
		[R_FAIL] = GRADE_MISSING,
		[R_NOT_GRADABLE] = GRADE_NOT_GRADABLE,
		[R_ENVIRONMENT] = GRADE_ENVIRONMENT,
		[R_GRADER_ERROR] = GRADE_FAULT,
	};
	const char *path = g->results.path;
	int ret;

	g->results.status = status;
	ret = results_write(&g->results);
	if (!ret && g->junit) {
		path = g->junit;
		ret = results_write_junit(&g->results, path);
	}
	if (ret) {
		fprintf(stderr, "grade: %s: %s\n", path, strerror(-ret));
		return GRADE_FAULT;
	}
	return exits[status];
}

/* Did it compile, and is everything there? */
static bool gradable(struct grade *g)
{
	struct results *r = &g->results;
	const char *needed[] = { g->suite[0], g->suite[1], g->vmm };

	if (r->build_status) {
		show_format(r->message, sizeof(r->message),
			    "it does not compile. Fix the first error, then ./lab grade again");
		return false;
	}
	for (size_t i = 0; i < ARRAY_SIZE(needed); i++) {
		if (!needed[i] || !access(needed[i], X_OK))
			continue;
		show_format(r->message, sizeof(r->message), "%s: %s (was it built?)", needed[i],
			    strerror(errno));
		return false;
	}
	return true;
}

/* VMMLAB_PROGRESS: stderr leads to a terminal that is not ours, out of an emulated machine. */
static void progress(const char *task)
{
	if (!isatty(STDERR_FILENO) && !getenv("VMMLAB_PROGRESS"))
		return;
	fprintf(stderr, "\r\033[K");
	if (task)
		fprintf(stderr, "testing %s ...", task);
}

/* A result has come: it replaces the plan's entry, so that what never comes is an error. */
static void take_result(const struct test_result *r, void *arg)
{
	struct grade *g = arg;

	for (size_t i = 0; i < g->results.ntests; i++) {
		struct test_result *planned = &g->results.tests[i];
		int points = planned->max_score;

		if (strcmp(planned->id, r->id) != 0 || strcmp(planned->suite, r->suite) != 0)
			continue;
		*planned = *r;
		planned->max_score = points; /* the score is given here, not by the suite */
		planned->score = r->outcome == T_PASS ? points : 0;
	}
	results_write(&g->results);
}

/* Is a task that others need without points that its tests could have given? */
static bool lacks_points(const struct results *r, const struct task *task)
{
	int score = task_score(r, task->id);

	for (size_t i = 0; i < r->ntests; i++) /* what was not run here may well be right */
		if (!strcmp(r->tests[i].task, task->id) && r->tests[i].outcome == T_SKIP)
			score += r->tests[i].max_score;
	return score < task->points;
}

/* The task that keeps this one from being tested: the first in order that lacks points. */
static const struct task *blocker(const struct grade *g, const struct task *task)
{
	for (const struct task *t = g->tasks.task; t < task; t++)
		if (tasks_needs(&g->tasks, task->id, t->id) && lacks_points(&g->results, t))
			return t;
	return NULL;
}

/* Put the planned tests of a task into the results. Returns how many there are. */
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
		results_add(&g->results, &r);
		n++;
	}
	return n;
}

/* Run the tests of one task, unless something that it needs is missing. */
static int grade_task(struct grade *g, const struct task *task)
{
	const struct task *block = g->task ? NULL : blocker(g, task);
	int ret = 0;

	for (int i = 0; i < 2 && !ret; i++) {
		struct suite_call call = {
			.path = g->suite[i],
			.filter = task->id,
			.vmm = g->vmm,
			.no_retry = g->no_retry,
			.on_result = take_result,
			.arg = g,
		};

		if (!enter_tests(g, task, i, block) || block)
			continue;
		progress(task->id);
		ret = suite_call(&call, g->why, sizeof(g->why));
	}
	progress(NULL);
	return ret;
}

/* All tasks, or the one asked for. Returns 0, or a negative errno when a suite failed. */
static int grade_tasks(struct grade *g)
{
	int ret = 0;

	for (int i = 0; i < 2 && !ret; i++) {
		struct suite_call call = { .path = g->suite[i] };

		ret = suite_plan(&call, &g->plan[i], g->why, sizeof(g->why));
	}
	for (unsigned i = 0; i < g->tasks.count && !ret; i++)
		if (!g->task || !strcmp(g->tasks.task[i].id, g->task))
			ret = grade_task(g, &g->tasks.task[i]);
	if (!ret && g->results.ntests == 0) {
		show_format(g->why, sizeof(g->why), "there are no tests");
		ret = -ENOENT;
	}
	return ret;
}

/* Did a test fail? A stretch task has no points that could be missing. */
static bool has_failure(const struct results *r)
{
	for (size_t i = 0; i < r->ntests; i++)
		if (r->tests[i].outcome != T_PASS && r->tests[i].outcome != T_SKIP)
			return true;
	return false;
}

/* What the outcomes amount to. */
static enum results_status judge(struct grade *g)
{
	struct results *r = &g->results;
	bool missing;

	for (size_t i = 0; i < r->ntests; i++) {
		const struct test_result *t = &r->tests[i];

		if (t->outcome != T_ERROR && (t->outcome != T_SKIP || !t->max_score))
			continue;
		show_format(r->message, sizeof(r->message), "%s: %s", t->id, t->note);
		return t->outcome == T_ERROR ? R_GRADER_ERROR : R_ENVIRONMENT;
	}
	for (unsigned i = 0; i < g->tasks.count && !r->next_task; i++)
		if (task_score(r, g->tasks.task[i].id) < g->tasks.task[i].points)
			r->next_task = g->tasks.task[i].id;
	missing = results_score(r) < r->max_score || (g->task && has_failure(r));
	if (g->task)
		r->next_task = missing ? g->task : NULL;
	return missing ? R_FAIL : R_PASS;
}

/* Grade, write the results and print them. Returns the exit status. */
static int grade(struct grade *g)
{
	struct results *r = &g->results;
	bool fault;
	int ret;

	if (!gradable(g)) {
		ret = ending(g, R_NOT_GRADABLE);
		grade_print_build(r, &g->tasks);
		return ret;
	}
	if (env_kvm(r->message, sizeof(r->message))) {
		ret = ending(g, R_ENVIRONMENT);
		grade_print(r, &g->tasks, g->verbose);
		return ret;
	}
	fault = grade_tasks(g) != 0;
	show_format(r->message, sizeof(r->message), "%s", g->why);
	ret = ending(g, fault ? R_GRADER_ERROR : judge(g));
	grade_print(r, &g->tasks, g->verbose || g->task);
	return ret;
}

int main(int argc, char **argv)
{
	static struct grade g;
	struct results *r = &g.results;
	int ret = parse(&g, argc, argv);

	if (!ret)
		ret = choose(&g);
	if (ret < 0) /* --help */
		said_or_fail("grade");
	if (ret)
		return ret < 0 ? 0 : ret;
	/* What the file says if this process is killed. */
	show_format(r->message, sizeof(r->message), "the grader did not finish");
	r->status = R_GRADER_ERROR;
	r->build_log = read_log(g.build_log);
	ret = results_write(r);
	if (ret) {
		fprintf(stderr, "grade: %s: %s\n", r->path, strerror(-ret));
		return GRADE_FAULT;
	}
	ret = grade(&g);
	results_free(r);
	results_free(&g.plan[0]);
	results_free(&g.plan[1]);
	return ret;
}
