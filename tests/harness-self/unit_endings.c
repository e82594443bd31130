// SPDX-License-Identifier: MIT
/*
 * How ./lab grade ends, whatever it ends of: its status, and that no result of another time is
 * left. In a small tree with the real ./lab, compile and grade, and a Makefile that does as the
 * test likes.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "alone.h"
#include "self.h"
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

/* What building the given code, the program or the tests does. */
static void script(const char *what, const char *text)
{
	char name[40];

	show_format(name, sizeof(name), "%s.sh", what);
	self_write(name, 0644, text);
}

static void copy(const char *path, const char *text)
{
	self_write(path, 0755, text);
}

/* Everything there, and old results wherever there could be some. */
static void tree(void)
{
	static const char *const dirs[] = { "tools",	     "guests",	   "build",
					    "build/tools",   "build/labs", "build/labs/02-small",
					    "build/tests",   "tests",	   "build/tests/lab02",
					    "build/results", "common",	   "build/tools/box" };
	static const char *const old[] = { "build/results/lab02.json",
					   "build/results/lab02-2.1.json",
					   "build/results.json",
					   "build/junit.xml",
					   "r.json",
					   "j.xml" };
	char *lab = self_read("lab"), *engine = self_read("tools/engine.sh"),
	     *grading = self_read("tools/grading.sh"), at[PATH_MAX];

	self_tree();
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++)
		self_mkdir(dirs[i]);
	for (size_t i = 0; i < ARRAY_SIZE(old); i++)
		self_write(old[i], 0644, OLD);
	copy("lab", lab);
	copy("tools/engine.sh", engine);
	copy("tools/grading.sh", grading);
	copy("tools/packages.sh", "need() { :; }\n");
	self_write("Makefile", 0644, makefile);
	script("given", "");
	script("program", "");
	script("tests", "");
	self_write("labs/02-small/vm.h", 0644, "int vm_init(struct vm *vm);\n");
	copy("build/labs/02-small/vmm", "");
	copy("build/tools/engine", "#!/bin/sh\necho native\n");
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

static struct proc_result lab_grade(const char *one, const char *two, const char *three)
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

/* Nothing of another time is left where results could be. */
static void expect_nothing_old(void)
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

/* Grade lab 02 into r.json and j.xml: the exit status, and what the results say. */
static struct proc_result expect_ending(int status, const char *says)
{
	struct proc_result p = lab_grade("LAB=02", "RESULTS=r.json", "JUNIT=j.xml");
	json_t *json;

