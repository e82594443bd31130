// SPDX-License-Identifier: MIT
/*
 * The grader runs as root with its suites, the student's program and the unit tests as another
 * user: in the emulated machine, which is thrown away, or natively under bubblewrap.
 */
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "call.h"
#include "mark.h"
#include "nonce.h"
#include "put_file.h"
#include "show.h"

#define LEAST_BUDGET 120 /* seconds for all tests of a lab */
#define BUDGET_TIMES 10	 /* what the reference took */
#define BOX_SECONDS  60	 /* beside the tests: to wake, to load, to end */
#define STUDENT_UID  1000
#define NATIVE_UID   60000
#define NATIVE_UIDS  4000
#define TMP_BYTES    "1073741824" /* natively files there are memory, which others need, too */
#define SHM_BYTES    "67108864"
#define TRACING	     "/sys/kernel/tracing"
#define FIRST_LIMIT  1800 /* when nobody knows yet how long the reference takes */

static double budget(const struct mark *m)
{
	json_t *times = json_object_get(m->reference, "times");
	double took = json_number_value(json_object_get(times, "run_ms")) / 1000;

	if (m->limit > 0)
		return m->limit;
	if (!m->reference)
		return FIRST_LIMIT;
	return BUDGET_TIMES * took > LEAST_BUDGET ? BUDGET_TIMES * took : LEAST_BUDGET;
}

/* (The seed comes in the environment: who is tested may read every command line.) */
static void add_grader(struct call *c, const struct mark *m, const char *results)
{
	call_add(c, "build/tests/grade");
	call_add(c, "--lab=%02u", m->lab);
	call_add(c, "--for-marks=%.0f", budget(m));
	call_add(c, "--results=%s", results);
}

/* What the tests read, as ./lab grade puts it there (tools/engine.sh). */
static void add_files(struct call *c, const struct mark *m)
{
	char name[16];
	static const char *const names[] = { "unit", "unit-plan", "unit-faults", "blackbox" };
	char program[PATH_MAX];
	glob_t dumps;

	show_format(name, sizeof(name), "lab%02u", m->lab);
	call_add(c, "--put=build/guests");
	call_add(c, "--put=%s/tasks", m->tasks.dir);
	call_add(c, "--put=%s/about", m->tasks.dir);
	if (!lab_program(m->lab, "build", program, sizeof(program)))
		call_add(c, "--put=%s", program);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		call_add(c, "--put=build/tests/%s/%s", name, names[i]);
	call_add(c, "--put=build/tests/grade");
	call_add(c, "--put=build/tests/shim.so");
	if (glob("tests/*/dumps", 0, NULL, &dumps))
		return;
	for (size_t i = 0; i < dumps.gl_pathc; i++)
		call_add(c, "--put=%s", dumps.gl_pathv[i]);
	globfree(&dumps);
}

static void svm_call(struct call *c, const struct mark *m)
{
	call_add(c, "%s", m->box);
	call_add(c, "--engine=%s", m->engine);
	call_add(c, "--root");
	call_add(c, "--limit=%.0f", budget(m) + BOX_SECONDS);
	call_add(c, "--env=VMMLAB_STUDENT=%d", STUDENT_UID);
	call_add(c, "--env=" NONCE_SEED "=%s", m->seed);
	call_add(c, "--env=VMMLAB_SECOND_TRY=1"); /* this machine may have been busy */
	if (getenv("VMMLAB_TIME_SCALE"))	  /* or it is always */
		call_add(c, "--env=VMMLAB_TIME_SCALE=%.20s", getenv("VMMLAB_TIME_SCALE"));
	add_files(c, m);
	call_add(c, "--get=build/results.json");
	call_add(c, "--");
	add_grader(c, m, "build/results.json");
}

/*
 * Natively: each its own, so that one cannot use up what another may have. (By the directory that
 * is ours alone; process ids are not: they are counted from 1 in here.)
 */
static unsigned native_uid(const struct mark *m)
{
	struct stat st;

	return NATIVE_UID + (stat(m->work, &st) ? 0 : st.st_ino % NATIVE_UIDS);
}

