// SPDX-License-Identifier: MIT
/* The page of the first failure: tests/harness/grade_trace.c, on a suite that is a script. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../common/capture.h"
#include "grade_trace.h"
#include "show.h"

static struct test_result results[] = {
	{ .name = "a-unit", .suite = "lab02/unit", .outcome = T_FAIL, .told = true },
	{ .name = "passes", .suite = "lab02/blackbox", .outcome = T_PASS, .told = true },
	{ .name = "was-not-run", .suite = "lab02/blackbox", .outcome = T_FAIL },
	{ .name = "the-first", .suite = "lab02/blackbox", .outcome = T_CRASH, .told = true },
	{ .name = "another", .suite = "lab02/blackbox", .outcome = T_FAIL, .told = true },
};

/* A suite that leaves its command line where the page should go. */
static const char *suite(const char *script)
{
	const char *path = test_tmpfile("blackbox");
	FILE *f = fopen(path, "w");

	if (!f || fprintf(f, "#!/bin/sh\n%s\n", script) < 0 || fclose(f) || chmod(path, 0755))
		test_error("%s cannot be made", path);
	return test_text("%s", path);
}

TEST("-", grade_traces_the_first_failure, 0)
{
	struct results r = { .tests = results, .ntests = ARRAY_SIZE(results) };
	const char *page = test_text("%s", test_tmpfile("page.html"));
	const struct test_result *t =
		grade_trace(&r, suite("echo \"$@\" >\"$VMMLAB_TRACE\""), "/the/vmm", page);

	CONTEXT("of the black-box tests that were run and failed, the first is run again");
	EXPECT_TRUE(t == &results[3]);
	EXPECT_STR(file_text(page), "--json-fd=3 --filter=the-first --vmm=/the/vmm --no-retry\n");
	EXPECT_TRUE(!getenv(TRACE_INTO));
}

TEST("-", grade_traces_nothing_where_there_is_no_page, 0)
{
	struct results r = { .tests = results, .ntests = ARRAY_SIZE(results) };
	const char *page = test_text("%s", test_tmpfile("page.html"));

	CONTEXT("a page of another time is gone, and none that is not there is named");
	suite(":");
	EXPECT_TRUE(grade_trace(&r, suite("echo >\"$VMMLAB_TRACE\""), "v", page));
	EXPECT_TRUE(!grade_trace(&r, suite(":"), "v", page));
	EXPECT_TRUE(access(page, F_OK));
	EXPECT_TRUE(!grade_trace(&r, suite(": >\"$VMMLAB_TRACE\""), "v", page));
	CONTEXT("nor an empty one, as a VMM leaves it that has not come to a guest");
	EXPECT_TRUE(access(page, F_OK));
	r.ntests = 3;
	EXPECT_TRUE(!grade_trace(&r, suite("echo >\"$VMMLAB_TRACE\""), "v", page));
	EXPECT_TRUE(access(page, F_OK));
}
