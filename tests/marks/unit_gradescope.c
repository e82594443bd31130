// SPDX-License-Identifier: MIT
/* The zip for Gradescope, and what its run_autograder does, with a ./lab that only pretends. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../tools/marks/out/rules.h"
#include "made.h"
#include "show.h"

/* A script of the sources, before the test goes to a tree of its own. */
static char *script(const char *name)
{
	return self_read(test_text("tools/marks/%s", name));
}

/* ./top as /autograder is there; lab is what stands for ./lab grade-one. */
static void autograder(const char *lab)
{
	static const char *const dirs[] = { "top",
					    "top/source",
					    "top/source/course",
					    "top/source/course/build",
					    "top/source/course/build/tools",
					    "top/source/course/build/tools/marks",
					    "top/results",
					    "top/submission" };
	char *run = script("gradescope/run_autograder"), cwd[PATH_MAX];

	self_tree();
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++)
		self_mkdir(dirs[i]);
	self_write("top/run_autograder", 0755, run);
	self_write("top/source/lab", 0644, "02\n");
	self_write("top/source/course/lab", 0755, lab);
	self_write("top/results/results.json", 0644, "{\"score\": 100}");
	if (symlink(self_program("tools/marks/report"),
		    "top/source/course/build/tools/marks/report") ||
	    !getcwd(cwd, sizeof(cwd)))
		test_error("%s", strerror(errno));
	setenv("AUTOGRADER", test_text("%s/top", cwd), 1);
}

static int run_autograder(void)
{
	struct proc_result p = self_run((char *[]){ "top/run_autograder", NULL }, NULL);

	return proc_exit_code(&p);
}

/* It is told by environment variables where the record lies that it copies to OUT. */
#define GRADES                                                                          \
	"#!/bin/sh\nfor word; do case $word in OUT=*) out=${word#OUT=} ;; esac; done\n" \
	"echo \"$*\" >\"$AUTOGRADER/said\"\nmkdir -p \"$out/submissions\"\n"            \
	"cp \"$AUTOGRADER/../record.json\" \"$out/submissions/submission.json\"\n"

static void record(struct made m)
{
	self_write("record.json", 0644, json_dumps(made_json("submission", m), 0));
}

TEST("-", gradescope_finds_results, 0, .seconds = 0.3)
{
	char why[200] = "";
	struct stat st;
	json_t *json;

	autograder(GRADES);
	record((struct made){ .t2 = 5, .outcome = "fail" });
	EXPECT_U64(run_autograder(), 0);
	json = json_load_file("top/results/results.json", 0, NULL);
	EXPECT_ERR(rules_gradescope(json, why, sizeof(why)), 0);
	EXPECT_U64(number_in(json, "score"), 25);
	EXPECT_CONTAINS(self_read("top/said"), "grade-one LAB=02 IN=");
	EXPECT_CONTAINS(self_read("top/said"), "ENGINE=svm SANDBOX=user");
	CONTEXT("solutions and results are for nobody but the grader");
	EXPECT_TRUE(!stat("top/source", &st) && (st.st_mode & 077) == 0);
	EXPECT_TRUE(!stat("top/results", &st) && (st.st_mode & 077) == 0);
}

TEST("-", gradescope_takes_what_submit_has_packed, 0, .seconds = 0.3)
{
	static const char *const files[] = { "ann's work.tar.gz", "b.zip" };

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		char top[PATH_MAX];

		if (!getcwd(top, sizeof(top)))
			test_error("%s", strerror(errno));
		autograder(GRADES);
		record((struct made){ 0 });
		self_write(test_text("top/submission/%s", files[i]), 0644, "x");
		EXPECT_U64(run_autograder(), 0);
		EXPECT_CONTAINS(self_read("top/said"),
				test_text("/submission/%s ID=submission ", files[i]));
		CONTEXT("one file that is no archive, or two");
		self_write("top/submission/vm.c", 0644, "x");
		EXPECT_U64(run_autograder(), 0);
		EXPECT_CONTAINS(self_read("top/said"), "/submission ID=submission ");
		if (chdir(top))
			test_error("%s", strerror(errno));
	}
}

TEST("-", gradescope_finds_no_result_of_another_time, 0, .seconds = 0.3)
{
	static const char *const labs[] = { "#!/bin/sh\nexit 3\n", "#!/bin/sh\nkill -9 $$\n",
					    GRADES };
	char top[PATH_MAX];

	if (!getcwd(top, sizeof(top)))
		test_error("%s", strerror(errno));
	for (size_t i = 0; i < ARRAY_SIZE(labs); i++) {
		if (chdir(top))
			test_error("%s", strerror(errno));
		autograder(labs[i]);
		record((struct made){ .state = "environment", .reason = "no room" });
		EXPECT_TRUE(run_autograder() != 0);
		EXPECT_TRUE(access("top/results/results.json", F_OK) != 0, "case %zu: old points",
			    i);
	}
}

TEST("-", the_zip_has_its_scripts_at_the_root, 0, .seconds = 0.5)
{
	static const char *const scripts[] = { "gradescope.sh", "gradescope/setup.sh",
					       "gradescope/run_autograder" };
	char *text[ARRAY_SIZE(scripts)];
	struct proc_result p;

	if (access("/usr/bin/bsdtar", X_OK) || access("/usr/bin/git", X_OK))
		SKIP("bsdtar or git is missing (apt-get install libarchive-tools git)");
	for (size_t i = 0; i < ARRAY_SIZE(scripts); i++)
		text[i] = script(scripts[i]);
	self_tree();
	self_mkdir("tools");
	self_mkdir("tools/marks");
	self_mkdir("tools/marks/gradescope");
	for (size_t i = 0; i < ARRAY_SIZE(scripts); i++)
		self_write(test_text("tools/marks/%s", scripts[i]), 0755, text[i]);
	self_write(".gitignore", 0644, "/build*/\n");
	self_mkdir("build");
	self_write("build/large", 0644, "x");
	self_run((char *[]){ "git", "init", "-q", NULL }, NULL);
	p = self_run((char *[]){ "tools/marks/gradescope.sh", "02", "a.zip", NULL }, NULL);
	EXPECT_STR(p.err, "");
	p = self_run((char *[]){ "bsdtar", "-tvf", "a.zip", NULL }, NULL);
	EXPECT_CONTAINS(p.out, " setup.sh\n");
	EXPECT_CONTAINS(p.out, " run_autograder\n");
	EXPECT_CONTAINS(p.out, " course/tools/marks/gradescope.sh\n");
	EXPECT_TRUE(!strstr(p.out, "large"), "what was built is in it");
	for (char *line = strtok((char *)p.out, "\n"); line; line = strtok(NULL, "\n"))
		if (strstr(line, " setup.sh") || strstr(line, " run_autograder"))
			EXPECT_TRUE(!strncmp(line, "-rwxr-xr-x", 10), "%s", line);
}
