// SPDX-License-Identifier: MIT
/*
 * What the grader's results are worth. It has counted each test; here come those who never ran a
 * guest, and the question whose fault it is when something went wrong.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mark.h"
#include "show.h"

static const char *text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}

static long long number_of(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

static json_t *find_test(json_t *record, const char *suite, const char *id)
{
	json_t *test;
	size_t i;

	json_array_foreach(json_object_get(record, "tests"), i, test)
	{
		if (!strcmp(text_of(test, "id"), id) && !strcmp(text_of(test, "suite"), suite))
			return test;
	}
	return NULL;
}

static json_t *reference_of(const struct mark *m, const json_t *test)
{
	return m->reference ? find_test(m->reference, text_of(test, "suite"), text_of(test, "id"))
			    : NULL;
}

#define EXITS_MAX (1ll << 40) /* more than any guest has */

/*
 * The exits that must have been counted: those that the program itself tells of, which the tests
 * believe; and one at least, if the reference has any. 0: it has none, or nobody counts here.
 */
static long long wanted_exits(const struct mark *m, const json_t *test)
{
	long long claimed = number_of(test, "claimed");

	if (!number_of(json_object_get(m->reference, "exits"), "counted"))
		return 0;
	if (claimed < 0 || claimed > EXITS_MAX) /* a report may hold what is no number of exits */
		return EXITS_MAX;
	if (claimed)
		return claimed;
	return number_of(reference_of(m, test), "exits") > 0;
}

/*
 * A test that has looked at less than with the reference: the code under test may have left it by
 * its stack. (Not black-box: there it is in another process.)
 */
static bool was_left(const struct mark *m, const json_t *test)
{
	return strstr(text_of(test, "suite"), "/unit") &&
	       2 * number_of(test, "asserts") < number_of(reference_of(m, test), "asserts");
}

/*
 * Why a test that passed has no points all the same; "" if it has. A program that ends before its
 * run does (having said what the tests want) leaves no report, where the reference leaves one.
 * Returns what a person should look at then.
 */
static const char *why_not(const struct mark *m, const json_t *test, char *why, size_t size)
{
	long long counted = number_of(test, "counted"), wanted = wanted_exits(m, test);

	if (counted < wanted)
		show_format(why, size,
			    "the guest left %lld times, and must have left %lld times: did it run?",
			    counted, wanted);
	else if (number_of(reference_of(m, test), "claimed") && !number_of(test, "claimed"))
		show_format(why, size,
			    "the program ended without a report of its run: did the guest end?");
	if (why[0])
		return "fewer exits than the guests need";
	if (was_left(m, test))
		show_format(
			why, size,
			"the test has looked at %lld of %lld things: was it left before its end?",
			number_of(test, "asserts"), number_of(reference_of(m, test), "asserts"));
	return "a test has looked at less than with the reference";
}

/* What is not done yet costs nothing beside its own points; that is not for the program to say. */
static const char *say_not_done(char *why, size_t size)
{
	show_format(why, size, "it says that a task is not done yet, and no TODO is in its code");
	return "says that a task is not done yet, and no TODO is in its code";
}

#define FEW_OF	  4  /* fewer than a fourth of the reference's exits */
#define FEW_LEAST 16 /* of so many: somebody should see it */

static json_t *entry(struct mark *m, const json_t *test)
{
	const char *outcome = text_of(test, "outcome"), *note = text_of(test, "note");
	long long counted = number_of(test, "counted"), score = number_of(test, "score");
	long long usual = number_of(reference_of(m, test), "exits");
	const char *flag = NULL;
	char why[200] = "";

	m->counted += counted;
	m->counted_wanted += wanted_exits(m, test);
	if (!strcmp(outcome, "pass"))
		flag = why_not(m, test, why, sizeof(why));
	else if (!strcmp(outcome, "not_implemented") && !m->has_todo)
		flag = say_not_done(why, sizeof(why));
	if (why[0]) {
		outcome = "fail";
		note = why;
		score = number_of(test, "max_score") ? 0 : -1; /* (as the grader charges it) */
		mark_flag(m, "%s", flag);
	} else if (!strcmp(outcome, "pass") && usual >= FEW_LEAST && counted < usual / FEW_OF) {
		mark_flag(m, "%s: %lld exits, and the reference's guest left %lld times",
			  text_of(test, "id"), counted, usual);
	}
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:s, s:s, s:s, s:I, s:I, s:I, s:b}",
			 "suite", text_of(test, "suite"), "id", text_of(test, "id"),   /**/
			 "task", text_of(test, "task"), "name", text_of(test, "name"), /**/
			 "outcome", outcome, "score", (json_int_t)score,	       /**/
			 "max", (json_int_t)number_of(test, "max_score"),	       /**/
			 "actual", text_of(test, "actual"),			       /**/
			 "expected", text_of(test, "expected"), "note", note,	       /**/
			 "exits", (json_int_t)counted, "claimed",		       /**/
			 (json_int_t)number_of(test, "claimed"), "asserts",	       /**/
			 (json_int_t)number_of(test, "asserts"), "flaky",	       /**/
			 json_is_true(json_object_get(test, "flaky")));
}

/* Did a test end as none should, whatever is tested? */
static bool is_odd(const json_t *test)
{
	const char *outcome = text_of(test, "outcome");

	return !strcmp(outcome, "error") ||
	       (!strcmp(outcome, "skip") && number_of(test, "max_score"));
}

