// SPDX-License-Identifier: MIT
#include "proof.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "env.h"
#include "show.h"
#include "tasks.h"

#define RESULTS	 "build/results.json" /* in the tree that is graded */
#define TOGETHER "build/together"     /* there as well: what waits for an emulated machine */

/* Do its tests run the VMM from within, too? (See the Makefile, ESCAPE.) Such tests have no task.
 */
static bool has_escape(const struct graded *g)
{
	return !g->grade_args && lab_first_that_says("confined") == g->lab &&
	       !access("tests/adversarial/escape", F_OK);
}

/* Build a lab and what runs its tests. 0, or make's status. */
static int make(const char *dir, const struct graded *g)
{
	char what[PATH_MAX + 40], program[PATH_MAX];

	lab_program(g->lab, "build", program, sizeof(program));
	show_format(what, sizeof(what), "lab%02u", g->lab);
	if (!strcmp(g->suites, "unit"))
		show_format(what, sizeof(what), "build/tests/lab%02u/unit-faults", g->lab);
	if (!strcmp(g->suites, "blackbox"))
		show_format(what, sizeof(what), "build/tests/lab%02u/blackbox '%s'", g->lab,
			    program);
	return shell("LDFLAGS=-s make -s -C '%s' -j2 BUILD=build %s build/tests/grade "
		     "build/tests/shim.so guests %s %s >&2",
		     dir, what, has_escape(g) ? "build/tests/escape" : "", g->make_args);
}

/* Is it left to the tests' other part? Then it would run there. */
static bool is_elsewhere(json_t *test)
{
	return is_outcome(test, "skip") && strstr(text_of(test, "note"), PART_IS);
}