	EXPECT_U64(proc_exit_code(&p), status);
	expect_nothing_old();
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

TEST("-", grade_ends_with_a_mark, 0, .seconds = 0.5)
{
	tree();
	expect_ending(0, "pass");
	self_write("build/tests/lab02/unit.tests", 0644, "2.1 opens 10 fail\n2.4 x 90 pass\n");
	expect_ending(1, "fail");
	CONTEXT("./lab grade T=2.1: the results of that task alone");
	lab_grade("T=2.1", NULL, NULL);
	EXPECT_CONTAINS(self_read("build/results/lab02-2.1.json"), "\"task\": \"2.1\"");
}

/* --- building --- */

#define ERROR(file) "echo '" file ":3:1: error: x undeclared'; exit 1\n"

TEST("-", grade_ends_when_the_code_does_not_build, 0, .seconds = 0.5)
{
	struct proc_result p;

	tree();
	script("program", ERROR("labs/02-small/vm.c"));
	p = expect_ending(2, "not_gradable");
	EXPECT_CONTAINS(p.out, "  labs/02-small/vm.c:3:1: error: x undeclared\n");
	EXPECT_CONTAINS(p.out, "Lab 2: not graded: it does not compile. Fix the first error");
	CONTEXT("the same, but the disk was full");
	script("program",
	       "echo 'Fatal error: can not write vm.o: No space left on device'; exit 1\n");
	expect_ending(3, "environment");
	CONTEXT("the compiler is not there");
	script("program", "exit 127\n");
	expect_ending(3, "environment");
	CONTEXT("the student's code quotes the words of a full disk");
	script("program", "echo 'vm.c:3:2: error: #error No space left on device'; exit 1\n");
	expect_ending(2, "not_gradable");
}

/* Many tests include a header of a lab that the student may have changed. */
TEST("-", grade_ends_when_the_tests_do_not_build, 0, .seconds = 1)
{
	static const struct {
		const char *log;
		int status;
	} row[] = {
		{ "tests/lab02/unit_vm.c:3: error: expected ;", 4 },
		{ "In file included from tests/lab02/unit_vm.c:1:\n"
		  "labs/02-small/vm.h:3:1: error: expected ;",
		  2 },
		{ "tests/lab02/unit_vm.c: In function test_x:\n"
		  "tests/lab02/unit_vm.c:3: error: too few arguments to function vm_init\n"
		  "labs/02-small/vm.h:3:1: note: declared here",
		  2 },
		{ "In file included from labs/02-small/vm.h:3,\n"
		  "                 from tests/lab02/unit_vm.c:1:\n"
		  "labs/02-small/../none.h: error: expected ;",
		  2 },
		{ "tests/lab02/unit_vm.c:3: error: too few arguments to function sh\n"
		  "tests/harness/test.h:3:1: note: declared here\n"
		  "labs/02-small/vm.h:9: error: another one",
		  4 },
		{ "ld: build/unit_vm.o: in function `test_x':\n"
		  "tests/lab02/unit_vm.c:3: undefined reference to `vm_init'",
		  2 },
		{ "tests/lab02/unit_vm.c:3: undefined reference to `vm_ini'", 4 },
		{ "ld: build/labs/02-small/vm.o: multiple definition of `sh'", 2 },
		{ "cc1: fatal error: error writing to /tmp/x.s: No space left on device", 3 },
		{ "tests/lab02/unit_vm.c:3:1: error: unknown type\n"
		  "    3 | x y; // No space left on device",
		  4 },
	};

	tree();
	script("tests", "cat log; echo; exit 1\n");
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		CONTEXT("the log says: %.200s", row[i].log);
		self_write("log", 0644, row[i].log);
		expect_ending(row[i].status, row[i].status == 2	  ? "not_gradable"
					     : row[i].status == 3 ? "environment"
								  : "grader_error");
	}
}

/* In a tree that was handed out, what has changed since tells whose fault it is. */
TEST("-", what_was_handed_out_tells_whose_fault_it_is, 0, .seconds = 1)
{
	struct proc_result p;
	char *sum[] = { "sh", "-c", "sha256sum common/types.h labs/02-small/vm.h >.vmmlab-starter",
			NULL };

	tree();
	self_write("common/types.h", 0644, "typedef int u32;\n");
	script("tests", ERROR("tests/lab02/unit_vm.c"));
	self_run(sum, NULL);
	CONTEXT("all is as it was: then it is not the student's");
	expect_ending(4, "grader_error");
	CONTEXT("a member is gone from a header of the lab; the error names the test alone");
	self_write("labs/02-small/vm.h", 0644, "int vm_init(void);\n");
	p = expect_ending(2, "not_gradable");
	EXPECT_CONTAINS(p.out, "it does not compile with the tests");
	CONTEXT("that header, and the given code, too: the error names the test alone");
	self_write("common/types.h", 0644, "typedef long u32;\n");
	expect_ending(4, "grader_error");
	CONTEXT("the given code alone has changed, and the error names a header of the lab");
	self_write("labs/02-small/vm.h", 0644, "int vm_init(struct vm *vm);\n");
	script("tests", ERROR("labs/02-small/vm.h"));
	expect_ending(4, "grader_error");
	CONTEXT("a header that was not handed out");
	self_write("common/types.h", 0644, "typedef int u32;\n");
	self_write("labs/02-small/test.h", 0644, "");
	script("tests", ERROR("tests/lab02/unit_vm.c"));
	expect_ending(2, "not_gradable");
}

TEST("-", compiling_has_a_limit, 0, .seconds = 1)
{
	struct proc_result p;

	tree();
	setenv("COMPILE_LIMIT", "0.5", 1);
	if (mkfifo("labs/02-small/endless.h", 0644))
		test_error("mkfifo: %s", strerror(errno));
	script("program", "cat labs/02-small/endless.h\n");
	p = expect_ending(2, "not_gradable");
	EXPECT_CONTAINS(p.out, "compiling did not end within 0.5 s");
	CONTEXT("a program of 2 GiB");
	setenv("COMPILE_LIMIT", "20", 1);
	script("program", "trap '' XFSZ; dd if=/dev/zero of=build/big bs=1 count=1 seek=2G 2>&1 || "
			  "echo error: no; exit 1\n");
	expect_ending(2, "not_gradable");
	EXPECT_CONTAINS(self_read("build/grade.log"), "File too large");
	CONTEXT("a compiler that takes more and more memory, and more and more to say");
	script("program", "ulimit -v; yes 'error: x' | head -c 9000000; exit 1\n");
	expect_ending(2, "not_gradable");
	EXPECT_CONTAINS(self_read("build/grade.log"), "4194304\n");
	EXPECT_TRUE(strlen(self_read("build/grade.log")) < 300000, "the log is long");
}

