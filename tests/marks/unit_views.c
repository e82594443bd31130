// SPDX-License-Identifier: MIT
/* What the student and a CI system read, and what platforms take. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../tools/marks/out/rules.h"
#include "made.h"
#include "show.h"

/* The root of the sources: two above the test's build, which may lie anywhere; then $VMMLAB_TOP. */
static const char *schema(void)
{
	static char path[4096];

	if (!path[0] && !getcwd(path, sizeof(path) - 50))
		test_error("no working directory");
	if (!strstr(path, ".xsd"))
		show_append(path, sizeof(path), "/tools/marks/junit.xsd");
	return path;
}

/* Does xmllint take it, by our schema? The first line that it says otherwise. */
static void must_be_valid(const char *xml)
{
	char *argv[] = { "xmllint",	   "--noout",	"--nonet", "--schema",
			 (char *)schema(), "junit.xml", NULL };
	struct proc_result p;

	self_write("junit.xml", 0644, xml);
	p = self_run(argv, NULL);
	EXPECT_STR(p.err, "junit.xml validates\n");
	EXPECT_U64(proc_exit_code(&p), 0);
}

static bool has_xmllint(void)
{
	schema(); /* before the test goes to a tree of its own */
	return !access("/usr/bin/xmllint", X_OK);
}

TEST("-", junit_obeys_its_schema, 0, .seconds = 0.5)
{
	static const char *const outcomes[] = { "pass", "fail",	   "crash",	      "timeout",
						"skip", "blocked", "not_implemented", "error",
						"what?" };
	static const char *const states[] = { "does-not-compile", "not-gradable", "refused",
					      "killed", "environment" };

	struct record hostile;

	if (!has_xmllint())
		SKIP("xmllint is missing (apt-get install libxml2-utils)");
	self_tree();
	for (size_t i = 0; i < ARRAY_SIZE(outcomes); i++) {
		struct record r = made_record("ann", (struct made){ .outcome = outcomes[i] });

		CONTEXT("a test with the outcome %s", outcomes[i]);
		must_be_valid(made_view(junit_write, &r));
	}
	for (size_t i = 0; i < ARRAY_SIZE(states); i++) {
		struct record r = made_record("ann", (struct made){ .state = states[i] });

		CONTEXT("a submission in the state %s", states[i]);
		must_be_valid(made_view(junit_write, &r));
	}
	CONTEXT("names and notes that are XML themselves");
	hostile = made_record("<a b='&'>]]>\x1b\xef\xbf\xbf",
			      (struct made){ .outcome = "fail", .note = "</failure>&\"\x01" });
	must_be_valid(made_view(junit_write, &hostile));
}

TEST("-", the_schema_refuses_what_is_wrong, 0, .seconds = 0.2)
{
	static const char *const wrong[] = {
		"<testsuites/>",
		"<testsuites><testsuite name=\"a\" tests=\"1\" failures=\"0\" "
		"errors=\"0\"><testcase "
		"classname=\"a\" name=\"b\"/></testsuite></testsuites>",
		"<testsuites><testsuite name=\"a\" tests=\"1\" failures=\"0\" errors=\"0\" "
		"skipped=\"0\">"
		"<testcase classname=\"a\" name=\"b\"><oops/></testcase></testsuite></testsuites>",
	};
	char *argv[] = { "xmllint",	   "--noout",	"--nonet", "--schema",
			 (char *)schema(), "junit.xml", NULL };

	if (!has_xmllint())
		SKIP("xmllint is missing (apt-get install libxml2-utils)");
	self_tree();
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct proc_result p;

		self_write("junit.xml", 0644, wrong[i]);
		p = self_run(argv, NULL);
		EXPECT_TRUE(proc_exit_code(&p) == 3, "%s is taken", wrong[i]);
	}
}

TEST("-", what_does_not_compile_is_an_error_in_junit, 0)
{
	struct record r = made_record("ann", (struct made){ .state = "does-not-compile",
							    .reason = "vm.c does not compile" });
	char *xml = made_view(junit_write, &r);

	EXPECT_CONTAINS(xml, "tests=\"1\" failures=\"0\" errors=\"1\" skipped=\"0\"");
	EXPECT_CONTAINS(xml, "name=\"compiling\">\n      <error message=\"vm.c does not compile\">"
			     "labs/02-small/vm.c:3:1: error: unknown &#60;type&#62;");
	EXPECT_TRUE(!strstr(xml, "/tmp/"), "a path of the host");
}

TEST("-", junit_counts_its_tests, 0)
{
	struct record r = made_record("ann", (struct made){ .outcome = "fail", .note = "no" });
	char *xml = made_view(junit_write, &r);

	EXPECT_CONTAINS(
		xml,
		"<testsuite name=\"ann\" tests=\"2\" failures=\"1\" errors=\"0\" skipped=\"0\">");
	EXPECT_CONTAINS(xml, "<testcase classname=\"lab02/blackbox\" name=\"2.1/one\"/>");
	EXPECT_CONTAINS(xml,
			"<failure message=\"no\">expected  console = 48\nactual    console = 00\n");
	r = made_record("ann", (struct made){ .outcome = "blocked" });
	EXPECT_CONTAINS(made_view(junit_write, &r), "errors=\"0\" skipped=\"1\"");
}

