// SPDX-License-Identifier: MIT
/*
 * compile: build a lab's program and its tests for ./lab grade, within limits, and say whose fault
 * it is when that fails (blame.h). The results then say so, too; otherwise that the grader did not
 * finish, until it does.
 *
 *   compile [--lab=02] [--task=2.5] [--results=FILE] [--junit=FILE] [--log=FILE] [--jobs=N]
 *           PROGRAM TESTS
 *
 * PROGRAM and TESTS are targets of make. Status: 0, or one of the grader's (grading.h).
 * COMPILE_LIMIT=SECONDS in the environment: how long both may take. BUILD there is for make.
 */
#include <getopt.h>
#include <glob.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alone.h"
#include "blame.h"
#include "env.h"
#include "grade_print.h"
#include "grading.h"
#include "print.h"
#include "proc.h"
#include "put_file.h"
#include "show.h"

#define LIMIT_SECONDS  300
#define WARNINGS_SHOWN 3 /* of the first files */
#define LOG_MAX	       (256u << 10)
#define MEMORY_MAX     (PROC_MAX_MEMORY / 2) /* none under a sanitizer */
#define FILE_MAX       ((size_t)1 << 30)

static const char usage[] =
	"usage: compile [--lab=02] [--task=2.5] [--results=FILE] [--junit=FILE] [--log=FILE]\n"
	"               [--jobs=N] PROGRAM TESTS\n";

struct compile {
	struct grading base;
	const char *log, *jobs;
	char **target; /* two */
	double ends;   /* on proc_now()'s clock */
};

static double limit_seconds(void)
{
	const char *text = getenv("COMPILE_LIMIT");
	double seconds = text ? strtod(text, NULL) : 0;

	return seconds > 0 ? seconds : LIMIT_SECONDS * env_time_scale();
}

static int parse(struct compile *c, int argc, char **argv)
{
	static const struct option options[] = {
		{ "lab", required_argument, NULL, 0 },
		{ "task", required_argument, NULL, 0 },
		{ "results", required_argument, NULL, 0 },
		{ "junit", required_argument, NULL, 0 },
		{ "log", required_argument, NULL, 0 },
		{ "jobs", required_argument, NULL, 0 },
		{ NULL, 0, NULL, 0 },
	};
	const char **const value[] = {
		&c->base.lab,	&c->base.task, &c->base.results_path,
		&c->base.junit, &c->log,       &c->jobs,
	};
	int opt, which;

	while ((opt = getopt_long(argc, argv, "", options, &which)) == 0)
		*value[which] = optarg;
	c->target = argv + optind;
	if (opt == -1 && argc - optind == 2)
		return 0;
	fputs(usage, stderr);
	return GRADE_USAGE;
}

/* The compiler's words in the order in which they come. */
static void one_stream(void *arg)
{
	dup2(STDOUT_FILENO, STDERR_FILENO);
}

/* Build one target. Returns make's exit status, or -1 if it had to be ended. */
static int make(struct compile *c, const char *target)
{
	struct results *r = &c->base.results;
	char jobs[24];
	char *argv[] = { "make", "-s", "-Otarget", jobs, (char *)target, NULL };
	char *env[] = { "LC_ALL=C",
			NULL }; /* no quotes that need UTF-8, and errors to search for */
	struct proc_opts opts = {
		.limit = c->ends - proc_now(),
		.stop_signal = SIGTERM, /* make removes what is half made */
		.extra_env = env,
		.max_output = LOG_MAX,
		.max_memory = MEMORY_MAX,
		.max_file = FILE_MAX,
		.max_cpu = limit_seconds() + 1,
		.first_to_die = true,
		.prepare = one_stream,
	};
	struct proc_result p;
	int ret;

	show_format(jobs, sizeof(jobs), "-j%s", c->jobs ? c->jobs : "1");
	if (opts.limit <= 0)
		return -1;
	ret = proc_run(argv, &opts, &p);
	free(r->build_log);
	r->build_log = strdup(ret ? strerror(-ret) : p.out);
	ret = ret ? 127 : p.timed_out ? -1 : proc_exit_code(&p);
	proc_free(&p);
	return ret;
}