TEST("-", grade_ends_when_the_given_code_does_not_build, 0, .seconds = 0.5)
{
	struct proc_result p;

	tree();
	script("given", "echo 'tests/harness/env.c:1: error: x'; exit 1\n");
	p = expect_ending(4, "grader_error");
	EXPECT_CONTAINS(p.err, "lab: not graded: the tests themselves do not build\n");
	script("given", "echo 'ld: final link failed: No space left on device'; exit 1\n");
	expect_ending(3, "environment");
}

TEST("-", grade_ends_on_a_full_disk, 0, .seconds = 0.5)
{
	struct proc_result p;

	if (getuid() != 0)
		SKIP("only root can mount a small disk");
	tree();
	self_mkdir("small");
	if (mount("none", "small", "tmpfs", 0, "size=64k"))
		SKIP("a small disk cannot be mounted: %s", strerror(errno));
	CONTEXT("what is built has no room, and the tools say nothing of it");
	script("program", "dd if=/dev/zero of=small/x bs=4k 2>/dev/null; exit 1\n");
	self_fake_kvm(); /* from where it is */
	setenv("VMMLAB_BUILD", "small", 1);
	expect_ending(3, "environment");
	setenv("VMMLAB_BUILD", "build", 1);
	CONTEXT("the results have no room");
	script("program", "");
	self_write("small/r.json", 0644, "");
	p = lab_grade("LAB=02", "RESULTS=small/r.json", NULL);
	umount("small");
	EXPECT_U64(proc_exit_code(&p), 3);
}

/* --- the machine --- */

TEST("-", grade_ends_when_something_is_missing, 0, .seconds = 1)
{
	struct proc_result p;

	tree();
	copy("tools/packages.sh", "need() { die 3 \"environment: missing: gcc\"; }\n");
	expect_ending(3, "environment");
	CONTEXT("no engine");
	tree();
	copy("build/tools/engine", "#!/bin/sh\necho 'no engine' >&2\nexit 3\n");
	p = expect_ending(3, "environment");
	EXPECT_CONTAINS(p.err, "lab: not graded: guests cannot run here; see ./lab doctor\n");
	CONTEXT("BUILD cannot be made");
	tree();
	self_write("file", 0644, "");
	setenv("BUILD", "file/build", 1);
	p = self_run((char *[]){ "./lab", "grade", "LAB=02", NULL }, NULL);
	EXPECT_U64(proc_exit_code(&p), 3);
}

static struct proc_result elsewhere(const char *box, int status, const char *says)
{
	copy("build/tools/engine", "#!/bin/sh\necho svm\n");
	copy("build/tools/box/box", box);
	return expect_ending(status, says);
}

TEST("-", grade_ends_in_an_emulated_machine, 0, .seconds = 1.5)
{
	struct proc_result p;

	tree();
	p = elsewhere("#!/bin/sh\necho '{ \"schema\": \"vmmlab-results/1\", \"lab\": \"02-small\", "
		      "\"status\": \"fail\", \"score\": 7 }' >build/results.json\n"
		      "echo '<x/>' >build/junit.xml\nexit 1\n",
		      1, "fail");
	EXPECT_STR(self_read("j.xml"), "<x/>\n");
	CONTEXT("it never started");
	tree();
	elsewhere("#!/bin/sh\nexit 3\n", 3, "environment");
	CONTEXT("it stands still");
	tree();
	p = elsewhere("#!/bin/sh\nexit 124\n", 3, "environment");
	EXPECT_CONTAINS(p.err, "not graded: the emulated machine stands still");
	CONTEXT("a status that looks like a mark, but no results came back");
	tree();
	elsewhere("#!/bin/sh\nexit 1\n", 4, "grader_error");
	tree();
	elsewhere("#!/bin/sh\nexit 0\n", 4, "grader_error");
	CONTEXT("the time limit");
	tree();
	setenv("LIMIT", "7", 1);
	p = elsewhere("#!/bin/sh\necho \"$2\"\nexit 124\n", 3, "environment");
	EXPECT_CONTAINS(p.out, "--limit=7\n");
}

