// SPDX-License-Identifier: MIT
/* One test: its process, its limits, and what its end means. */
#include "suite.h"

#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crash.h"
#include "env.h"
#include "outcome.h"
#include "place.h"
#include "proc.h"
#include "tasks.h"
#include "show.h"

/* Between the limit and SIGKILL; more than the grace of the program that a test may be running. */
#define GRACE_SECONDS 2.5

/* So many processors a test may keep busy for as long as it may last. */
#define CPUS_BUSY 4

struct suite_opts suite_opts = { .json_fd = -1 };

/* One run of a test in a child process. */
struct attempt {
	const struct test_case *test;
	struct test_result *r;
	bool ended;		    /* the end record has arrived: nothing counts after it */
	char addresses[600];	    /* where the test's process was when it crashed or hung */
	char seal[NONCE_SEAL_SIZE]; /* that record begins with it */
};

double test_limit(const struct test_case *test)
{
	double limit = 20 * test->seconds;

	return (limit > 2 ? limit : 2) * env_time_scale();
}

/* tests/lab02/blackbox_io.c -> "lab02/blackbox" */
static void suite_name(const char *file, char *buf, size_t size)
{
	const char *tests = strstr(file, "tests/");
	const char *dir = tests ? tests + strlen("tests/") : file;
	const char *base = strrchr(dir, '/');

	base = base ? base + 1 : dir;
	show_format(buf, size, "%.*s%.*s", (int)(base - dir), dir, (int)strcspn(base, "_."), base);
}

/* What a test process cannot change by what it sends. */
static void identify(const struct test_case *test, struct test_result *r)
{
	show_format(r->task, sizeof(r->task), "%s", test->task);
	show_format(r->name, sizeof(r->name), "%s", test->name);
	for (char *p = r->name; *p; p++)
		if (*p == '_')
			*p = '-';
	show_format(r->id, sizeof(r->id), "%s%s%s", strcmp(r->task, "-") ? r->task : "",
		    strcmp(r->task, "-") ? "/" : "", r->name);
	suite_name(test->file, r->suite, sizeof(r->suite));
	r->max_score = test->points;
	r->limit = test_limit(test);
}

void test_describe(const struct test_case *test, struct test_result *r)
{
	memset(r, 0, sizeof(*r));
	identify(test, r);
	show_format(r->where, sizeof(r->where), "%s:%d", test->file, test->line);
}

bool test_needs_kvm(const struct test_case *test)
{
	char suite[40];

	suite_name(test->file, suite, sizeof(suite));
	return test->kvm || (!strncmp(suite, "lab", 3) && strstr(suite, "/blackbox") &&
			     !lab_is_bare(lab_number(suite + 3)));
}

static void take_line(char *line, void *arg)
{
	struct attempt *a = arg;
	bool end = !strncmp(line, a->seal, strlen(a->seal));
	json_t *json;

	if (a->ended)
		return;
	if (place_in(line, TEST_PROCESS))
		show_format(a->addresses, sizeof(a->addresses), "%s", place_in(line, TEST_PROCESS));
	json = json_loads(end ? line + strlen(a->seal) : line, 0, NULL);
	if (json && result_from_json(a->r, json) == 0)
		a->ended = end;
	identify(a->test, a->r);
	json_decref(json);
}

/*
 * The child: both of its streams go to one place, in order. The grader does not hear from it, nor
 * is there anything here by which it could pretend to be the suite.
 */