/* What the grader sees of this machine, when namespaces are to be had. */
static void add_sandbox(struct call *c, const struct mark *m)
{
	call_add_words(
		c,
		"bwrap --die-with-parent --new-session --unshare-pid --unshare-net --unshare-ipc "
		"--unshare-uts --ro-bind /usr /usr --symlink usr/bin /bin --symlink usr/lib /lib "
		"--symlink usr/lib64 /lib64 --proc /proc --dev /dev --dev-bind-try /dev/kvm "
		"/dev/kvm --perms 1777 --size " SHM_BYTES
		" --tmpfs /dev/shm --perms 1777 --size " TMP_BYTES " --tmpfs /tmp --dir " TRACING
		" --ro-bind-try " TRACING " " TRACING " --ro-bind");
	call_add(c, "%s/tree", m->work);
	call_add_words(c, "/work --bind");
	call_add(c, "%s/results", m->work);
	call_add_words(c, "/results --chdir /work --");
}

static void native_call(struct call *c, const struct mark *m)
{
	const char *scale = getenv("VMMLAB_TIME_SCALE");
	char results[PATH_MAX] = "/results/results.json";

	if (m->sandbox == SANDBOX_BWRAP)
		add_sandbox(c, m);
	else
		show_format(results, sizeof(results), "%s", mark_path(m, "results/results.json"));
	call_add_words(c, "sh -c");
	call_add(c, "exec env -i " NONCE_SEED "=\"$" NONCE_SEED "\" \"$@\"");
	call_add_words(c, "sh PATH=/usr/bin:/bin LC_ALL=C HOME=/tmp VMMLAB_SECOND_TRY=1");
	call_add(c, "VMMLAB_STUDENT=%u", native_uid(m));
	if (scale)
		call_add(c, "VMMLAB_TIME_SCALE=%.20s", scale);
	if (m->sandbox == SANDBOX_BWRAP) {
		/* Exits are counted by it (exits.h); outside it need not be mounted. */
		call_add_words(c, "sh -c");
		call_add(c, "test -d " TRACING "/events || mount -t tracefs tracefs " TRACING
			    "; exec \"$@\"");
		call_add_words(c, "sh");
	}
	add_grader(c, m, results);
}

/* The student shall not read what tests, nor start it. */
static void hide_tests(const struct mark *m)
{
	static const char *const names[] = { "lab%02u/blackbox", "lab%02u/unit",
					     "lab%02u/unit-plan", "grade" };
	char name[100];

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		show_format(name, sizeof(name), "tree/build/tests/");
		show_append(name, sizeof(name), names[i], m->lab);
		chmod(mark_path(m, name), 0700);
	}
}

static void keep_log(const struct mark *m, const struct proc_result *p)
{
	char path[PATH_MAX];

	show_format(path, sizeof(path), "%s/log/%s.txt", m->out, m->id);
	put_file(path, p->out, p->out_len);
}

void mark_run(struct mark *m)
{
	bool native = !strcmp(m->engine, "native");
	const char *results = native ? "results/results.json" : "tree/build/results.json";
	struct call c = { 0 };
	char here[PATH_MAX], seed[100], *env[] = { seed, NULL };
	struct proc_opts opts = { .limit = budget(m) + 2 * BOX_SECONDS,
				  .max_output = MiB(1),
				  .extra_env = env };
	struct proc_result p;
	int ret = 0;

	show_format(seed, sizeof(seed), NONCE_SEED "=%s", m->seed);
	hide_tests(m);
	if (mkdir(mark_path(m, "results"), 0700) || !getcwd(here, sizeof(here)) ||
	    chdir(mark_path(m, "tree"))) /* (the box takes names as they are here) */
		ret = -errno;
	if (!native && !ret && unlink("build/results.json") && errno != ENOENT)
		ret = -errno;
	if (native)
		native_call(&c, m);
	else
		svm_call(&c, m);
	if (!ret)
		ret = call_run(&c, &opts, &p);
	call_free(&c);
	if (chdir(here) && !ret)
		ret = -errno;
	if (ret) {
		mark_settle(m, MARK_ENVIRONMENT, "the grader cannot be started: %s",
			    strerror(-ret));
		return;
	}
	m->run_seconds = p.seconds;
	m->results = json_load_file(mark_path(m, results), 0, NULL);
	keep_log(m, &p);
	if (!m->results)
		mark_flag(m, "the grader ended with status %d: %.120s", proc_exit_code(&p), p.err);
	proc_free(&p);
}