/* --- where the results go --- */

TEST("-", results_that_cannot_be_written, 0, .seconds = 1)
{
	struct proc_result p;

	tree();
	p = lab_grade("RESULTS=labs", NULL, NULL);
	EXPECT_U64(proc_exit_code(&p), 64);
	EXPECT_CONTAINS(p.err, "labs: a directory, no file for results\n");
	p = lab_grade("JUNIT=labs", NULL, NULL);
	EXPECT_U64(proc_exit_code(&p), 64);
	p = lab_grade("RESULTS=no/such/r.json", NULL, NULL);
	EXPECT_U64(proc_exit_code(&p), 3);
	EXPECT_CONTAINS(p.err, "no/such/r.json");
}

/* As root, rename() would put a file in the place of the device. */
TEST("-", results_go_to_a_pipe_or_a_device, 0, .seconds = 1)
{
	struct proc_result p;
	char text[20000] = "";
	struct stat st;
	FILE *f;

	tree();
	if (mkfifo("pipe", 0644))
		test_error("mkfifo: %s", strerror(errno));
	f = fopen("pipe", "r+");
	p = lab_grade("RESULTS=pipe", NULL, NULL);
	EXPECT_U64(proc_exit_code(&p), 0);
	EXPECT_TRUE(!lstat("pipe", &st) && S_ISFIFO(st.st_mode), "the pipe is none any more");
	EXPECT_TRUE(f && read(fileno(f), text, sizeof(text) - 1) > 0);
	EXPECT_TRUE(json_loads(text, 0, NULL) != NULL, "not one JSON text: %.100s", text);
	CONTEXT("what does not compile");
	script("program", ERROR("labs/02-small/vm.c"));
	memset(text, 0, sizeof(text));
	p = lab_grade("RESULTS=pipe", NULL, NULL);
	EXPECT_U64(proc_exit_code(&p), 2);
	EXPECT_TRUE(read(fileno(f), text, sizeof(text) - 1) > 0);
	EXPECT_TRUE(json_loads(text, 0, NULL) != NULL, "not one JSON text: %.100s", text);
	fclose(f);
	script("program", "");
	if (mknod("full", S_IFCHR | 0666, 0x107))
		SKIP("no device can be made: %s", strerror(errno));
	CONTEXT("a device that is always full");
	p = lab_grade("RESULTS=full", NULL, NULL);
	EXPECT_U64(proc_exit_code(&p), 3);
	EXPECT_TRUE(!lstat("full", &st) && S_ISCHR(st.st_mode), "the device is none any more");
	p = lab_grade("JUNIT=full", NULL, NULL);
	EXPECT_U64(proc_exit_code(&p), 3);
	EXPECT_TRUE(!lstat("full", &st) && S_ISCHR(st.st_mode), "the device is none any more");
}

/* --- a wrong command line: not the status of code that does not compile --- */

TEST("-", usage_errors_of_lab_grade, 0, .seconds = 0.5)
{
	struct proc_result p;

	tree();
	p = lab_grade("T=2.9", NULL, NULL);
	EXPECT_U64(proc_exit_code(&p), 64);
	p = lab_grade("LAB=07", NULL, NULL);
	EXPECT_U64(proc_exit_code(&p), 64);
	copy("build/tools/engine", "#!/bin/sh\nexit 2\n");
	p = lab_grade("ENGINE=x", NULL, NULL);
	EXPECT_U64(proc_exit_code(&p), 64);
}

/* --- what a grade leaves behind --- */

/*
 * A suite that leaves a process in a session of its own, and then does something. The process holds
 * the pipe `left` open as long as it lives, and has written a line there; returns its other end.
 */
