// SPDX-License-Identifier: MIT
/* What a grader's results are worth: scores, exits that nobody saw, and tests that ended oddly. */
#include <string.h>

#include "../../tools/marks/core/mark.h"
#include "test.h"

static struct mark m;

/* Two tasks of 10 points; a test: suite, id, outcome, score of max, exits claimed and counted. */
static json_t *test_entry(const char *suite, const char *id, const char *outcome, int score,
			  int max, int claimed, int counted)
{
	return json_pack("{s:s, s:s, s:s#, s:s, s:s, s:i, s:i, s:i, s:i}", "suite", suite, "id", id,
			 "task", id, 3, "name", id + 4, "outcome", outcome, "score", score,
			 "max_score", max, "claimed", claimed, "counted", counted);
}

static void begin(const char *status)
{
	m = (struct mark){ .engine = "svm", .course = "none", .box = "none" };
	m.tasks = (struct tasks){ .task = { { .id = "2.1", .points = 10 },
					    { .id = "2.2", .points = 10 } },
				  .count = 2,
				  .points = 20 };
	m.flags = json_array();
	m.tests = json_array();
	m.results = json_pack("{s:s, s:[]}", "status", status, "tests");
	m.reference = json_pack("{s:{s:i}, s:[{s:s, s:s, s:i}, {s:s, s:s, s:i}]}", "exits",
				"counted", 30, "tests", "suite", "lab02/blackbox", "id", "2.1/runs",
				"exits", 20, "suite", "lab02/blackbox", "id", "2.2/starts", "exits",
				0);
}

static void add(json_t *test)
{
	json_array_append_new(json_object_get(m.results, "tests"), test);
}

static const char *text(unsigned i, const char *name)
{
	return json_string_value(json_object_get(json_array_get(m.tests, i), name));
}

static const char *flag(unsigned i)
{
	const char *said = json_string_value(json_array_get(m.flags, i));

	return said ? said : "";
}

TEST("-", a_mark_is_the_sum_of_its_tasks, 0)
{
	begin("fail");
	add(test_entry("lab02/unit", "2.1/opens", "pass", 4, 4, 0, 0));
	add(test_entry("lab02/blackbox", "2.1/runs", "pass", 6, 6, 21, 21));
	add(test_entry("lab02/unit", "2.2/reads", "fail", 0, 10, 0, 0));
	mark_judge(&m);
	EXPECT_STR(mark_state_name(m.state), "graded");
	EXPECT_U64(m.score, 10);
	EXPECT_U64(m.counted, 21);
	EXPECT_U64(json_array_size(m.flags), 0);
	CONTEXT("no task counts more than it is worth, and none less than nothing");
	begin("fail");
	add(test_entry("lab02/unit", "2.1/opens", "pass", 1000, 4, 0, 0));
	add(test_entry("lab02/unit", "2.2/reads", "fail", -5, 10, 0, 0));
	mark_judge(&m);
	EXPECT_U64(m.score, 10);
}

TEST("-", a_guest_that_never_ran_brings_no_point, 0)
{
	begin("pass");
	add(test_entry("lab02/blackbox", "2.1/runs", "pass", 10, 10, 20, 19));
	add(test_entry("lab02/blackbox", "2.2/starts", "pass", 10, 10, 0, 0));
	mark_judge(&m);
	EXPECT_U64(m.score, 10);
	EXPECT_STR(text(0, "outcome"), "fail");
	EXPECT_STR(text(0, "note"),
		   "the guest left 19 times, and must have left 20 times: did it run?");
	EXPECT_STR(text(1, "outcome"), "pass");
	EXPECT_STR(flag(0), "fewer exits than the guests need");
	CONTEXT("it tells of none, and the reference has some");
	begin("pass");
	add(test_entry("lab02/blackbox", "2.1/runs", "pass", 10, 10, 0, 0));
	mark_judge(&m);
	EXPECT_U64(m.score, 0);
	CONTEXT("it tells of what is no number of exits");
	begin("pass");
	add(test_entry("lab02/blackbox", "2.1/runs", "pass", 10, 10, -1, 0));
	mark_judge(&m);
	EXPECT_U64(m.score, 0);
	EXPECT_STR(text(0, "outcome"), "fail");
	CONTEXT("where nobody can count, nobody can blame");
	begin("pass");
	json_object_set_new(json_object_get(m.reference, "exits"), "counted", json_null());
	add(test_entry("lab02/blackbox", "2.1/runs", "pass", 10, 10, 20, 0));
	mark_judge(&m);
	EXPECT_U64(m.score, 10);
}

