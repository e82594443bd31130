// SPDX-License-Identifier: MIT
/* Results that nobody should believe: what the grader makes of them, and what a test's process can
 * do. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "self.h"

static const char blackbox[] = "2.1 starts 6 pass\n2.2 loads 12 pass\n2.3 speaks 30 pass\n"
			       "2.4 is-long 40 pass\n";

/* --- the grader, and suites that pretend --- */

static struct proc_result grade(void)
{
	char *argv[] = { strdup(self_program("tests/grade")), "--unit=./unit",
			 "--blackbox=./blackbox", "--results=r.json", NULL };

	return self_run(argv, self_fake_kvm());
}

/* The plan's tests are these, whatever the suite says. */
static void plan(const char *lines)
{
	if (rename("unit-plan", "planned-plan"))
		test_error("unit-plan cannot be renamed");
	self_write("planned.tests", 0644, lines);
	self_write("unit-plan", 0755, "#!/bin/sh\nexec ./planned-plan \"$@\"\n");
}

TEST("-", what_a_test_is_worth_says_the_plan, 0)
{
	struct proc_result p;

	self_tree();
	self_suites("2.1 opens 50 pass\n2.2 reads 8 fail\n", blackbox);
	plan("2.1 opens 4 pass\n2.2 reads 8 pass\n");
	p = grade();
	EXPECT_CONTAINS(p.out, "Lab 2: 92/100. Next: task 2.2.\n");
	EXPECT_TRUE(!strstr(p.err, "ignored"), "%s", p.err);
}

TEST("-", a_record_counts_once_and_for_its_own_test, 0)
{
	struct proc_result p;

	self_tree();
	CONTEXT("a second record of a test; one of the other suite's; one of a test that is none");
	self_suites("2.1 opens 4 fail\n2.1 opens 4 pass\n2.2 reads 8 pass\n"
		    "2.1 starts 6 pass\n2.1 closes 50 pass\n",
		    "2.1 starts 6 fail\n2.2 loads 12 pass\n2.3 speaks 30 pass\n"
		    "2.4 is-long 40 pass\n");
	plan("2.1 opens 4 pass\n2.2 reads 8 pass\n");
	p = grade();
	EXPECT_CONTAINS(p.out, "FAIL 2.1 opens ");
	EXPECT_CONTAINS(p.out, "FAIL 2.1 starts ");
	EXPECT_CONTAINS(p.out, "/100. Next: task 2.1.\n");
	EXPECT_CONTAINS(p.err, "./unit: results ignored: 3 (of a test that was not to run now ");
}

TEST("-", a_record_without_the_seal_is_none, 0)
{
	struct proc_result p;

	self_tree();
	self_suites("", blackbox);
	CONTEXT("a suite whose records are right, but for the seal");
	self_write("unit.tests", 0644, "2.1 opens 4 pass\n2.2 reads 8 pass\n");
	if (rename("unit", "other-plan"))
		test_error("unit cannot be renamed");
	self_write("other.tests", 0644, "2.1 opens 4 pass\n2.2 reads 8 pass\n");
	self_write("unit", 0755,
		   "#!/bin/sh\nVMMLAB_SEAL=0123456789abcdef0123456789abcdef exec ./other-plan "
		   "\"$@\"\n");
	p = grade();
	EXPECT_U64(proc_exit_code(&p), 1);
	EXPECT_CONTAINS(p.out, "Lab 2: 88/100. ");
	EXPECT_CONTAINS(p.err, "./unit: results ignored: 1 (");
}

TEST("-", a_suite_that_ends_before_its_list, 0)
{
	struct proc_result p;

	self_tree();
	self_suites("2.1 opens 4 pass\n2.1 more 0 pass\n2.2 reads 8 pass\n", blackbox);
	self_write("unit", 0755, "#!/bin/sh\nexit 0\n");
	p = grade();
	EXPECT_U64(proc_exit_code(&p), 1);
	EXPECT_CONTAINS(p.out, "CRASH 2.1 opens ");
	EXPECT_CONTAINS(p.out, "the unit tests ended with status 0 before their list\n");
	EXPECT_CONTAINS(p.out, "Lab 2: 88/100. Next: task 2.1.\n");
}

TEST("-", tests_worth_more_than_their_task, 0)
{
	struct proc_result p;

	self_tree();
	self_suites("2.1 opens 5 pass\n", blackbox);
	p = grade();
	EXPECT_U64(proc_exit_code(&p), 4);
	EXPECT_CONTAINS(p.out, "Lab 2: not graded: the tests of task 2.1 are worth 11 points, but "
			       "in labs/02-small/tasks it has 10\n");
}

#define FAULT "labs/02-small/vm.c: defines strcmp, which is a library's: make it static"

TEST("-", a_suite_of_faulty_objects_is_not_run, 0)
{
	struct proc_result p;

	self_tree();
	self_suites("2.1 opens 4 pass\n2.1 more 0 pass\n2.2 reads 8 pass\n", blackbox);
	self_write("unit-faults", 0644, FAULT "\nanother line\n");
	self_write("unit", 0755, "#!/bin/sh\n: >it-has-run\n");
	p = grade();
	EXPECT_U64(proc_exit_code(&p), 1);
	EXPECT_TRUE(!strncmp(p.out, FAULT "\nanother line\nFAIL 2.1 opens ", sizeof(FAULT) + 24),
		    "the first lines are others");
	EXPECT_CONTAINS(p.out, "not run: labs/02-small/vm.c");
	EXPECT_CONTAINS(p.out, "Lab 2: 88/100. Next: task 2.1.\n");
	EXPECT_TRUE(access("it-has-run", F_OK) != 0);
	CONTEXT("nobody has looked at the objects");
	if (unlink("unit-faults"))
		test_error("unit-faults cannot be removed");
	p = grade();
	EXPECT_U64(proc_exit_code(&p), 2);
	EXPECT_CONTAINS(p.out, "./unit-faults: missing (was it built?)");
}

/* --- a test's own process --- */

TEST("-", what_a_test_writes_to_all_descriptors_is_no_result, 0)
{
	EXPECT_STR(outcome_name(self_fixture("fixture_writes_and_exits").outcome), "crash");
	EXPECT_STR(outcome_name(self_fixture("fixture_writes_and_fails").outcome), "fail");
}

TEST("-", a_test_knows_no_seal_of_its_suite, 0)
{
	struct test_result r = self_fixture("fixture_looks_for_the_seal");

	EXPECT_TRUE(r.outcome == T_PASS, "%s: %s", r.expected, r.actual);
}

TEST("-", nothing_counts_after_the_end_of_a_test, 0)
{
	EXPECT_STR(outcome_name(self_fixture("fixture_ends_twice").outcome), "fail");
}

TEST("-", a_jump_out_of_a_test_is_no_pass, 0)
{
	struct test_result r = self_fixture("fixture_jumps_out");

	EXPECT_STR(outcome_name(r.outcome), "fail");
	EXPECT_STR(r.note, "the test was left before its end");
}

TEST("-", what_a_sanitizer_finds_fails_the_test, 0)
{
	struct test_result r = self_fixture("fixture_is_found_out");

	EXPECT_STR(outcome_name(r.outcome), "fail");
	EXPECT_STR(r.actual, "x.c:2:44: runtime error: overflow");
}
