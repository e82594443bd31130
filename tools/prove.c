// SPDX-License-Identifier: MIT
/*
 * The proof that the course is fair.
 *
 *	prove ladder BUILD [LAB [ENGINE]]
 *		for every task t: the tree solved up to t builds without a warning and scores
 *		exactly the points of the tasks up to t
 *	prove mutants BUILD [LAB [ENGINE]]
 *		every seeded mistake in tests/mutants makes the tests fail that its header names,
 *		and none of another task; every graded test is made to fail by at least one
 *
 * Guests run here, or in the emulated machine of ENGINE (svm). There a mutant meets the tests of
 * its task and those that it names only: the others take too long. A native run has them all.
 * Trees are made and kept in BUILD/prove. A line for each step; the last one is
 * `N passed, N failed, N at the second try`. Status 0, 1, or 3 when this machine cannot run guests.
 */
#include <glob.h>
#include <jansson.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "env.h"
#include "proc.h"
#include "tasks.h"

#define STEP_LIMIT 600 /* seconds, for one build or one grading */
#define TESTS_MAX  256
#define QUICK	   0.3 /* seconds: longer tests run where they are named: see grade() */
#define ALL	   1e9
#define NONE	   (-1.0)

struct prover {
	const char *build;   /* absolute */
	const char *engine;  /* NULL: guests run here; or the emulated machine's name */
	char tree[PATH_MAX]; /* the repository */
	unsigned passed, failed, repeated;
	char killed[TESTS_MAX][96]; /* names of graded tests that some mutant made fail */
	unsigned nkilled;
};

static void verdict(struct prover *p, bool ok, const char *step, const char *fmt, ...) PRINTF(4, 5);

static void verdict(struct prover *p, bool ok, const char *step, const char *fmt, ...)
{
	va_list ap;

	if (ok)
		p->passed++;
	else
		p->failed++;
	printf("%s  %s: ", ok ? "ok  " : "FAIL", step);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	fflush(stdout);
}

/* Run a line of shell. Returns its exit status; what it wrote on stderr is shown if that is bad. */
static int shell(const char *fmt, ...) PRINTF(1, 2);

static int shell(const char *fmt, ...)
{
	const struct proc_opts opts = { .limit = STEP_LIMIT };
	struct proc_result r;
	char line[4 * PATH_MAX];
	char sh[] = "sh", c[] = "-c";
	char *argv[] = { sh, c, line, NULL };
	va_list ap;
	int status;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (proc_run(argv, &opts, &r) < 0)
		return 127;
	status = r.timed_out ? 124 : proc_exit_code(&r);
	if (status)
		fprintf(stderr, "%s\n%s", line, r.err);
	proc_free(&r);
	return status;
}

static const char *text_of(json_t *test, const char *key)
{
	const char *text = json_string_value(json_object_get(test, key));

	return text ? text : "";
}

static bool is_outcome(json_t *test, const char *outcome)
{
	return !strcmp(text_of(test, "outcome"), outcome);
}

/*
 * Build a lab of the tree in dir (and what `make_args` say) and grade it there. Returns the
 * results, or NULL if it does not build or cannot be graded. The grade's own status says little
 * here: points may well be missing. Tests that take more than `longest` seconds are skipped, but
 * for those (or whole tasks) that `also` names.
 */
static json_t *grade(const struct prover *p, const char *dir, unsigned lab, const char *make_args,
		     double longest, const char *also, const char *grade_args)
{
	char path[PATH_MAX], there[3 * PATH_MAX] = "";

	if (shell("make -s -C '%s' -j2 BUILD=build lab%02u build/tests/grade build/tests/shim.so "
		  "guests %s >&2",
		  dir, lab, make_args))
		return NULL;
	snprintf(path, sizeof(path), "%s/build/results.json", dir);
	remove(path);
	if (p->engine)
		snprintf(there, sizeof(there),
			 "'%s/tools/there.sh' %s '%s/tools/box/box' lab%02u build/results.json --",
			 p->tree, p->engine, p->build, lab);
	shell("cd '%s' && VMMLAB_LONGEST=%g VMMLAB_ALSO='%s' %s build/tests/grade --lab=%u %s "
	      "--results=build/results.json >/dev/null || [ $? -le 3 ]",
	      dir, longest, also, there, lab, grade_args);
	return json_load_file(path, 0, NULL);
}