/* The reference's guest has left 20 times, and its program has told of claimed. */
static void reference_claims(int claimed)
{
	json_object_set_new(json_array_get(json_object_get(m.reference, "tests"), 0), "claimed",
			    json_integer(claimed));
}

TEST("-", a_program_that_ends_before_its_run_brings_no_point, 0)
{
	begin("pass");
	reference_claims(20);
	add(test_entry("lab02/blackbox", "2.1/runs", "pass", 10, 10, 0, 1));
	mark_judge(&m);
	EXPECT_U64(m.score, 0);
	EXPECT_STR(text(0, "note"),
		   "the program ended without a report of its run: did the guest end?");
	CONTEXT("the reference does not tell there, either");
	begin("pass");
	reference_claims(0);
	add(test_entry("lab02/blackbox", "2.1/runs", "pass", 10, 10, 0, 1));
	mark_judge(&m);
	EXPECT_U64(m.score, 10);
}

TEST("-", far_fewer_exits_than_usual_are_looked_at, 0)
{
	begin("pass");
	reference_claims(20);
	add(test_entry("lab02/blackbox", "2.1/runs", "pass", 10, 10, 4, 4));
	mark_judge(&m);
	EXPECT_U64(m.score, 10);
	EXPECT_STR(flag(0), "2.1/runs: 4 exits, and the reference's guest left 20 times");
	begin("pass");
	reference_claims(20);
	add(test_entry("lab02/blackbox", "2.1/runs", "pass", 10, 10, 5, 5));
	mark_judge(&m);
	EXPECT_STR(flag(0), "");
}

TEST("-", who_imports_a_lot_hides_nothing, 0)
{
	begin("pass");
	json_decref(m.results);
	m.results = NULL;
	for (unsigned i = 0; i < 100; i++)
		mark_flag(&m, "imports a%u", i);
	m.results = json_pack("{s:s, s:[]}", "status", "pass", "tests");
	reference_claims(20);
	add(test_entry("lab02/blackbox", "2.1/runs", "pass", 10, 10, 4, 4));
	mark_judge(&m);
	EXPECT_STR(flag(0), "2.1/runs: 4 exits, and the reference's guest left 20 times");
	EXPECT_STR(flag(1), "imports a0");
}

/* A test of 2.1 that passed, and has looked at so many things; the reference's at 20. */
static void looked_at(const char *suite, int asserts)
{
	json_t *test = test_entry(suite, "2.1/runs", "pass", 10, 10, 0, 0), *reference;

	begin("pass");
	reference = json_array_get(json_object_get(m.reference, "tests"), 0);
	json_object_set_new(reference, "suite", json_string(suite));
	json_object_set_new(reference, "exits", json_integer(0));
	json_object_set_new(reference, "asserts", json_integer(20));
	json_object_set_new(test, "asserts", json_integer(asserts));
	add(test);
	mark_judge(&m);
}

TEST("-", a_test_that_was_left_brings_no_point, 0)
{
	looked_at("lab02/unit", 10);
	EXPECT_U64(m.score, 10);
	EXPECT_STR(flag(0), "");
	looked_at("lab02/unit", 9);
	EXPECT_U64(m.score, 0);
	EXPECT_STR(text(0, "outcome"), "fail");
	EXPECT_STR(text(0, "note"),
		   "the test has looked at 9 of 20 things: was it left before its end?");
	EXPECT_STR(flag(0), "a test has looked at less than with the reference");
	CONTEXT("a black-box test is another process");
	looked_at("lab02/blackbox", 1);
	EXPECT_U64(m.score, 10);
}