static int child(void *arg, int line_fd)
{
	struct attempt *a = arg;

	if (suite_opts.json_fd > STDERR_FILENO)
		close(suite_opts.json_fd);
	explicit_bzero(suite_opts.seal, sizeof(suite_opts.seal));
	if (env_student()) /* what a test makes is for the program under test, too */
		umask(0);
	dup2(STDERR_FILENO, STDOUT_FILENO);
	setvbuf(stdout, NULL, _IOLBF, 0);
	test_run_here(a->test, a->r, line_fd, a->seal);
	return 0;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

/* Where it crashed or hung. (The code under test may have written anything: it is only shown.) */
static void add_place(struct test_result *r, const char *addresses)
{
	if (r->outcome != T_CRASH && r->outcome != T_TIMEOUT)
		return;
	if (!place_find("/proc/self/exe", addresses, r->place, sizeof(r->place)))
		return;
	if (r->outcome == T_TIMEOUT) {
		show_format(r->actual, sizeof(r->actual), "still in %s", r->place);
	} else {
		r->note[strcspn(r->note, "(")] = 0; /* the signal in words */
		show_append(r->note, sizeof(r->note), "in %s", r->place);
	}
}

/* What the end of the process means, when the test itself did not reach its end. */
static void judge_missing_end(struct test_result *r, const struct proc_result *p)
{
	if (p->timed_out) {
		r->outcome = T_TIMEOUT;
		show_format(r->expected, sizeof(r->expected), "an end within %g s", r->limit);
		show_format(r->actual, sizeof(r->actual),
			    "still running then, and deaf to SIGQUIT");
		return;
	}
	r->outcome = T_CRASH;
	if (WIFSIGNALED(p->status))
		show_format(r->note, sizeof(r->note), "the test crashed with SIG%s (%s)",
			    sigabbrev_np(WTERMSIG(p->status)), strsignal(WTERMSIG(p->status)));
	else if (outcome_finding(p->err))
		show_format(r->note, sizeof(r->note), "a sanitizer has stopped it");
	else
		show_format(r->note, sizeof(r->note), "the code under test called exit(%d)",
			    WEXITSTATUS(p->status));
}

static void keep_output(struct test_result *r, const struct proc_result *p)
{
	result_scan_todos(r, p->err);
	if (p->err_len)
		show_format(r->output, sizeof(r->output), "%s",
			    outcome_last_words(p->err, sizeof(r->output) - 1));
}

/* What a sanitizer finds in a process that the test has started is found in the test of a task. */
static void heed_sanitizer(struct test_result *r, const char *output)
{
	const char *found = outcome_finding(output);

	if (!found || r->outcome != T_PASS || !strcmp(r->task, "-"))
		return;
	r->outcome = T_FAIL;
	show_format(r->expected, sizeof(r->expected), "code in which the sanitizer finds nothing");
	show_format(r->actual, sizeof(r->actual), "%.*s", (int)strcspn(found, "\n"), found);
}

/* A fresh directory for a test's files; absolute, since the test may change its own. */
static int make_dir(char *dir, size_t size, struct test_result *r)
{
	char template[PATH_MAX];

	if (suite_opts.keep)
		show_format(template, sizeof(template), "%s", suite_opts.keep);
	else
		show_format(template, sizeof(template), "%s/vmmlab-XXXXXX", test_tmpdir());
	if (size >= PATH_MAX && (suite_opts.keep || mkdtemp(template)) && realpath(template, dir) &&
	    !(env_student() && chmod(dir, 01777))) /* (sticky: no links in another's way) */
		return 0;
	r->outcome = T_ERROR;
	show_format(r->note, sizeof(r->note), "no directory %s: %s", template, strerror(errno));
	return -1;
}

/* dir is what make_dir() made: nothing else is ever removed. */
static void remove_dir(const char *dir)
{
	const char *base = strrchr(dir, '/');

	if (!suite_opts.keep && dir[0] == '/' && !strncmp(base, "/vmmlab-", 8))
		nftw(dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

static void attempt(const struct test_case *test, struct test_result *r)
{
	char dir[PATH_MAX], tmp_env[PATH_MAX + 8];
	char *env[] = { tmp_env, NULL };
	struct attempt a = { .test = test, .r = r };
	struct proc_opts opts = {
		.limit = r->limit,
		.stop_signal = SIGQUIT,
		.stop_grace = GRACE_SECONDS * env_time_scale(),
		.extra_env = env,
		.max_memory = PROC_MAX_MEMORY,
		.max_cpu = CPUS_BUSY * (r->limit + GRACE_SECONDS * env_time_scale()) + 1,
		.first_to_die = true,
		.child = child,
		.on_line = take_line,
		.arg = &a,
	};
	struct proc_result p;
	int ret;

	if (make_dir(dir, sizeof(dir), r))
		return;
	/* A unit test holds the code under test; others make large files for the program to read.
	 */
	if (strstr(r->suite, "/unit")) {
		opts.max_file = env_student() ? STUDENT_FILE : PROC_MAX_FILE;
		opts.uid = env_student();
		opts.group = env_student_group();
		opts.max_processes = opts.uid ? STUDENT_PROCESSES : 0;
	}
	show_format(tmp_env, sizeof(tmp_env), "TMPDIR=%s", dir);
	nonce_seal(a.seal);
	ret = proc_run(NULL, &opts, &p);
	remove_dir(dir);
	if (ret) {
		r->outcome = T_ERROR;
		show_format(r->note, sizeof(r->note), "no process: %s", strerror(-ret));
	} else if (!a.ended) {
		judge_missing_end(r, &p);
	}
	if (a.addresses[0])
		add_place(r, a.addresses);
	r->duration = p.seconds;
	keep_output(r, &p);
	if (r->outcome != T_PASS)
		outcome_add_place(r);
	heed_sanitizer(r, p.err);
	proc_free(&p);
}

/* In this process: no limit, no protection, and a debugger can follow. */
static void attempt_here(const struct test_case *test, struct test_result *r)
{
	char dir[PATH_MAX];
	double begin = proc_now();

	if (make_dir(dir, sizeof(dir), r))
		return;
	setenv("TMPDIR", dir, 1);
	test_run_here(test, r, -1, "");
	unsetenv("TMPDIR");
	remove_dir(dir);
	r->duration = proc_now() - begin;
}

/* Did a TODO() run of the test's task, or of one that the task needs? */
static bool hit_todo(const struct test_result *r)
{
	static struct tasks tasks; /* of the lab seen last */
	unsigned lab = lab_number(r->task);
	char why[200];

	if (!r->todos[0] || !lab)
		return false;
	if (tasks.lab != lab)
		tasks_load(&tasks, lab, why, sizeof(why));
	for (unsigned i = 0; i < tasks.count; i++)
		if (result_has_todo(r, tasks.task[i].id) &&
		    tasks_needs(&tasks, r->task, tasks.task[i].id))
			return true;
	return result_has_todo(r, r->task);
}

static void judge(struct test_result *r)
{
	bool failed = r->outcome == T_FAIL || r->outcome == T_CRASH || r->outcome == T_TIMEOUT;

	if (failed && hit_todo(r))
		r->outcome = T_NOT_IMPLEMENTED;
	r->score = r->outcome == T_PASS ? r->max_score : 0;
}

/*
 * A time limit on a busy machine says little. Nor does another failure, where other work goes on
 * beside the tests and whoever runs them says so (VMMLAB_SECOND_TRY). But what a sanitizer has
 * found is there, even if it shows itself but now and then, as a data race does.
 */
static bool deserves_another_try(const struct test_result *r)
{
	if (outcome_finding(r->output))
		return false;
	if (r->outcome == T_TIMEOUT)
		return true;
	return getenv("VMMLAB_SECOND_TRY") && (r->outcome == T_FAIL || r->outcome == T_CRASH);
}

/* The verdict is the second one's; a pass keeps what the first one said. */
static void try_again(const struct test_case *test, struct test_result *r)
{
	struct test_result first = *r;

	test_describe(test, r);
	attempt(test, r);
	judge(r);
	r->flaky = r->outcome == T_PASS;
	if (r->flaky)
		show_format(r->note, sizeof(r->note), "at the second try; at first: %s",
			    first.note[0] ? first.note : first.actual);
}

bool suite_leaves_out(const struct test_case *test, struct test_result *r)
{
	const char *part = env_part();

	/* The part comes last: who runs the other one reads in the note that there it would run. */
	if (env_leaves_out(r->name, r->task, test->seconds))
		show_format(r->note, sizeof(r->note),
			    "left out by VMMLAB_LONGEST=%s or VMMLAB_WITHOUT",
			    getenv("VMMLAB_LONGEST") ? getenv("VMMLAB_LONGEST") : "");
	else if (part && strcmp(part, test_needs_kvm(test) ? "kvm" : "plain") != 0)
		show_format(r->note, sizeof(r->note), "left to another place by " PART_IS "%s",
			    part);
	else if (suite_opts.no_traps && test->traps)
		show_format(r->note, sizeof(r->note), "left out by --no-traps");
	else if (suite_opts.no_kvm && test_needs_kvm(test))
		show_format(r->note, sizeof(r->note), "environment: %s", suite_opts.no_kvm);
	else
		return false;
	r->outcome = T_SKIP;
	return true;
}

void suite_run_test(const struct test_case *test, struct test_result *r)
{
	test_describe(test, r);
	if (suite_leaves_out(test, r))
		return;
	if (suite_opts.no_fork) {
		attempt_here(test, r);
		judge(r);
		return;
	}
	attempt(test, r);
	judge(r);
	if (!suite_opts.no_retry && deserves_another_try(r))
		try_again(test, r);
}
