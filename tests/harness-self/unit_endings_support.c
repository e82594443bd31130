// SPDX-License-Identifier: MIT
#include "endings.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "show.h"

#define OLD	   "{ \"old\": true, \"score\": 100 }"
#define SUITE_FULL "2.1 opens 10 pass\n2.2 reads 20 pass\n2.3 speaks 30 pass\n2.4 is-long 40 pass\n"

/* What is built: the given code, then the student's program, then the tests. */
static const char makefile[] = "BUILD ?= build\n"
			       ".DEFAULT:\n"
			       "	@:\n"
			       "$(BUILD)/tests/grade: always\n"
			       "	@sh ./given.sh\n"
			       "$(BUILD)/labs/02-small/vmm: always\n"
			       "	@sh ./program.sh\n"
			       "lab02:\n"
			       "	@sh ./tests.sh\n"
			       ".PHONY: always lab02\n"
			       "always:\n";

static void link_program(const char *name)
{
	char to[PATH_MAX];

	show_format(to, sizeof(to), "build/%s", name);
	if (symlink(self_program(name), to))
		test_error("%s: %s", to, strerror(errno));
}

void endings_script(const char *what, const char *text)
{
	char name[40];

	show_format(name, sizeof(name), "%s.sh", what);
	self_write(name, 0644, text);
}

void endings_program(const char *path, const char *text)
{
	self_write(path, 0755, text);
}

void endings_tree(void)
{
	static const char *const dirs[] = { "guests",
					    "build",
					    "build/tools",
					    "build/labs",
					    "build/labs/02-small",
					    "build/tests",
					    "tests",
					    "build/tests/lab02",
					    "build/results",
					    "common",
					    "build/tools/box" };
	static const char *const old[] = { "build/results/lab02.json",
					   "build/results/lab02-2.1.json",
					   "build/results.json",
					   "build/junit.xml",
					   "r.json",
					   "j.xml" };
	char at[PATH_MAX];

	self_front_tree();
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++)
		self_mkdir(dirs[i]);
	for (size_t i = 0; i < ARRAY_SIZE(old); i++)
		self_write(old[i], 0644, OLD);
	endings_program("tools/packages.sh", "need() { :; }\n");
	self_write("Makefile", 0644, makefile);
	endings_script("given", "");
	endings_script("program", "");
	endings_script("tests", "");
	self_write("labs/02-small/vm.h", 0644, "int vm_init(struct vm *vm);\n");
	endings_program("build/labs/02-small/vmm", "");
	endings_program("build/tools/engine", "#!/bin/sh\necho native\n");
	link_program("tests/grade");
	link_program("tests/shim.so");
	link_program("tools/compile");
	if (chdir("build/tests/lab02"))
		test_error("chdir: %s", strerror(errno));
	self_suites(SUITE_FULL, "");
	if (chdir("../../..") || !getcwd(at, sizeof(at) - 8))
		test_error("chdir: %s", strerror(errno));
	setenv("VMMLAB_BUILD", strcat(at, "/build"), 1);
}

struct proc_result endings_grade(const char *one, const char *two, const char *three)
{
	char *argv[] = { "./lab",
			 "grade",
			 (char *)one,
			 one ? (char *)two : NULL,
			 one && two ? (char *)three : NULL,
			 NULL };
	char *env[16] = { "BUILD=build", "LAB=", "T=", "V=", "ENGINE=native", "MAKEFLAGS=" };
	char *const *fake = self_fake_kvm();

	for (size_t n = 6; fake && *fake; fake++)
		env[n++] = *fake;
	return self_run(argv, env);
}

void endings_expect_nothing_old(void)
{
	static const char *const paths[] = { "build/results/lab02.json",
					     "build/results/lab02-2.1.json",
					     "build/results.json",
					     "build/junit.xml",
					     "r.json",
					     "j.xml" };

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
		EXPECT_TRUE(access(paths[i], F_OK) || !strstr(self_read(paths[i]), "old"),
			    "%s is that of another time", paths[i]);
}

struct proc_result endings_expect(int status, const char *says)
{
	struct proc_result p = endings_grade("LAB=02", "RESULTS=r.json", "JUNIT=j.xml");
	json_t *json;

	EXPECT_U64(proc_exit_code(&p), status);
	endings_expect_nothing_old();
	json = json_load_file("r.json", 0, NULL);
	EXPECT_TRUE(json != NULL, "r.json is no JSON");
	EXPECT_STR(self_member(json, "schema"), "vmmlab-results/1");
	EXPECT_STR(self_member(json, "lab"), "02-small");
	EXPECT_STR(self_member(json, "status"), says);
	EXPECT_TRUE(status <= 1 || json_is_null(json_object_get(json, "score")));
	EXPECT_TRUE(status <= 1 || strstr(self_read("j.xml"), "<error"),
		    "the JUnit file looks like a success");
	return p;
}