/* Does a test of such a suite wait for the other part? */
static bool waits(const struct graded *g, const char *suite)
{
	size_t index;
	json_t *test;

	json_array_foreach(json_object_get(g->results, "tests"), index, test)
	{
		if (is_elsewhere(test) && strstr(text_of(test, "suite"), suite))
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

/* A grade's results; or of suites, which are lines of JSON. */
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
 * One line of shell that runs the tests, with programs that lie in the tree's build (`aside` is
 * ""), or in that folder.
 */
static void command(const struct graded *g, const char *aside, const char *results, char *buf,
		    size_t size)
{
	char programs[120] = "", unit[60];

	show_format(unit, sizeof(unit), "build/tests/lab%02u/unit", g->lab);
	if (*aside && waits(g, "/unit"))
		show_format(unit, sizeof(unit), "%s/unit", aside);
	if (*aside)
		show_format(programs, sizeof(programs), "--vmm=%s/vmm", aside);
	buf[0] = 0;
	if (*aside && has_escape(g))
		show_format(buf, size, "export VMMLAB_ESCAPE=%s/escape; ", aside);
	show_append(buf, size, "export VMMLAB_LONGEST=%g VMMLAB_ALSO='%s' VMMLAB_WITHOUT='%s'; ",
		    g->longest, g->also, *aside ? g->without : "");
	if (g->grade_args)
		show_append(buf, size,
			    "build/tests/grade --lab=%u --unit=%s %s %s --results=%s >/dev/null",
			    g->lab, unit, programs, g->grade_args, results);
	else
		show_append(buf, size,
			    "for suite in %s build/tests/lab%02u/blackbox; do "
			    "$suite %s --filter=- --no-retry --json-fd=1; done >%s",
			    unit, g->lab, programs, results);
}

/* The next tree will be built in the same place: what of this one waits is kept. (Without symbols,
 * as make() has it: what travels takes its time.) */
static void put_aside(const char *dir, struct graded *g)
{
	char program[PATH_MAX], build[PATH_MAX], unit[300] = ":";

	show_format(build, sizeof(build), "%s/build", dir);
	lab_program(g->lab, build, program, sizeof(program));
	if (waits(g, "/unit"))
		show_format(unit, sizeof(unit),
			    "cp $from/unit $from/unit-plan $from/unit-faults $to/");
	if (has_escape(g))
		show_append(unit, sizeof(unit), " && cp build/tests/escape $to/");
	if (shell("cd '%s' && to=" TOGETHER "/%u from=build/tests/lab%02u && rm -rf $to && "
		  "mkdir -p $to && cp '%s' $to/vmm && %s",
		  dir, g->number, g->lab, program, unit)) {
		json_decref(g->results);
		g->results = NULL;
	}
}

json_t *plan_of(const char *dir, unsigned lab)
{
	const struct graded all = { .lab = lab, .make_args = "", .suites = "", .grade_args = "" };
	char path[PATH_MAX];

	show_format(path, sizeof(path), "%s/" RESULTS, dir);
	if (make(dir, &all) ||
	    shell("cd '%s/build/tests/lab%02u' && for suite in unit-plan blackbox; do "
		  "./$suite --list --json-fd=3 3>&1 >/dev/null; done >'%s'",
		  dir, lab, path))
		return NULL;
	return load_results(path);
}

void grade_here(const struct prover *p, const char *dir, struct graded *g)
{
	char path[PATH_MAX], line[1200];

	g->results = NULL;
	if (make(dir, g))
		return;
	show_format(path, sizeof(path), "%s/" RESULTS, dir);
	command(g, "", RESULTS, line, sizeof(line));
	remove(path);
	shell("cd '%s' && export VMMLAB_PART=%s && { %s; } || [ $? -le 3 ]", dir,
	      p->engine ? "plain" : "", line);
	g->results = load_results(path);
	if (!p->engine || !waits(g, ""))
		return;
	leave_out_what_waits(g->results, g->without, sizeof(g->without));
	put_aside(dir, g);
}

/* What the emulated machine shall do. Returns how many trees' tests that are, or -1. */
static int write_script(const char *dir, struct graded *const g[], unsigned n, char *files,
			size_t size)
{
	char path[PATH_MAX], aside[60], results[80], line[1200];
	int waiting = 0;
	FILE *f;

	show_format(path, sizeof(path), "%s/" TOGETHER "/run.sh", dir);
	for (unsigned i = 0; i < n; i++)
		waiting += waits(g[i], "");
	f = waiting ? fopen(path, "we") : NULL;
	if (!f)
		return waiting ? -1 : 0;
	files[0] = 0;
	for (unsigned i = 0; i < n; i++) {
		if (!waits(g[i], ""))
			continue;
		show_format(aside, sizeof(aside), TOGETHER "/%u", g[i]->number);
		show_format(results, sizeof(results), "%s/results.json", aside);
		command(g[i], aside, results, line, sizeof(line));
		fprintf(f, "(%s)\n", line);
		show_append(files, size, " %s", results);
	}
	fputs("exit 0\n", f);
	return fclose(f) ? -1 : waiting;
}

void grade_there(const struct prover *p, const char *dir, struct graded *const g[], unsigned n)
{
	char files[TOGETHER_MAX * 80], path[PATH_MAX];
	int waiting = p->engine ? write_script(dir, g, n, files, sizeof(files)) : 0;

	if (waiting > 0)
		shell_for(waiting * LIMIT_EACH,
			  "cd '%s' && VMMLAB_PART=kvm '%s/tools/there.sh' %s '%s/tools/box/box' "
			  "lab%02u %s -- /bin/sh " TOGETHER "/run.sh",
			  dir, p->tree, p->engine, p->build, g[0]->lab, files);
	for (unsigned i = 0; i < n; i++) {
		json_t *rest;

		if (!p->engine || !waits(g[i], ""))
			continue;
		show_format(path, sizeof(path), "%s/" TOGETHER "/%u/results.json", dir,
			    g[i]->number);
		rest = load_results(path);
		if (!rest || !strcmp(text_of(rest, "status"), "grader_error"))
			printf("      of %u: %s\n", g[i]->number,
			       rest ? text_of(rest, "message") : "no results came back");
		fill_in(g[i]->results, rest);
		json_decref(rest);
	}
}