TEST("-", feedback_is_for_the_student, 0)
{
	struct record r =
		made_record("ann", (struct made){ .t2 = 20,
						  .outcome = "fail",
						  .note = "see /root/grader/tests/lab02/x.c" });

	EXPECT_STR(made_view(feedback_write, &r),
		   "Lab 02, ann: 10 of 30 points\n"
		   "\n2.1 make a machine: 10/10\n"
		   "\n2.2 give it memory: 0/20\n"
		   "  two: wrong\n"
		   "    see tests/lab02/x.c\n"
		   "    expected  console = 48\n"
		   "    actual    console = 00\n"
		   "  a hint: ./lab hint T=2.2      again: ./lab grade T=2.2\n"
		   "\n"
		   "\nThese files were graded:\n  labs/02-small/vm.c\n"
		   "These were not looked at, no task names them:\n  Makefile\n"
		   "\nTo have the same numbers in your guests: ./lab grade LAB=02 SEED=5eed\n");
	r = made_record("ann",
			(struct made){ .state = "does-not-compile", .reason = "vm.c, line 3" });
	EXPECT_CONTAINS(made_view(feedback_write, &r),
			"Lab 02, ann: your submission does not compile\n"
			"vm.c, line 3\n\nThe compiler said:\n"
			"labs/02-small/vm.c:3:1: error: unknown <type>\n");
}

/* --- platforms --- */

TEST("-", gradescope_gets_a_test_a_task, 0)
{
	struct record r = made_record("ann", (struct made){ .t2 = 20, .outcome = "fail" });
	json_t *json = gradescope_results(&r),
	       *test = json_array_get(json_object_get(json, "tests"), 1);
	char why[200] = "";

	EXPECT_ERR(rules_gradescope(json, why, sizeof(why)), 0);
	EXPECT_U64(number_in(json, "score"), 10);
	EXPECT_STR(text_in(test, "name"), "2.2 give it memory");
	EXPECT_STR(text_in(test, "status"), "failed");
	EXPECT_U64(number_in(test, "max_score"), 20);
	EXPECT_CONTAINS(text_in(test, "output"), "two: wrong");
	EXPECT_CONTAINS(text_in(json, "output"), "./lab grade LAB=02 SEED=5eed\n");
	r = made_record("ann", (struct made){ .state = "does-not-compile" });
	json = gradescope_results(&r);
	EXPECT_ERR(rules_gradescope(json, why, sizeof(why)), 0);
	EXPECT_U64(number_in(json, "score"), 0);
	EXPECT_CONTAINS(text_in(json, "output"), "does not compile");
}

TEST("-", prairielearn_does_not_count_what_does_not_compile, 0)
{
	struct record r = made_record("ann", (struct made){ .t2 = 15 });
	json_t *json = prairielearn_results(&r);
	char why[200] = "";

	EXPECT_ERR(rules_prairielearn(json, why, sizeof(why)), 0);
	EXPECT_TRUE(json_real_value(json_object_get(json, "score")) == 0.5);
	EXPECT_U64(number_in(json_array_get(json_object_get(json, "tests"), 1), "points"), 5);
	r = made_record("ann", (struct made){ .state = "does-not-compile" });
	json = prairielearn_results(&r);
	EXPECT_ERR(rules_prairielearn(json, why, sizeof(why)), 0);
	EXPECT_TRUE(json_is_false(json_object_get(json, "gradable")));
	r = made_record("ann", (struct made){ .state = "killed" });
	json = prairielearn_results(&r);
	EXPECT_ERR(rules_prairielearn(json, why, sizeof(why)), 0);
	EXPECT_TRUE(json_real_value(json_object_get(json, "score")) == 0.0);
}

TEST("-", autolab_gets_its_line, 0)
{
	struct record r = made_record("ann", (struct made){ .t2 = 15 });
	char why[200] = "", *line = json_dumps(autolab_scores(&r), 0);

	EXPECT_STR(line, "{\"scores\": {\"2.1\": 10, \"2.2\": 5}}");
	EXPECT_ERR(rules_autolab(line, why, sizeof(why)), 0);
}

TEST("-", a_platform_gets_no_mark_where_there_is_none, 0)
{
	static const char *const as[] = { "gradescope", "prairielearn", "autolab" };
	json_t *json =
		made_json("ann", (struct made){ .state = "environment", .reason = "no room" });

	self_tree();
	json_object_set_new(json, "score", json_null());
	made_text("out", "ann", json_dumps(json, 0));
	for (size_t i = 0; i < ARRAY_SIZE(as); i++) {
		struct proc_result p =
			made_run("report", (const char *const[5]){ test_text("--as=%s", as[i]),
								   "out/submissions/ann.json" });

		EXPECT_U64(proc_exit_code(&p), 3);
		EXPECT_STR(p.out, "");
		EXPECT_STR(p.err, "report: ann: no mark in it: no room\n");
	}
}

TEST("-", a_record_without_tasks_has_those_of_its_lab, 0)
{
	json_t *json = made_json("ann", (struct made){ .state = "not-gradable" });
	struct proc_result p;

	self_tree();
	json_object_del(json, "tasks");
	made_text("out", "ann", json_dumps(json, 0));
	p = made_run("report",
		     (const char *const[5]){ "--as=autolab", "out/submissions/ann.json" });
	EXPECT_STR(p.out, "{\"scores\": {\"2.1\": 0, \"2.2\": 0, \"2.3\": 0, \"2.4\": 0}}\n");
}