/*
 * What is not begun is not wrong: a student sees TODO or WAIT for it, and never FAIL. (But a stub
 * that does nothing, so that what comes before works, cannot say that it is one: 3.8.)
 */
static bool is_wrong(json_t *test)
{
	static const char *const fine[] = { "pass", "skip", "blocked", "not_implemented" };

	for (unsigned i = 0; i < ARRAY_SIZE(fine); i++)
		if (is_outcome(test, fine[i]))
			return false;
	return true;
}

/* --- the ladder --- */

/* Is it only too long for this run? */
static bool is_left_out(json_t *test)
{
	return is_outcome(test, "skip") && strstr(text_of(test, "note"), "VMMLAB_LONGEST");
}

/*
 * The sum of the scores, or -1: a test of the tasks up to the i-th fails, or one of another task
 * passes, or any, graded or not, says that something is wrong. A test that is left out as too long
 * runs on its own task's rung; from there on it counts as passed.
 */
static long long points_of_the_right_tests(json_t *results, const struct tasks *tasks, int i)
{
	long long points = 0; /* "score" is null where a graded test was skipped */
	size_t index;
	json_t *test;

	json_array_foreach(json_object_get(results, "tests"), index, test)
	{
		const struct task *task = tasks_find(tasks, text_of(test, "task"));
		long long max = json_integer_value(json_object_get(test, "max_score"));
		bool due = task && task - tasks->task <= i, passes = is_outcome(test, "pass");
		bool may_fail = !strcmp(text_of(test, "name"), "bits-that-the-guest-sees");

		points += json_integer_value(json_object_get(test, "score"));
		if (is_left_out(test) && due) {
			passes = true;
			points += max;
		}
		if ((is_wrong(test) && !may_fail) || (max && passes != due)) {
			fprintf(stderr, "%s: %s\n%s\n", text_of(test, "id"),
				text_of(test, "outcome"), text_of(test, "output"));
			return -1;
		}
	}
	return points;
}

static void climb(struct prover *p, const struct tasks *tasks, int i, int want)
{
	const char *id = i < 0 ? "nothing" : tasks->task[i].id;
	unsigned minor = 0;
	char step[64], dir[PATH_MAX];
	json_t *results;
	long long score;

	if (i >= 0)
		minor = (unsigned)strtoul(strchr(id, '.') + 1, NULL, 10);
	snprintf(step, sizeof(step), "ladder %u, solved up to %s", tasks->lab, id);
	snprintf(dir, sizeof(dir), "%s/prove/ladder-%02u", p->build, tasks->lab);
	if (shell("tools/starter.sh --sol=%u '%s' >&2", tasks->lab * 100 + minor, dir)) {
		verdict(p, false, step, "the tree could not be written");
		return;
	}
	/* All of it is what a student begins with; later only programs hold what was solved. */
	results = grade(p, dir, tasks->lab, i < 0 ? "WERROR=-Werror all" : "WERROR=-Werror vmm",
			QUICK, id, "");
	if (!results) {
		verdict(p, false, step, "it does not build without a warning, or was not graded");
		return;
	}
	score = points_of_the_right_tests(results, tasks, i);
	verdict(p, score == want, step, "%lld points, must be %d", score, want);
	json_decref(results);
}

static void ladder(struct prover *p, const struct tasks *tasks)
{
	int points = 0;

	climb(p, tasks, -1, 0);
	for (int i = 0; i < (int)tasks->count; i++) {
		points += tasks->task[i].points;
		climb(p, tasks, i, points);
	}
	verdict(p, points + tasks->to_come == 100, "points", "the lab's tasks add up to %d",
		points);
}

/* --- mutants --- */

struct mutant {
	char file[PATH_MAX], task[16], killers[400];
};

/*
 * `# killed by a CPU: ...` are tests that notice where a CPU runs guests by itself. QEMU's emulated
 * one lets pass what the manual forbids: it checks no segment limit.
 */
