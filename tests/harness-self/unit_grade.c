// SPDX-License-Identifier: MIT
/* The grader and the check, with suites that only pretend. */
#include <stdio.h>
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

static const char *last_line(char *text)
{
	size_t len = strlen(text);

	if (len)
		text[len - 1] = 0;
	return strrchr(text, '\n') ? strrchr(text, '\n') + 1 : text;
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

static bool is_null(const char *name)
{
	return json_is_null(json_object_get(results(), name));
}

TEST("-", full_marks, 0)
{
	struct proc_result p;

	self_tree();
	self_suites(solved_unit,
		    solved_blackbox); /* each line says "score": 77, which is ignored */
	p = grade(NULL, NULL);
	EXPECT_U64(proc_exit_code(&p), 0);
	EXPECT_STR(p.out, "Lab 2: 100/100. All tasks are done.\n");
	EXPECT_STR(self_member(results(), "status"), "pass");
	EXPECT_U64(number("score"), 100);
	EXPECT_U64(number("max_score"), 100);
	EXPECT_TRUE(is_null("version"));
	p = grade("--next-lab=labs/03-next", "--version=1.2");
	EXPECT_STR(p.out,
		   "Lab 2: 100/100. All tasks are done. Go on with labs/03-next/README.md\n");
	EXPECT_STR(self_member(results(), "version"), "1.2");
}

TEST("-", points_missing_cost_no_other_task, 0)
{
	struct proc_result p;

	self_tree();
	self_suites("2.1 opens 4 pass\n2.2 reads 8 fail\n", solved_blackbox);
	p = grade(NULL, NULL);
	EXPECT_U64(proc_exit_code(&p), 1);
	EXPECT_CONTAINS(p.out, "FAIL 2.2 reads   ");
	EXPECT_CONTAINS(p.out, "  again ./lab grade T=2.2\n");
	EXPECT_STR(last_line(p.out), "Lab 2: 92/100. Next: task 2.2.");
	EXPECT_STR(outcome_of("2.3/speaks"), "pass");
}

TEST("-", a_failure_without_points_costs_some, 0)
{
	struct proc_result p;

	self_tree();
	self_suites("2.1 opens 4 pass\n2.1 more 0 fail\n2.2 reads 8 pass\n2.2 more 0 crash\n",
		    solved_blackbox);
	p = grade(NULL, NULL);
	EXPECT_U64(proc_exit_code(&p), 1);
	EXPECT_CONTAINS(p.out, "CRASH 2.2 more ");
	EXPECT_CONTAINS(p.out, " -2\n");
	EXPECT_STR(last_line(p.out), "Lab 2: 97/100. Next: task 2.1.");
	/* No task goes below 0, and what is not begun is no failure. */
	self_suites("2.1 opens 4 pass\n2.2 reads 8 fail\n2.4 more 0 not_implemented\n",
		    "2.1 starts 6 pass\n2.2 loads 12 fail\n2.2 a 0 crash\n2.2 b 0 fail\n"
		    "2.4 is-long 40 pass\n");
	p = grade(NULL, NULL);
	EXPECT_STR(last_line(p.out), "Lab 2: 50/100. Next: task 2.2.");
}

TEST("-", no_done_under_a_failure, 0)
{
	struct proc_result p;

	self_tree();
	self_write("labs/02-small/tasks", 0644, "2.1 100 a.c f - one\n2.2 0 a.c g - stretch\n");
	self_suites("2.1 opens 100 pass\n2.2 more 0 crash\n", "");
	p = grade(NULL, NULL);
	EXPECT_U64(proc_exit_code(&p), 1);
	EXPECT_STR(last_line(p.out),
		   "Lab 2: 100/100. But 2.2/more fails, even if no points hang on it.");
	EXPECT_STR(self_member(results(), "status"), "fail");
	self_suites("2.1 opens 100 pass\n2.2 more 0 not_implemented\n", "");
	p = grade(NULL, NULL);
	EXPECT_U64(proc_exit_code(&p), 0);
}

TEST("-", what_nothing_works_of_blocks_others, 0)
{
	self_tree();
	self_suites("2.1 opens 4 pass\n2.2 reads 8 fail\n",
		    "2.1 starts 6 pass\n2.2 loads 12 crash\n2.3 speaks 30 pass\n"
		    "2.4 is-long 40 pass\n");
	grade(NULL, NULL);
	EXPECT_STR(outcome_of("2.3/speaks"), "blocked");
	EXPECT_STR(outcome_of("2.4/is-long"), "pass"); /* it needs 2.1 alone */
}

TEST("-", what_is_not_begun_blocks_others, 0)
{
	struct proc_result p;

	self_tree();
	self_suites("2.1 opens 4 pass\n2.2 reads 8 not_implemented\n", solved_blackbox);
	p = grade("--junit=r.xml", NULL);
	EXPECT_U64(proc_exit_code(&p), 1);
	EXPECT_CONTAINS(p.out, "WAIT 2.3 let it speak  ");
	EXPECT_CONTAINS(p.out, "needs task 2.2 first\n");
	EXPECT_STR(last_line(p.out), "Lab 2: 62/100. Next: task 2.2.");
	EXPECT_STR(outcome_of("2.3/speaks"), "blocked");
	EXPECT_STR(outcome_of("2.4/is-long"), "pass"); /* it needs 2.1 alone */
	EXPECT_STR(self_member(results(), "status"), "fail");
	EXPECT_STR(self_member(results(), "next_task"), "2.2");
	EXPECT_CONTAINS(self_read("r.xml"), "skipped=\"1\"");
}

TEST("-", progress_where_somebody_looks, 0, .seconds = 0.4)
{
	struct proc_result p;

	self_tree();
	self_suites("2.1 opens 4 pass\n2.2 reads 8 not_implemented\n", solved_blackbox);
	CONTEXT("a pipe: a line for each task that was tested, not for 2.3, which waits");
	p = grade(NULL, NULL);
	EXPECT_CONTAINS(p.err, "tested 2.1: 2 of 6 tests, ");
	EXPECT_CONTAINS(p.err, " s\ntested 2.2: 4 of 6 tests, ");
	EXPECT_CONTAINS(p.err, " s\ntested 2.4: 6 of 6 tests, ");
	EXPECT_TRUE(!strstr(p.err, "2.3"), "%s", p.err);
	CONTEXT("a pipe, and only one task: what it comes to follows at once");
	p = grade("--task=2.1", NULL);
	EXPECT_STR(p.err, "");
	CONTEXT("a terminal: one line that is written over");
	setenv("VMMLAB_PROGRESS", "1", 1);
	p = grade(NULL, NULL);
	EXPECT_CONTAINS(p.err, "\r\033[Ktesting 2.4: 5 of 6 tests, 0 s ...");
	EXPECT_STR(p.err + strlen(p.err) - 4, "\r\033[K");
	EXPECT_TRUE(!strchr(p.err, '\n'), "there are more lines");
	EXPECT_STR(last_line(p.out), "Lab 2: 62/100. Next: task 2.2.");
}

TEST("-", a_test_not_run_here_blocks_nothing, 0)
{
	struct proc_result p;

	self_tree();
	self_suites("2.1 opens 4 pass\n2.2 reads 8 skip\n", solved_blackbox);
	p = grade(NULL, NULL);
	EXPECT_STR(outcome_of("2.3/speaks"), "pass");
	EXPECT_STR(outcome_of("2.2/reads"), "skip");
	EXPECT_CONTAINS(last_line(p.out), "not graded: 2.2/reads");
}

static unsigned count(const char *text, const char *part)
{
	unsigned n = 0;

	while ((text = strstr(text, part)) && text++)
		n++;
	return n;
}

TEST("-", only_the_first_failure_is_long, 0, .seconds = 0.5)
{
	struct proc_result p;

	self_tree();
	self_suites("2.4 one 0 fail\n2.4 two 20 crash\n",
		    "2.1 opens 10 pass\n2.4 three 20 timeout\n");
	p = grade(NULL, NULL);
	EXPECT_CONTAINS(p.out, "FAIL 2.4 one ");
	EXPECT_CONTAINS(p.out, "CRASH 2.4 two ");
	EXPECT_CONTAINS(p.out, "TIMEOUT 2.4 three ");
	EXPECT_U64(count(p.out, "  again ./lab"), 1);
	EXPECT_U64(count(p.out, "  hint "), 1);
	CONTEXT("--verbose: all in full, and a hint for the first");
	p = grade("--verbose", NULL);
	EXPECT_U64(count(p.out, "  again ./lab"), 3);
	EXPECT_U64(count(p.out, "  hint "), 1);
	CONTEXT("one task alone is no other");
	p = grade("--task=2.4", NULL);
	EXPECT_U64(count(p.out, "  again ./lab"), 1);
	EXPECT_CONTAINS(p.out, "CRASH 2.4 two ");
	EXPECT_U64(count(p.out, "  hint "), 1);
	p = grade("--task=2.4", "--verbose");
	EXPECT_U64(count(p.out, "  again ./lab"), 3);
}

/* Who has begun, and has no point yet, is told of his failure and not how to begin. */
TEST("-", begun_and_no_point_yet, 0)
{
	struct proc_result p;

	self_tree();
	self_suites("2.1 opens 4 fail\n", "2.1 starts 6 not_implemented\n2.2 loads 20 fail\n");
	p = grade(NULL, NULL);
	EXPECT_CONTAINS(p.out, "\nLab 2: 0/");
	EXPECT_TRUE(!strstr(p.out, "Start with"), "%s", p.out);
}

TEST("-", nothing_done_yet, 0)
{
	struct proc_result p;

	self_tree();
	self_suites("2.1 opens 4 not_implemented\n",
		    "2.1 starts 6 not_implemented\n2.2 loads 20 pass\n");
	p = grade(NULL, NULL);
	EXPECT_U64(proc_exit_code(&p), 1);
	EXPECT_CONTAINS(p.out, "TODO 2.1 make a machine  0/10  not done yet: "
			       "stub() in labs/02-small/a.c\n");
	EXPECT_CONTAINS(p.out, "WAIT 2.2 give it memory");
	EXPECT_TRUE(strstr(p.out, "\nEverything is installed. Start with 2.1: "
				  "labs/02-small/vm.c, vm_init.\nLab 2: 0/100. Next: task 2.1.\n"),
		    "the last two lines are others");
	EXPECT_U64(number("score"), 0);
	EXPECT_STR(self_member(results(), "status"), "fail");
	CONTEXT("what is to be done is never cut: its file stands at the end");
	setenv("VMMLAB_COLUMNS", "64", 1);
	p = grade(NULL, NULL);
	EXPECT_CONTAINS(p.out, "TODO 2.1 make a machine  0/10  not done yet: stub() in\n"
			       "labs/02-small/a.c\n");
}

TEST("-", one_task_alone, 0, .seconds = 0.4)
{
	struct proc_result p;

	self_tree();
	self_suites("2.1 opens 4 fail\n2.2 reads 8 pass\n", solved_blackbox);
	p = grade("--task=2.2", NULL);
	EXPECT_U64(proc_exit_code(&p), 0);
	EXPECT_STR(last_line(p.out), "Task 2.2: 20/20. Done. All of the lab: ./lab grade LAB=02");
	EXPECT_STR(outcome_of("2.1/opens"), "missing");
	self_suites("2.1 opens 4 fail\n2.2 reads 8 fail\n", solved_blackbox);
	p = grade("--task=2.2", NULL);
	EXPECT_STR(last_line(p.out),
		   "Task 2.2: 12/20. It needs 2.1: ./lab grade LAB=02 looks at all.");
	p = grade("--task=2.1", "--lab=2");
	EXPECT_U64(proc_exit_code(&p), 1);
	EXPECT_STR(last_line(p.out), "Task 2.1: 6/10.");
	self_suites("2.1 opens 4 pass\n2.1 closes 0 fail\n", solved_blackbox);
	p = grade("--task=2.1", NULL);
	EXPECT_U64(proc_exit_code(&p), 1);
	EXPECT_STR(last_line(p.out), "Task 2.1: 9/10.");
	EXPECT_CONTAINS(p.out, " -1      (");
}

TEST("-", a_suite_that_dies_is_a_grader_fault, 0)
{
	struct proc_result p;

	self_tree();
	self_suites(solved_unit, "2.1 starts 6 die\n");
	p = grade(NULL, NULL);
	EXPECT_U64(proc_exit_code(&p), 4);
	EXPECT_STR(self_member(results(), "status"), "grader_error");
	EXPECT_STR(outcome_of("2.1/starts"), "error");
	EXPECT_STR(outcome_of("2.1/opens"), "pass");
	EXPECT_TRUE(is_null("score"), "that is not a number of points");
}

TEST("-", what_cannot_run_here_is_the_environment, 0)
{
	struct proc_result p;

	self_tree();
	self_suites("2.1 opens 4 skip\n", solved_blackbox);
	p = grade(NULL, NULL);
	EXPECT_U64(proc_exit_code(&p), 3);
	EXPECT_STR(self_member(results(), "status"), "environment");
	EXPECT_TRUE(is_null("score"), "that is not a number of points");
}

TEST("-", what_does_not_compile_is_not_gradable, 0)
{
	struct proc_result p;

	self_tree();
	self_suites(solved_unit, solved_blackbox);
	self_write("log", 0644,
		   "cc -c vm.c\nvm.c:3: error: expected ';'\nmake: *** [vm.o] Error 1\n");
	p = grade("--build-status=2", "--build-log=log");
	EXPECT_U64(proc_exit_code(&p), 2);
	EXPECT_CONTAINS(p.out, "  vm.c:3: error: expected ';'\n");
	EXPECT_STR(last_line(p.out), "Lab 2: not graded: it does not compile. Fix the first error, "
				     "then ./lab grade again");
	EXPECT_STR(self_member(results(), "status"), "not_gradable");
	EXPECT_TRUE(is_null("score"), "that is not 0 points");
	EXPECT_CONTAINS(self_member(results(), "build_log"), "expected ';'");
	p = grade("--vmm=./no-vmm", NULL);
	EXPECT_U64(proc_exit_code(&p), 2);
	EXPECT_CONTAINS(p.out, "./no-vmm: No such file");
}

TEST("-", without_kvm_it_is_the_environment, 0)
{
	struct proc_result p;

	self_tree();
	self_suites(solved_unit, solved_blackbox);
	setenv("VMMLAB_KVM", test_tmpfile("no-kvm"), 1);
	p = grade(NULL, NULL);
	EXPECT_U64(proc_exit_code(&p), 3);
	EXPECT_CONTAINS(p.out, "/no-kvm: missing; there is no such file");
	EXPECT_STR(self_member(results(), "status"), "environment");
	EXPECT_TRUE(is_null("score"), "that is not 0 points");
	setenv("VMMLAB_KVM", "/dev/null", 1);
	p = grade(NULL, NULL);
	EXPECT_U64(proc_exit_code(&p), 3);
	EXPECT_CONTAINS(p.out, "/dev/null: not KVM; ");
}

TEST("-", usage_errors_of_grade, 0)
{
	struct proc_result p;

	self_tree();
	p = grade("--task=2.9", NULL);
	EXPECT_U64(proc_exit_code(&p), 64);
	EXPECT_STR(p.err, "grade: no task 2.9 in labs/02-small/tasks\n");
	p = grade("--lab=7", NULL);
	EXPECT_U64(proc_exit_code(&p), 64);
	p = grade("--nonsense", NULL);
	EXPECT_U64(proc_exit_code(&p), 64);
}

/* --- check --- */

static struct proc_result check(const char *unit, const char *blackbox, const char *extra)
{
	char *argv[] = { strdup(self_program("tests/check")), "--extra=extra",
			 "--suites=./{unit,blackbox}", NULL };

	self_tree();
	self_suites(unit, blackbox);
	self_write("extra", 0644, extra);
	return self_run(argv, self_fake_kvm());
}

TEST("-", check_counts_all_and_ends_with_the_sum, 0)
{
	struct proc_result p = check("- a 0 pass\n- b 0 skip\n", solved_blackbox,
				     "pass starter-builds\nskip starter-scores-0 no kvm\n");

	EXPECT_U64(proc_exit_code(&p), 0);
	EXPECT_CONTAINS(p.out, "SKIP b");
	EXPECT_CONTAINS(p.out, "SKIP starter-scores-0 no kvm");
	EXPECT_STR(last_line(p.out), "6 passed, 0 failed, 2 skipped");
}

TEST("-", check_fails_for_everything_that_is_wrong, 0)
{
	struct proc_result p = check("2.1 a 1 fail\n2.1 b 1 not_implemented\n2.1 c 1 crash\n",
				     "2.1 d 1 pass\n2.1 e 1 die\n2.1 f 1 pass\n",
				     "fail starter-builds a warning\n");

	EXPECT_U64(proc_exit_code(&p), 1);
	EXPECT_CONTAINS(p.out, "FAIL starter-builds a warning");
	/* a, b, c; e and f, which never reported; the suite that died; the starter */
	EXPECT_STR(last_line(p.out), "1 passed, 7 failed, 0 skipped");
}

TEST("-", check_without_kvm_has_status_3, 0)
{
	struct proc_result p;

	setenv("VMMLAB_KVM", test_tmpfile("no-kvm"), 1);
	p = check("- a 0 pass\n", "- b 0 pass\n", "");
	EXPECT_U64(proc_exit_code(&p), 3);
	EXPECT_CONTAINS(p.out, "/no-kvm: missing; ");
	EXPECT_STR(last_line(p.out), "2 passed, 0 failed, 0 skipped");
}

TEST("-", check_without_suites_fails, 0)
{
	char *argv[] = { (char *)self_program("tests/check"), "--suites=./no-suite", NULL };
	struct proc_result p = self_run(argv, NULL);

	EXPECT_U64(proc_exit_code(&p), 1);
	EXPECT_STR(last_line(p.out), "0 passed, 1 failed, 0 skipped");
}