static int restless_suite(const char *then)
{
	char text[600];
	int fd;

	snprintf(text, sizeof(text),
		 "#!/bin/sh\n"
		 "case $1 in\n"
		 "--list) ;;\n"
		 "*) setsid sh -c 'echo; exec sleep 300' >left 2>&1 3>&- & %s ;;\n"
		 "esac\n"
		 "exec ./build/tests/lab02/blackbox \"$@\"\n",
		 then);
	copy("build/tests/lab02/unit", text);
	self_write("build/tests/lab02/blackbox.tests", 0644, "2.1 opens 10 pass\n");
	if (mkfifo("left", 0600) || mkfifo("never", 0600))
		test_error("mkfifo: %s", strerror(errno));
	fd = open("left", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		test_error("left: %s", strerror(errno));
	return fd;
}

/* The line, or with POLLHUP the end of the process, within a time that is long enough. */
static bool has_come(int fd, short event)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char bytes[16];

	while (poll(&p, 1, 10000) > 0) {
		if (p.revents & event)
			return true;
		if (read(fd, bytes, sizeof(bytes)) < 0)
			return false;
	}
	return false;
}

TEST("-", a_grade_leaves_no_process_behind, 0, .seconds = 0.5)
{
	struct proc_result p;
	int left;

	tree();
	left = restless_suite(":");
	p = lab_grade("LAB=02", NULL, NULL);
	EXPECT_U64(proc_exit_code(&p), 1);
	EXPECT_TRUE(has_come(left, POLLHUP), "its child still runs");
}

TEST("-", a_grader_that_its_child_kills, 0, .seconds = 0.5)
{
	struct proc_result p;
	int left;

	tree();
	left = restless_suite("read line <left; kill -KILL $PPID");
	p = lab_grade("LAB=02", "RESULTS=r.json", "JUNIT=j.xml");
	/* without a namespace there is nobody left to say so */
	EXPECT_U64(proc_exit_code(&p), alone_possible() ? 4 : 128 + SIGKILL);
	expect_nothing_old();
	EXPECT_CONTAINS(self_read("r.json"), "the grader did not finish");
	EXPECT_CONTAINS(self_read("j.xml"), "the grader did not finish");
	EXPECT_TRUE(has_come(left, POLLHUP), "its child still runs");
}

static pid_t start(char *const argv[])
{
	pid_t pid;

	for (char *const *env = self_fake_kvm(); env && *env; env++)
		putenv(*env);
	setenv("BUILD", "build", 1);
	setenv("ENGINE", "native", 1);
	pid = fork();
	if (pid == 0) {
		execv(argv[0], argv);
		_exit(127);
	}
	return pid;
}

/* ./lab itself, while the given code is being built. */
TEST("-", a_grade_that_is_killed_before_it_begins, 0, .seconds = 0.5)
{
	char *argv[] = { "./lab", "grade", "LAB=02", "RESULTS=r.json", "JUNIT=j.xml", NULL };
	pid_t pid;
	int left;

	tree();
	left = restless_suite(":");
	script("given", "echo >left; read line <never\n");
	pid = start(argv);
	EXPECT_TRUE(has_come(left, POLLIN), "nothing is built");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	expect_nothing_old();
	EXPECT_CONTAINS(self_read("r.json"), "the grader did not finish");
	EXPECT_CONTAINS(self_read("j.xml"), "the grader did not finish");
}

/* Killed from outside, as by an impatient instructor's script. */
TEST("-", a_grader_that_is_killed_leaves_no_process, 0, .seconds = 0.5)
{
	char *argv[] = { "./lab", "grade", "LAB=02", "RESULTS=r.json", "JUNIT=j.xml", NULL };
	pid_t pid;
	int left;

	if (!alone_possible())
		SKIP("no process namespace can be had here");
	tree();
	left = restless_suite("read line <never");
	pid = start(argv);
	EXPECT_TRUE(has_come(left, POLLIN), "the suite did not begin");
	kill(pid, SIGKILL);
	EXPECT_TRUE(has_come(left, POLLHUP), "its child still runs");
	expect_nothing_old();
	EXPECT_CONTAINS(self_read("r.json"), "the grader did not finish");
}

/* Code under test can run before main(): then a suite does not even list its tests. */
TEST("-", a_suite_that_never_lists, 0, .seconds = 1)
{
	struct proc_result p;

	tree();
	copy("build/tests/lab02/unit", "#!/bin/sh\nsleep 300\n");
	setenv("VMMLAB_TIME_SCALE", "0.01", 1);
	p = expect_ending(4, "grader_error");
	EXPECT_CONTAINS(p.out, "/unit did not end within 1 s");
}