static bool read_mutant(const struct prover *p, struct mutant *m, const char *path)
{
	char line[512], more[400] = "";
	FILE *f = fopen(path, "re");

	*m = (struct mutant){ 0 };
	snprintf(m->file, sizeof(m->file), "%s", path);
	if (!f)
		return false;
	while (fgets(line, sizeof(line), f) && line[0] == '#') {
		sscanf(line, "# task: %15s", m->task);
		sscanf(line, "# killed by: %399[^\n]", m->killers);
		sscanf(line, "# killed by a CPU: %399[^\n]", more);
	}
	fclose(f);
	if (*more && !p->engine) {
		size_t len = strlen(m->killers);

		snprintf(m->killers + len, sizeof(m->killers) - len, ", %s", more);
	}
	for (char *c = m->killers; *c; c++) /* a test's name as the results have it */
		if (*c == '_')
			*c = '-';
	return m->task[0] && m->killers[0];
}

static void note_killed(struct prover *p, const char *name)
{
	for (unsigned i = 0; i < p->nkilled; i++)
		if (!strcmp(p->killed[i], name))
			return;
	if (p->nkilled < TESTS_MAX)
		snprintf(p->killed[p->nkilled++], sizeof(p->killed[0]), "%s", name);
}

/* Compare what failed with what the mutant's header promises. Puts what differs into bad. */
static void judge(struct prover *p, const struct mutant *m, json_t *results, char *bad, size_t size)
{
	unsigned killers = 0, promised = 1;
	size_t index;
	json_t *test;

	bad[0] = 0;
	for (const char *c = m->killers; *c; c++)
		promised += *c == ',';
	json_array_foreach(json_object_get(results, "tests"), index, test)
	{
		const char *name = text_of(test, "name");
		bool graded = json_integer_value(json_object_get(test, "max_score")) > 0;
		bool named = is_listed(m->killers, name), fine = !is_wrong(test);
		size_t len = strlen(bad);

		killers += named;
		if (named && fine)
			snprintf(bad + len, size - len, "%s did not notice (%s %s); ", name,
				 text_of(test, "outcome"), text_of(test, "note"));
		else if (!named && !fine && graded && strcmp(text_of(test, "task"), m->task) != 0)
			snprintf(bad + len, size - len, "%s failed, a test of task %s (%s); ", name,
				 text_of(test, "task"), text_of(test, "actual"));
		if (!fine && graded)
			note_killed(p, name);
	}
	if (killers != promised)
		snprintf(bad, size, "%u of the %u tests named are there", killers, promised);
}

/* Is it as the mutant's header promises? If not, bad says what is not. */
static bool is_noticed(struct prover *p, const struct mutant *m, const char *dir, unsigned lab,
		       const char *grade_args, char *bad, size_t size)
{
	char also[sizeof(m->killers) + sizeof(m->task) + 2];
	json_t *results;

	snprintf(also, sizeof(also), "%s,%s", m->killers, p->engine ? m->task : "");
	results = grade(p, dir, lab, "", p->engine ? NONE : QUICK, also, grade_args);

	if (results)
		judge(p, m, results, bad, size);
	else
		snprintf(bad, size, "it does not build");
	json_decref(results);
	return !bad[0];
}

static void try_mutant(struct prover *p, const char *dir, const char *path, unsigned lab)
{
	const char *slash = strrchr(path, '/');
	struct mutant m;
	char step[128], bad[600];
	bool noticed;

	snprintf(step, sizeof(step), "mutant %s", slash + 1);
	if (!read_mutant(p, &m, path)) {
		verdict(p, false, step, "its header does not say `# task:` and `# killed by:`");
		return;
	}
	if (shell("patch -s -p1 -d '%s' < '%s' >&2", dir, path)) {
		verdict(p, false, step, "the patch does not apply");
		return;
	}
	noticed = is_noticed(p, &m, dir, lab, "--no-retry", bad, sizeof(bad));
	/* A busy machine can fail a test of time, and so keep others from running. */
	if (!noticed) {
		printf("      %s: %s\n", step, bad);
		p->repeated++;
		noticed = is_noticed(p, &m, dir, lab, "", bad, sizeof(bad));
	}
	verdict(p, noticed, step, "%s", noticed ? m.killers : bad);
	if (shell("patch -s -R -p1 -d '%s' < '%s' >&2", dir, path))
		verdict(p, false, step, "the patch cannot be taken back");
}