TEST("-", not_done_is_what_has_a_todo, 0)
{
	for (unsigned has_todo = 0; has_todo < 2; has_todo++) {
		begin("fail");
		m.has_todo = has_todo;
		add(test_entry("lab02/unit", "2.1/opens", "pass", 4, 4, 0, 0));
		add(test_entry("lab02/unit", "2.1/lives", "not_implemented", 0, 0, 0, 0));
		add(test_entry("lab02/unit", "2.1/reads", "not_implemented", 0, 6, 0, 0));
		mark_judge(&m);
		EXPECT_U64(m.score, has_todo ? 4 : 3);
		EXPECT_STR(text(1, "outcome"), has_todo ? "not_implemented" : "fail");
		EXPECT_STR(
			flag(0),
			has_todo ? ""
				 : "says that a task is not done yet, and no TODO is in its code");
	}
}

TEST("-", where_nobody_counts_nobody_is_graded, 0)
{
	static const struct {
		int claimed, counted;
		enum sandbox sandbox;
		const char *state;
	} row[] = {
		{ 20, 0, SANDBOX_BWRAP, "environment" },
		{ 20, 0, SANDBOX_USER, "environment" },
		{ 20, 0, SANDBOX_NONE, "graded" }, /* as was asked for */
		{ 20, 20, SANDBOX_BWRAP, "graded" },
		{ 0, 0, SANDBOX_BWRAP, "graded" }, /* a lab without guests */
	};

	for (unsigned i = 0; i < ARRAY_SIZE(row); i++) {
		CONTEXT("the reference tells of %d exits, %d are counted", row[i].claimed,
			row[i].counted);
		begin("pass");
		m.is_reference = true;
		m.sandbox = row[i].sandbox;
		m.reference = NULL;
		add(test_entry("lab02/blackbox", "2.1/runs", "pass", 10, 10, row[i].claimed,
			       row[i].counted));
		mark_judge(&m);
		EXPECT_STR(mark_state_name(m.state), row[i].state);
	}
}

TEST("-", unit_tests_that_no_run_confirms_are_looked_at, 0)
{
	begin("fail");
	add(test_entry("lab02/unit", "2.1/opens", "pass", 4, 4, 0, 0));
	add(test_entry("lab02/blackbox", "2.1/runs", "fail", 0, 6, 0, 0));
	mark_judge(&m);
	EXPECT_U64(m.score, 4);
	EXPECT_STR(flag(0), "2.1: all unit tests pass, and no run does");
}

TEST("-", who_is_to_blame_says_the_reference, 0, .seconds = 0.5)
{
	static const char *const odd[] = { "error", "skip" };

	for (unsigned i = 0; i < ARRAY_SIZE(odd); i++) {
		begin("fail");
		add(test_entry("lab02/unit", "2.1/opens", odd[i], 0, 4, 0, 0));
		mark_judge(&m); /* (here it has no full marks: there is no course) */
		EXPECT_STR(mark_state_name(m.state), "environment");
	}
	CONTEXT("no results at all");
	begin("fail");
	m.results = NULL;
	mark_judge(&m);
	EXPECT_STR(mark_state_name(m.state), "environment");
	CONTEXT("the reference itself is not asked about itself");
	begin("environment");
	m.is_reference = true;
	mark_judge(&m);
	EXPECT_STR(mark_state_name(m.state), "environment");
	CONTEXT("what is settled already stays so");
	begin("pass");
	m.state = MARK_REFUSED;
	mark_judge(&m);
	EXPECT_STR(mark_state_name(m.state), "refused");
}
