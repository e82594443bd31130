// SPDX-License-Identifier: MIT
/* Where grade-all keeps what it grades with. */
#include "proc.h"
#include "test.h"

/* The verbs' own functions, in whose place others stand here. */
#define STUBS                                                                          \
	"die() { echo \"$*\"; exit 9; }\n"                                             \
	"lab_dir() { echo labs/02-small; }\n"                                          \
	"number() { echo 02; }\n"                                                      \
	"from_cwd() { echo \"$1\"; }\n"                                                \
	"about() { :; }; need() { :; }; build() { :; }; engine() { place=$ENGINE; }\n" \
	"locked() { :; }\n"                                                            \
	"verb=grade-all IN=. LAB=02 ENGINE=svm SEED=1 SANDBOX='' LOGINS=''\n"          \
	". tools/marking.sh; marking_starts; echo \"$course\"\n"

static char *course_in(const char *build)
{
	char *argv[] = { "sh", "-c",
			 (char *)test_text("BUILD=%s OUT=%s\n" STUBS, build, test_tmpfile("out")),
			 NULL };
	struct proc_result p;

	EXPECT_ERR(proc_run(argv, NULL, &p), 0);
	EXPECT_STR(p.err, "");
	return p.out;
}

TEST("-", the_course_lies_where_all_is_built, 0)
{
	EXPECT_STR(course_in("/elsewhere/b"), "/elsewhere/b/marks/lab02\n");
	EXPECT_CONTAINS(course_in("build"), "/build/marks/lab02\n");
}