/* Each graded test must have been seen to fail. */
static void all_tests_can_fail(struct prover *p, const char *dir, unsigned lab)
{
	json_t *results = grade(p, dir, lab, "", ALL, "", "");
	unsigned idle = 0;
	size_t index;
	json_t *test;

	verdict(p, results && !strcmp(text_of(results, "status"), "pass"), "solution",
		"the tree without a mutant has full marks");
	json_array_foreach(json_object_get(results, "tests"), index, test)
	{
		const char *name = text_of(test, "name");
		unsigned i = 0;

		if (json_integer_value(json_object_get(test, "max_score")) == 0)
			continue;
		while (i < p->nkilled && strcmp(p->killed[i], name) != 0)
			i++;
		if (i == p->nkilled) {
			printf("      no mutant makes %s fail\n", name);
			idle++;
		}
	}
	verdict(p, idle == 0, "tests", "%u of the graded tests are never seen to fail", idle);
	json_decref(results);
}

static void mutants(struct prover *p, const struct tasks *tasks)
{
	char dir[PATH_MAX], pattern[PATH_MAX];
	glob_t found;

	snprintf(dir, sizeof(dir), "%s/prove/mutants-%02u", p->build, tasks->lab);
	if (shell("rm -rf '%s' && mkdir -p '%s' && git ls-files -co --exclude-standard | "
		  "tar -cf - -T - | tar -xf - -C '%s' && mkdir -p '%s/build' && "
		  "cp -a '%s/libcommon.a' '%s/guests' '%s/build/'",
		  dir, dir, dir, dir, p->build, p->build, dir)) {
		verdict(p, false, "mutants", "the tree could not be copied");
		return;
	}
	snprintf(pattern, sizeof(pattern), "tests/mutants/%02u/*.patch", tasks->lab);
	if (glob(pattern, 0, NULL, &found)) {
		verdict(p, false, "mutants", "there are none in %s", pattern);
		return;
	}
	for (size_t i = 0; i < found.gl_pathc; i++)
		try_mutant(p, dir, found.gl_pathv[i], tasks->lab);
	globfree(&found);
	all_tests_can_fail(p, dir, tasks->lab);
}

/* Will guests run here, or by the box in an emulated machine? Returns 0 or an exit status. */
static int choose_place(struct prover *p, const char *engine)
{
	char why[ENV_WHY_MAX];

	if (!getcwd(p->tree, sizeof(p->tree)))
		return 3;
	p->engine = strcmp(engine, "native") != 0 ? engine : NULL;
	if (p->engine || !env_kvm(why, sizeof(why)))
		return 0;
	fprintf(stderr, "environment: %s\n", why);
	return 3;
}

int main(int argc, char **argv)
{
	static struct prover p;
	struct tasks tasks;
	char why[240], build[PATH_MAX];
	int status;

	if (argc < 3 || argc > 5 ||
	    (strcmp(argv[1], "ladder") != 0 && strcmp(argv[1], "mutants") != 0)) {
		fprintf(stderr, "Usage: prove ladder|mutants BUILD [LAB [ENGINE]]\n");
		return 2;
	}
	if (!realpath(argv[2], build)) {
		perror(argv[2]);
		return 2;
	}
	p.build = build;
	status = choose_place(&p, argc > 4 ? argv[4] : "native");
	if (status)
		return status;
	for (unsigned lab = 1; lab < 100; lab++) {
		char dir[200];

		if ((argc >= 4 && lab != strtoul(argv[3], NULL, 10)) ||
		    lab_find(lab, dir, sizeof(dir)))
			continue;
		if (tasks_load(&tasks, lab, why, sizeof(why)))
			verdict(&p, false, dir, "%s", why);
		else if (!strcmp(argv[1], "ladder"))
			ladder(&p, &tasks);
		else
			mutants(&p, &tasks);
	}
	printf("%u passed, %u failed, %u at the second try\n", p.passed, p.failed, p.repeated);
	return p.failed ? 1 : 0;
}
