// SPDX-License-Identifier: MIT
/* Who is graded once more, alone; and which of the two records stays. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "../../tools/marks/core/mark.h"
#include "test.h"

static struct mark m;

static void begin(void)
{
	m = (struct mark){ .lab = 2, .out = test_tmpdir(), .engine = "svm", .id = "ann" };
	m.tasks = (struct tasks){ .task = { { .id = "2.1", .points = 10 } }, .count = 1 };
	m.tasks.points = 10;
	m.flags = json_array();
	m.tests = json_array();
	strcpy(m.key, "k");
	mkdir(test_text("%s/submissions", m.out), 0777);
}

/* A record as it lies there: so many tests that ran into their limits, beside one that passed. */
static void there(const char *key, const char *state, unsigned limits, bool alone)
{
	json_t *record = json_pack("{s:s, s:s, s:i, s:[{s:s}]}", "key", key, "state", state,
				   "score", 7, "tests", "outcome", "pass");

	for (unsigned i = 0; i < limits; i++)
		json_array_append_new(json_object_get(record, "tests"),
				      json_pack("{s:s}", "outcome", "timeout"));
	if (alone)
		json_object_set_new(record, "alone", json_true());
	if (json_dump_file(record, test_text("%s/submissions/ann.json", m.out), JSON_INDENT(2)))
		test_error("the record cannot be written");
	json_decref(record);
}

TEST("-", a_few_limits_are_a_reason_to_try_alone, 0)
{
	static const struct {
		const char *key, *state;
		unsigned limits;
		bool alone, again;
	} row[] = {
		{ "k", "graded", 1, false, true },
		{ "k", "graded", 5, false, true },
		{ "k", "graded", 0, false, false },
		{ "k", "graded", 6, false, false }, /* a loop without an end */
		{ "k", "graded", 1, true, false },  /* it has been */
		{ "old", "graded", 1, false, false },
		{ "k", "environment", 1, false, false },
	};

	begin();
	CONTEXT("no record at all");
	EXPECT_TRUE(!mark_limited(&m), "nobody is graded again");
	for (unsigned i = 0; i < ARRAY_SIZE(row); i++) {
		json_t *record;

		CONTEXT("%s by key %s, %u limits%s", row[i].state, row[i].key, row[i].limits,
			row[i].alone ? ", alone" : "");
		there(row[i].key, row[i].state, row[i].limits, row[i].alone);
		record = mark_limited(&m);
		EXPECT_TRUE(!record == !row[i].again, "it is %sa reason",
			    row[i].again ? "" : "no ");
		json_decref(record);
	}
}

/* What stays, when the second try ends so. */
static const char *stays(enum mark_state state, int score)
{
	json_t *record;
	const char *said;

	begin();
	there("k", "graded", 1, false);
	m.earlier = mark_limited(&m);
	m.state = state;
	m.score = score;
	if (mark_write(&m))
		test_error("the record cannot be written");
	record = json_load_file(test_text("%s/submissions/ann.json", m.out), 0, NULL);
	said = test_text("%s %d%s", json_string_value(json_object_get(record, "state")),
			 (int)json_integer_value(json_object_get(record, "score")),
			 json_is_true(json_object_get(record, "alone")) ? " alone" : "");
	json_decref(record);
	json_decref(m.earlier);
	return said;
}

TEST("-", the_better_of_two_tries_stays, 0)
{
	EXPECT_STR(stays(MARK_GRADED, 9), "graded 9 alone");
	EXPECT_STR(stays(MARK_GRADED, 6), "graded 7 alone");
	EXPECT_STR(stays(MARK_ENVIRONMENT, 0), "graded 7 alone");
}
