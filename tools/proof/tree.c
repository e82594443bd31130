// SPDX-License-Identifier: MIT
#include "proof.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "env.h"
#include "proc.h"
#include "show.h"

#define RESULTS	   "build/results.json" /* in the tree that is graded */
#define STEP_LIMIT 600			/* seconds, for one build or one grading */

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

/* Is it left to the tests' other part? Then it would run there. */
static bool is_elsewhere(json_t *test)
{
	return is_outcome(test, "skip") && strstr(text_of(test, "note"), PART_IS);
}

static bool has_other_part(json_t *results)
{
	size_t index;
	json_t *test;

	json_array_foreach(json_object_get(results, "tests"), index, test)
	{
		if (is_elsewhere(test))
			return true;
	}
	return false;
}

/* What was left to the other part has the other part's results. */
static void fill_in(json_t *results, json_t *other)
{
	json_t *tests = json_object_get(results, "tests"), *test;
	size_t index, k;
	json_t *more;

	json_array_foreach(tests, index, test)
	{
		if (!is_elsewhere(test))
			continue;
		json_array_foreach(json_object_get(other, "tests"), k, more)
		{
			if (!strcmp(text_of(test, "id"), text_of(more, "id")))
				json_array_set(tests, index, more);
		}
	}
}

/* The tasks that need another one first, as far as the plain tests tell. */
static void leave_out_what_waits(json_t *results, char *list, size_t size)
{
	size_t index;
	json_t *test;

	json_array_foreach(json_object_get(results, "tests"), index, test)
	{
		const char *task = text_of(test, "task");

		if (is_outcome(test, "blocked") && !is_listed(list, task))
			show_append(list, size, "%s,", task);
	}
}

/* A grade's results; or a suite's, which are lines of JSON. */
static json_t *load_results(const char *path)
{
	FILE *f = fopen(path, "re");
	json_t *results, *test;

	if (!f)
		return NULL;
	results = json_pack("{s:[]}", "tests");
	while ((test = json_loadf(f, JSON_DISABLE_EOF_CHECK, NULL))) {
		if (json_object_get(test, "tests")) {
			json_decref(results);
			results = test;
			break;
		}
		json_array_append_new(json_object_get(results, "tests"), test);
	}
	fclose(f);
	return results;
}

/*
 * Run a command of the tree in dir that makes RESULTS, where that `part` of the tests runs ("": all
 * of them). `get` is RESULTS, or "" if it is what the command says.
 */
static json_t *run_part(const struct prover *p, const char *dir, unsigned lab, const char *part,
			const char *env, const char *get, const char *command)
{
	bool away = p->engine && strcmp(part, "plain") != 0;
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", dir, RESULTS);
	remove(path);
	shell("cd '%s' && VMMLAB_PART=%s %s %s %s || [ $? -le 3 ]", dir, part, env,
	      away ? there(p, lab, get) : "", command);
	return load_results(path);
}

/* Both parts, each where it runs. */
static json_t *run_parts(const struct prover *p, const char *dir, unsigned lab, const char *env,
			 const char *get, const char *command)
{
	char more[1600];
	json_t *results, *rest;

	if (!p->engine)
		return run_part(p, dir, lab, "", env, get, command);
	results = run_part(p, dir, lab, "plain", env, get, command);
	if (!has_other_part(results))
		return results;
	snprintf(more, sizeof(more), "%s VMMLAB_WITHOUT='%s", env, p->without);
	leave_out_what_waits(results, more, sizeof(more));
	show_append(more, sizeof(more), "'");
	rest = run_part(p, dir, lab, "kvm", more, get, command);
	fill_in(results, rest);
	json_decref(rest);
	return results;
}

json_t *grade(const struct prover *p, const char *dir, unsigned lab, const char *make_args,
	      double longest, const char *also, const char *grade_args)
{
	char env[600], command[400];

	if (make(dir, lab, make_args))
		return NULL;
	snprintf(env, sizeof(env), "VMMLAB_LONGEST=%g VMMLAB_ALSO='%s'", longest, also);
	snprintf(command, sizeof(command), "build/tests/grade --lab=%u %s --results=%s >/dev/null",
		 lab, grade_args, RESULTS);
	return run_parts(p, dir, lab, env, RESULTS, command);
}

json_t *run_ungraded(const struct prover *p, const char *dir, unsigned lab, const char *names)
{
	static const char *const suites[] = { "unit", "blackbox" };
	json_t *tests;
	char env[600], command[200];

	if (make(dir, lab, ""))
		return NULL;
	tests = json_array();
	snprintf(env, sizeof(env), "VMMLAB_LONGEST=%g VMMLAB_ALSO='%s'", NONE, names);
	for (unsigned i = 0; i < ARRAY_SIZE(suites); i++) {
		json_t *results;

		snprintf(command, sizeof(command),
			 "build/tests/lab%02u/%s --filter=- --no-retry --json-fd=1 >%s", lab,
			 suites[i], RESULTS);
		results = run_parts(p, dir, lab, env, "", command);
		json_array_extend(tests, json_object_get(results, "tests"));
		json_decref(results);
	}
	return json_pack("{s:o}", "tests", tests);
}

bool is_left_out(json_t *test)
{
	return is_outcome(test, "skip") && strstr(text_of(test, "note"), "VMMLAB_LONGEST");
}

bool is_wrong(json_t *test)
{
	static const char *const fine[] = { "pass", "skip", "blocked", "not_implemented" };

	for (unsigned i = 0; i < ARRAY_SIZE(fine); i++)
		if (is_outcome(test, fine[i]))
			return false;
	return true;
}