static enum results_status failed(struct compile *c, int ret, bool tests)
{
	struct results *r = &c->base.results;
	enum results_status status = blame(r->build_log ? r->build_log : "", tests);

	r->build_status = ret < 0 ? 124 : ret;
	if (ret < 0 && status == R_GRADER_ERROR)
		status = R_NOT_GRADABLE; /* nothing of the tests' takes so long */
	if (status == R_ENVIRONMENT)
		show_format(r->message, sizeof(r->message),
			    "nothing can be built in %s; is there room, is a tool missing?",
			    env_build_dir());
	else if (ret < 0)
		show_format(r->message, sizeof(r->message),
			    "compiling did not end within %g s; does a file include what never "
			    "ends? (On a busy machine: COMPILE_LIMIT=900 in the environment)",
			    limit_seconds());
	else if (status == R_GRADER_ERROR)
		show_format(r->message, sizeof(r->message),
			    "your code compiles, but the tests do not. That is their fault, or "
			    "tests/ is not as it was handed out");
	else
		show_format(r->message, sizeof(r->message),
			    "it does not compile%s. Fix the first error, then ./lab grade again",
			    tests ? " with the tests" : "");
	return status;
}

/* --- warnings: it compiles, but --- */

struct warnings {
	unsigned lab, n;
	char line[WARNINGS_SHOWN][200];
};

/* What the compiler has said of one file; where that file is still there (see the Makefile). */
static void read_warnings(struct warnings *w, const char *said, const char *source)
{
	char path[PATH_MAX], line[1000];
	unsigned lab;
	FILE *f;

	show_format(path, sizeof(path), "%.*s.c", (int)(strlen(source) - strlen(".o.said")),
		    source);
	if (sscanf(source, "labs/%u", &lab) != 1 || lab > w->lab || access(path, F_OK))
		return;
	f = fopen(said, "r");
	while (f && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = 0;
		if (strncmp(line, "labs/", 5) != 0 || !strstr(line, ": warning: "))
			continue;
		if (w->n < WARNINGS_SHOWN)
			show_format(w->line[w->n], sizeof(w->line[0]), "%s", line);
		w->n++;
	}
	if (f)
		fclose(f);
}

static void print_warnings(unsigned lab)
{
	struct warnings w = { .lab = lab };
	size_t skip = strlen(env_build_dir()) + 1;
	char pattern[PATH_MAX];
	glob_t found;

	show_format(pattern, sizeof(pattern), "%s/labs/*/*.o.said", env_build_dir());
	if (glob(pattern, 0, NULL, &found))
		return;
	for (size_t i = 0; i < found.gl_pathc; i++)
		read_warnings(&w, found.gl_pathv[i], found.gl_pathv[i] + skip);
	globfree(&found);
	if (!w.n)
		return;
	printf("It compiles. The compiler warns%s:\n",
	       w.n > WARNINGS_SHOWN ? ", among other things" : "");
	for (unsigned i = 0; i < w.n && i < WARNINGS_SHOWN; i++)
		print_compiler(stdout, w.line[i]);
}

static int work(void *arg)
{
	struct compile *c = arg;
	struct results *r = &c->base.results;
	int ret = grading_begin(&c->base, "grade"), err;
	const char *log;

	c->ends = proc_now() + limit_seconds();
	for (int tests = 0; tests < 2 && !ret; tests++) {
		int made = make(c, c->target[tests]);

		if (made)
			ret = grading_end(&c->base, "grade", failed(c, made, tests));
	}
	log = r->build_log ? r->build_log : "";
	err = c->log ? put_file(c->log, log, strlen(log)) : 0;
	if (err && !ret) {
		show_format(r->message, sizeof(r->message), "%s: %s", c->log, strerror(-err));
		ret = grading_end(&c->base, "grade", R_ENVIRONMENT);
	}
	if (ret && ret != GRADE_USAGE)
		grade_print_build(r, &c->base.tasks);
	if (!ret)
		print_warnings(c->base.tasks.lab);
	results_free(r);
	return ret;
}

int main(int argc, char **argv)
{
	static struct compile c;
	int ret = parse(&c, argc, argv);

	if (!ret)
		ret = grading_choose(&c.base, "grade");
	if (!ret)
		ret = grading_over(&c.base, "grade", alone_run(work, &c));
	return ret;
}
