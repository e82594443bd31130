// SPDX-License-Identifier: MIT
/* The grader where marks are given: somebody else judges whether this machine was well. */
#include <stdlib.h>
#include <string.h>

#include "self.h"

static const char solved_unit[] = "2.1 opens 4 pass\n2.2 reads 8 pass\n";
static const char solved_blackbox[] = "2.1 starts 6 pass\n2.2 loads 12 pass\n2.3 speaks 30 pass\n"
				      "2.4 is-long 40 pass\n";

/* Run grade in the small tree with up to two more options. */
static struct proc_result grade(const char *one, const char *two)
{
	char *argv[] = { strdup(self_program("tests/grade")),
			 "--unit=./unit",
			 "--blackbox=./blackbox",
			 "--results=r.json",
			 (char *)one,
			 one ? (char *)two : NULL,
			 NULL };

	return self_run(argv, self_fake_kvm());
}

static json_t *results(void)
{
	json_t *json = json_load_file("r.json", 0, NULL);

	EXPECT_TRUE(json != NULL, "r.json is no JSON");
	EXPECT_STR(self_member(json, "schema"), "vmmlab-results/1");
	return json;
}

/* The outcome of a test in the results file. */
static const char *outcome_of(const char *id)
{
	json_t *tests = json_object_get(results(), "tests");

	for (size_t i = 0; i < json_array_size(tests); i++)
		if (!strcmp(self_member(json_array_get(tests, i), "id"), id))
			return self_member(json_array_get(tests, i), "outcome");
	return "missing";
}

static long long number(const char *name)
{
	return json_integer_value(json_object_get(results(), name));
}

TEST("-", for_marks_no_test_voids_the_grade, 0)
{
	struct proc_result p;

	self_tree();
	self_suites(
		"2.1 opens 4 pass\n2.2 reads 8 error\n",
		"2.1 starts 6 pass\n2.2 loads 12 skip\n2.3 speaks 30 pass\n2.4 is-long 40 pass\n");
	p = grade(NULL, NULL);
	EXPECT_U64(proc_exit_code(&p), 4);
	p = grade("--for-marks=60", NULL);
	EXPECT_U64(proc_exit_code(&p), 1);
	EXPECT_STR(self_member(results(), "status"), "fail");
	EXPECT_U64(number("score"), 80);
	EXPECT_STR(outcome_of("2.2/reads"), "error");
	EXPECT_STR(outcome_of("2.2/loads"), "skip");
}

TEST("-", for_marks_a_suite_that_dies_costs_its_own_tests, 0)
{
	struct proc_result p;

	self_tree();
	self_suites("2.1 opens 4 pass\n2.2 reads 8 die\n", solved_blackbox);
	p = grade("--for-marks=60", NULL);
	EXPECT_U64(proc_exit_code(&p), 1);
	EXPECT_STR(outcome_of("2.2/reads"), "crash");
	EXPECT_U64(number("score"), 92);
}

TEST("-", for_marks_all_ends_in_time, 0, .seconds = 0.5)
{
	struct proc_result p;

	self_tree();
	self_suites(solved_unit, solved_blackbox);
	CONTEXT("a suite that never ends; its plan does");
	self_write("blackbox", 0755,
		   "#!/bin/sh\ncase $* in *--list*) exec ./unit-plan \"$@\" ;; esac\nexec sleep "
		   "1000\n");
	self_write("blackbox-plan", 0755, self_read("unit-plan"));
	self_write("blackbox.tests", 0644, solved_blackbox);
	p = grade("--for-marks=2", NULL);
	EXPECT_U64(proc_exit_code(&p), 1);
	EXPECT_STR(outcome_of("2.1/opens"), "pass");
	EXPECT_STR(outcome_of("2.1/starts"), "timeout");
	EXPECT_TRUE(p.seconds < 9, "%.1f s", p.seconds);
}
