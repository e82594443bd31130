// SPDX-License-Identifier: MIT
#include "proof.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "proc.h"

#define STEP_LIMIT 600 /* seconds, for one build or one grading */

void verdict(struct prover *p, bool ok, const char *step, const char *fmt, ...)
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

int shell(const char *fmt, ...)
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

double quick(void)
{
	return getenv("VMMLAB_RENEW") ? ALL : 0.3;
}

const char *text_of(json_t *test, const char *key)
{
	const char *text = json_string_value(json_object_get(test, key));

	return text ? text : "";
}

bool is_outcome(json_t *test, const char *outcome)
{
	return !strcmp(text_of(test, "outcome"), outcome);
}

/* Build a lab and what runs its tests. 0, or make's status. */
static int make(const char *dir, unsigned lab, const char *make_args)
{
	return shell(
		"make -s -C '%s' -j2 BUILD=build lab%02u build/tests/grade build/tests/shim.so "
		"guests %s >&2",
		dir, lab, make_args);
}

/* What comes before a command that shall run where guests do, with that file to bring back. */
static const char *there(const struct prover *p, unsigned lab, const char *file)
{
	static char words[3 * PATH_MAX];

	words[0] = 0;
	if (p->engine)
		snprintf(words, sizeof(words),
			 "'%s/tools/there.sh' %s '%s/tools/box/box' lab%02u %s --", p->tree,
			 p->engine, p->build, lab, file);
	return words;
}

json_t *grade(const struct prover *p, const char *dir, unsigned lab, const char *make_args,
	      double longest, const char *also, const char *grade_args)
{
	char path[PATH_MAX];

	if (make(dir, lab, make_args))
		return NULL;
	snprintf(path, sizeof(path), "%s/build/results.json", dir);
	remove(path);
	shell("cd '%s' && VMMLAB_LONGEST=%g VMMLAB_ALSO='%s' %s build/tests/grade --lab=%u %s "
	      "--results=build/results.json >/dev/null || [ $? -le 3 ]",
	      dir, longest, also, there(p, lab, "build/results.json"), lab, grade_args);
	return json_load_file(path, 0, NULL);
}

/* The suite's results are lines of JSON. */
static void load_lines(json_t *tests, const char *path)
{
	FILE *f = fopen(path, "re");
	json_t *test;

	while (f && (test = json_loadf(f, JSON_DISABLE_EOF_CHECK, NULL)))
		json_array_append_new(tests, test);
	if (f)
		fclose(f);
}

json_t *run_ungraded(const struct prover *p, const char *dir, unsigned lab, const char *names)
{
	static const char *const suites[] = { "unit", "blackbox" };
	json_t *tests;
	char path[PATH_MAX];

	if (make(dir, lab, ""))
		return NULL;
	tests = json_array();
	for (unsigned i = 0; i < ARRAY_SIZE(suites); i++) {
		snprintf(path, sizeof(path), "%s/build/ungraded.json", dir);
		shell("cd '%s' && VMMLAB_LONGEST=%g VMMLAB_ALSO='%s' %s build/tests/lab%02u/%s "
		      "--filter=- --no-retry --json-fd=1 >build/ungraded.json || [ $? -le 1 ]",
		      dir, NONE, names, there(p, lab, ""), lab, suites[i]);
		load_lines(tests, path);
	}
	return json_pack("{s:o}", "tests", tests);
}

bool is_wrong(json_t *test)
{
	static const char *const fine[] = { "pass", "skip", "blocked", "not_implemented" };

	for (unsigned i = 0; i < ARRAY_SIZE(fine); i++)
		if (is_outcome(test, fine[i]))
			return false;
	return true;
}