static int score_of(const struct mark *m, const struct task *task)
{
	json_t *test;
	long long score = 0;
	size_t i;

	json_array_foreach(m->tests, i, test)
	{
		if (!strcmp(text_of(test, "task"), task->id))
			score += number_of(test, "score");
	}
	/* The grader lets no task go below 0; what was taken away here, may. */
	return score < 0 ? 0 : score > task->points ? task->points : score;
}

/* A task whose functions please the unit tests, and no guest: somebody should see why. */
static void compare_suites(struct mark *m, const struct task *task)
{
	long long unit = 0, unit_max = 0, run = 0, run_max = 0;
	json_t *test;
	size_t i;

	json_array_foreach(m->tests, i, test)
	{
		bool is_unit = strstr(text_of(test, "suite"), "/unit");

		if (strcmp(text_of(test, "task"), task->id) != 0)
			continue;
		*(is_unit ? &unit : &run) += number_of(test, "score");
		*(is_unit ? &unit_max : &run_max) += number_of(test, "max");
	}
	if (unit_max > 1 && unit == unit_max && run_max && run <= 0)
		mark_flag(m, "%s: all unit tests pass, and no run does", task->id);
}

static void take_tests(struct mark *m, bool *odd)
{
	json_t *test;
	size_t i;

	*odd = false;
	json_array_foreach(json_object_get(m->results, "tests"), i, test)
	{
		*odd |= is_odd(test);
		json_array_append_new(m->tests, entry(m, test));
	}
	for (i = 0; i < m->tasks.count; i++) {
		m->score += score_of(m, &m->tasks.task[i]);
		compare_suites(m, &m->tasks.task[i]);
	}
}

/* What the grader says of itself: it has marked, or it could not. */
static bool has_marked(const struct mark *m)
{
	const char *status = text_of(m->results, "status");

	return !strcmp(status, "pass") || !strcmp(status, "fail");
}

/*
 * The reference's guests have left, as its program says, and nobody has seen it? Who prints what a
 * guest would, and never runs it, must not get what others work for.
 */
static bool nobody_counts(const struct mark *m)
{
	long long claimed = 0, counted = 0;
	json_t *test;
	size_t i;

	json_array_foreach(json_object_get(m->results, "tests"), i, test)
	{
		claimed += number_of(test, "claimed");
		counted += number_of(test, "counted");
	}
	return claimed && !counted && m->sandbox != SANDBOX_NONE;
}

void mark_judge(struct mark *m)
{
	bool odd = false;

	if (m->state != MARK_UNDER_WAY)
		return;
	if (m->is_reference && nobody_counts(m))
		mark_settle(m, MARK_ENVIRONMENT,
			    "nobody counts here how often guests leave (by tracefs and perf "
			    "events); ENGINE=svm does, SANDBOX=none goes without");
	if (m->results && has_marked(m))
		take_tests(m, &odd);
	if (m->results && has_marked(m) && !odd) {
		mark_settle(m, MARK_GRADED, "%s", "");
		return;
	}
	if (m->is_reference || !mark_reference_is_well(m, false)) {
		mark_settle(m, MARK_ENVIRONMENT, "the reference has no full marks here, either: %s",
			    m->results ? text_of(m->results, "message")
				       : "the grader did not finish");
	} else if (odd) {
		mark_flag(m, "tests ended in error or were skipped, and with the reference they "
			     "are not");
		mark_settle(m, MARK_GRADED, "%s", "");
	} else {
		m->score = 0;
		mark_flag(m, "the grader was killed, or did not end in time");
		mark_settle(m, MARK_KILLED,
			    "the grader did not finish, and with the reference it does: %s",
			    m->results ? text_of(m->results, "message") : "no results");
	}
}

/* Grade the reference, here and now, as any submission. */
bool mark_reference_is_well(struct mark *m, bool only_compile)
{
	static const char *const sandboxes[] = { "bwrap", "user", "none" };
	char in[PATH_MAX], lab[16], self[PATH_MAX], path[PATH_MAX];
	char *argv[] = { self,
			 "--reference",
			 "--again",
			 "--lab",
			 lab,
			 "--in",
			 in,
			 "--out",
			 (char *)mark_path(m, "check"),
			 "--course",
			 (char *)m->course,
			 "--engine",
			 (char *)m->engine,
			 "--box",
			 (char *)m->box,
			 "--sandbox",
			 (char *)sandboxes[m->sandbox],
			 only_compile ? "--only-compile" : NULL,
			 NULL };
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	struct proc_result p;
	json_t *record;
	bool well;

	if (m->is_reference || n <= 0)
		return false;
	self[n] = 0;
	show_format(in, sizeof(in), "%s/reference", m->course);
	show_format(lab, sizeof(lab), "%u", m->lab);
	if (proc_run(argv, NULL, &p))
		return false;
	proc_free(&p);
	show_format(path, sizeof(path), "%s/submissions/reference.json", mark_path(m, "check"));
	record = json_load_file(path, 0, NULL);
	well = record && !strcmp(text_of(record, "state"), mark_state_name(MARK_GRADED)) &&
	       (only_compile || number_of(record, "score") == number_of(record, "max"));
	json_decref(record);
	return well;
}
