// SPDX-License-Identifier: MIT
/* Item analysis: eight students, counted by hand. */
#include <string.h>

#include "../../tools/marks/out/items.h"
#include "made.h"

#define HEAD                                                                                  \
	"suite,test,task,points,submissions,passed,too_long,not_run,rate,best_quarter,worst_" \
	"quarter,"                                                                            \
	"discrimination,remark\n"

static struct proc_result insight(const char *again)
{
	struct proc_result p = made_run("insight", (const char *const[5]){ "out", again });

	EXPECT_STR(p.err, "");
	EXPECT_U64(proc_exit_code(&p), 0);
	return p;
}

TEST("-", rates_of_eight_students, 0)
{
	static const char *const outcomes[] = { "pass", "pass",	   "pass",    "fail",
						"pass", "timeout", "blocked", "fail" };

	self_tree();
	for (unsigned i = 0; i < 8; i++)
		made_file("out", test_text("s%u", i),
			  (struct made){ .t2 = i, .outcome = outcomes[i] });
	made_file("out", "x", (struct made){ .state = "does-not-compile" });
	insight(NULL);
	CONTEXT("2.2/two: 4 of 8 pass; the best two (s0, s1) both, the worst two (s6, s7) not");
	EXPECT_STR(self_read("out/insight/items.csv"), HEAD
		   "lab02/blackbox,2.1/one,2.1,10,8,8,0,0,1.00,1.00,1.00,0.00,everybody passes\n"
		   "lab02/blackbox,2.2/two,2.2,20,8,4,1,1,0.50,1.00,0.00,1.00,\n");
	EXPECT_CONTAINS(self_read("out/insight/summary.txt"), "9 submissions\n"
							      "     8  graded\n"
							      "     1  does-not-compile\n");
	CONTEXT("30, 29 ... 23: the mean is 26.5");
	EXPECT_CONTAINS(self_read("out/insight/summary.txt"), "mean 26.5, median 26.5");
	EXPECT_CONTAINS(self_read("out/insight/summary.txt"), "2.1       10.0  10  8\n"
							      "2.2       16.5  20  1\n");
}

TEST("-", three_students_have_no_quarters, 0)
{
	self_tree();
	for (unsigned i = 0; i < 3; i++)
		made_file("out", test_text("s%u", i), (struct made){ .t2 = i, .outcome = "fail" });
	insight(NULL);
	EXPECT_CONTAINS(
		self_read("out/insight/items.csv"),
		"2.2/two,2.2,20,3,0,0,0,0.00,,,,\"nobody passes: is the test right, is the sheet "
		"clear?\"\n");
}

TEST("-", remarks, 0)
{
	EXPECT_CONTAINS(item_remark(&(struct item){ .n = 8, .pass = 4, .best = 0, .worst = 1 }, 2),
			"the weakest pass it more often");
	EXPECT_CONTAINS(item_remark(&(struct item){ .n = 8, .pass = 4, .best = 1, .worst = 1 }, 2),
			"does not tell");
	EXPECT_STR(item_remark(&(struct item){ .n = 8, .pass = 4, .best = 2, .worst = 1 }, 2), "");
	EXPECT_STR(item_remark(&(struct item){ .n = 3, .pass = 1 }, 0), "");
}

TEST("-", flaky_tests_are_found, 0)
{
	self_tree();
	CONTEXT("the same file, hash c0de, with two outcomes; and one that needed its second try");
	made_file("out", "ann", (struct made){ .code = "c0de", .outcome = "fail" });
	made_file("out", "bob", (struct made){ .code = "c0de" });
	made_file("out", "cy", (struct made){ .note = "at the second try; at first: a time-out" });
	insight(NULL);
	EXPECT_STR(self_read("out/insight/flaky.csv"),
		   "suite,test,second_try,differs,example\n"
		   "lab02/blackbox,2.2/two,1,1,\"ann fails, bob passes\"\n");
	CONTEXT("one that was not run has no outcome");
	made_file("out", "ann", (struct made){ .code = "c0de", .outcome = "blocked" });
	made_file("out", "cy", (struct made){ 0 });
	insight(NULL);
	EXPECT_STR(self_read("out/insight/flaky.csv"), "suite,test,second_try,differs,example\n");
}

TEST("-", a_second_grading_tells_more, 0)
{
	self_tree();
	made_file("out", "ann", (struct made){ 0 });
	made_file("again", "ann", (struct made){ .outcome = "timeout" });
	insight("again");
	EXPECT_CONTAINS(self_read("out/insight/flaky.csv"), "2.2/two,0,1,");
	EXPECT_CONTAINS(self_read("out/insight/items.csv"), "2.2/two,2.2,20,1,1,0,0,1.00");
}

TEST("-", a_record_with_another_maximum_is_counted, 0)
{
	json_t *json = made_json("bob", (struct made){ 0 });

	self_tree();
	made_file("out", "ann", (struct made){ .t2 = 15 });
	json_object_set_new(json, "max", json_integer(1000));
	json_object_set_new(json, "score", json_integer(900));
	json_object_set_new(json, "tasks",
			    json_pack("[{s:s, s:i, s:i}]", "id", "2.1", "score", 900, "max", 900));
	made_text("out", "bob", json_dumps(json, 0));
	insight(NULL);
	EXPECT_CONTAINS(self_read("out/insight/summary.txt"), "  100%     1  ####");
}

TEST("-", nobody_is_a_class_as_well, 0)
{
	struct proc_result p;

	self_tree();
	self_mkdir("out");
	self_mkdir("out/submissions");
	insight(NULL);
	EXPECT_STR(self_read("out/insight/items.csv"), HEAD);
	p = made_run("insight", (const char *const[5]){ "nowhere" });
	EXPECT_U64(proc_exit_code(&p), 1);
	p = made_run("insight", (const char *const[5]){ "--least=0", "out" });
	EXPECT_U64(proc_exit_code(&p), 2);
}
