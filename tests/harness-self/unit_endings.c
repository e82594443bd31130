// SPDX-License-Identifier: MIT
/* How ./lab grade ends: with a mark, or with something that is none. */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "endings.h"

TEST("-", grade_ends_with_a_mark, 0, .seconds = 1.5)
{
	endings_tree();
	endings_expect(0, "pass");
	self_write("build/tests/lab02/unit.tests", 0644, "2.1 opens 10 fail\n2.4 x 40 pass\n");
	endings_expect(1, "fail");
	CONTEXT("./lab grade T=2.1: the results of that task alone");
	endings_grade("T=2.1", NULL, NULL);
	EXPECT_CONTAINS(self_read("build/results/lab02-2.1.json"), "\"task\": \"2.1\"");
}

/* --- building --- */

#define ERROR(file) "echo '" file ":3:1: error: x undeclared'; exit 1\n"

TEST("-", grade_ends_when_the_code_does_not_build, 0, .seconds = 1.5)
{
	struct proc_result p;

	endings_tree();
	endings_script("program", ERROR("labs/02-small/vm.c"));
	p = endings_expect(2, "not_gradable");
	EXPECT_CONTAINS(p.out, "  labs/02-small/vm.c:3:1: error: x undeclared\n");
	EXPECT_CONTAINS(p.out, "Lab 2: not graded: it does not compile. Fix the first error");
	CONTEXT("the same, but the disk was full");
	endings_script("program",
		       "echo 'Fatal error: can not write vm.o: No space left on device'; exit 1\n");
	endings_expect(3, "environment");
	CONTEXT("the compiler is not there");
	endings_script("program", "exit 127\n");
	endings_expect(3, "environment");
	CONTEXT("the student's code quotes the words of a full disk");
	endings_script("program",
		       "echo 'vm.c:3:2: error: #error No space left on device'; exit 1\n");
	endings_expect(2, "not_gradable");
}

#define WARNING(line) "labs/02-small/vm.c:" line ": warning: unused variable x\n"

/* What the compiler has said of a file when it compiled it, perhaps days ago. */
TEST("-", grade_shows_what_the_compiler_warns_of, 0, .seconds = 1.5)
{
	struct proc_result p;

	endings_tree();
	self_write("labs/02-small/vm.c", 0644, "int x;\n");
	self_write("build/labs/02-small/gone.o.said", 0644,
		   "labs/02-small/gone.c:3:1: warning: of a file that is no more\n");
	self_write("build/labs/02-small/vm.o.said", 0644,
		   "labs/02-small/vm.c: In function f:\n" WARNING("3:1") "    3 | int x;\n");
	p = endings_expect(0, "pass");
	EXPECT_CONTAINS(p.out,
			"It compiles. The compiler warns:\n"
			"  labs/02-small/vm.c:3:1: warning: unused variable x\nLab 2: 100/100");
	self_write("build/labs/02-small/vm.o.said", 0644,
		   WARNING("3:1") WARNING("4:1") WARNING("5:1") WARNING("6:1"));
	p = endings_expect(0, "pass");
	CONTEXT("four warnings");
	EXPECT_CONTAINS(p.out, "The compiler warns, among other things:\n");
	EXPECT_CONTAINS(p.out, "vm.c:5:1");
	EXPECT_TRUE(!strstr(p.out, "vm.c:6:1"), "it shows more than three");
	CONTEXT("a warning that is longer than the terminal is wide");
	setenv("VMMLAB_COLUMNS", "60", 1);
	self_write("build/labs/02-small/vm.o.said", 0644,
		   "labs/02-small/vm.c:3:1: warning: unused variable at_the_end [-Wunused]\n");
	p = endings_expect(0, "pass");
	EXPECT_CONTAINS(p.out, "  labs/02-small/vm.c:3:1: warning: unused variable\n"
			       "  at_the_end [-Wunused]\n");
}

/* Many tests include a header of a lab that the student may have changed. */
TEST("-", grade_ends_when_the_tests_do_not_build, 0, .seconds = 3)
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
		{ "labs/02-small/vm.h:1:2: warning: #warning No space left on device\n"
		  "labs/02-small/vm.h:2:1: error: static assertion failed: \"Input/output error\"",
		  2 },
	};

	endings_tree();
	endings_script("tests", "cat log; echo; exit 1\n");
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		CONTEXT("the log says: %.200s", row[i].log);
		self_write("log", 0644, row[i].log);
		endings_expect(row[i].status, row[i].status == 2   ? "not_gradable"
					      : row[i].status == 3 ? "environment"
								   : "grader_error");
	}
}

/* In a tree that was handed out, what has changed since tells whose fault it is. */
TEST("-", what_was_handed_out_tells_whose_fault_it_is, 0, .seconds = 3)
{
	struct proc_result p;
	char *sum[] = { "sh", "-c", "sha256sum common/types.h labs/02-small/vm.h >.vmmlab-starter",
			NULL };

	endings_tree();
	self_write("common/types.h", 0644, "typedef int u32;\n");
	endings_script("tests", ERROR("tests/lab02/unit_vm.c"));
	self_run(sum, NULL);
	CONTEXT("all is as it was: then it is not the student's");
	endings_expect(4, "grader_error");
	CONTEXT("a member is gone from a header of the lab; the error names the test alone");
	self_write("labs/02-small/vm.h", 0644, "int vm_init(void);\n");
	p = endings_expect(2, "not_gradable");
	EXPECT_CONTAINS(p.out, "it does not compile with the tests");
	CONTEXT("that header, and the given code, too: the error names the test alone");
	self_write("common/types.h", 0644, "typedef long u32;\n");
	endings_expect(4, "grader_error");
	CONTEXT("the given code alone has changed, and the error names a header of the lab");
	self_write("labs/02-small/vm.h", 0644, "int vm_init(struct vm *vm);\n");
	endings_script("tests", ERROR("labs/02-small/vm.h"));
	endings_expect(4, "grader_error");
	CONTEXT("a header that was not handed out");
	self_write("common/types.h", 0644, "typedef int u32;\n");
	self_write("labs/02-small/test.h", 0644, "");
	endings_script("tests", ERROR("tests/lab02/unit_vm.c"));
	endings_expect(2, "not_gradable");
}

TEST("-", compiling_has_a_limit, 0, .seconds = 3)
{
	struct proc_result p;

	endings_tree();
	setenv("COMPILE_LIMIT", "0.5", 1);
	if (mkfifo("labs/02-small/endless.h", 0644))
		test_error("mkfifo: %s", strerror(errno));
	endings_script("program", "trap 'rm build/half; exit 1' TERM; : >build/half\n"
				  "cat labs/02-small/endless.h & wait\n");
	p = endings_expect(2, "not_gradable");
	EXPECT_CONTAINS(p.out, "compiling did not end within 0.5 s");
	EXPECT_TRUE(access("build/half", F_OK), "a file that is half made is left");
	CONTEXT("a program of 2 GiB");
	setenv("COMPILE_LIMIT", "20", 1);
	endings_script("program",
		       "trap '' XFSZ; dd if=/dev/zero of=build/big bs=1 count=1 seek=2G 2>&1 || "
		       "echo error: no; exit 1\n");
	endings_expect(2, "not_gradable");
	EXPECT_CONTAINS(self_read("build/grade.log"), "File too large");
	CONTEXT("a compiler that takes more and more memory, and more and more to say");
	endings_script("program", "ulimit -v; yes 'error: x' | head -c 9000000; exit 1\n");
	endings_expect(2, "not_gradable");
	EXPECT_CONTAINS(self_read("build/grade.log"),
			PROC_MAX_MEMORY ? "4194304\n" : "unlimited\n");
	EXPECT_TRUE(strlen(self_read("build/grade.log")) < 300000, "the log is long");
}

TEST("-", grade_ends_when_the_given_code_does_not_build, 0, .seconds = 1.5)
{
	struct proc_result p;

	endings_tree();
	endings_script("given", "echo 'tests/lib/env.c:1: error: x'; exit 1\n");
	p = endings_expect(4, "grader_error");
	EXPECT_CONTAINS(p.err, "lab: not graded: the tests themselves do not build\n");
	endings_script("given", "echo 'ld: final link failed: No space left on device'; exit 1\n");
	p = endings_expect(3, "environment");
	EXPECT_CONTAINS(p.err, "lab: environment: nothing can be built in build: is there room?\n"
			       "lab: not graded: nothing can be built here, is there room?\n");
}

TEST("-", grade_ends_on_a_full_disk, 0, .seconds = 1.5)
{
	struct proc_result p;

	if (getuid() != 0)
		SKIP("only root can mount a small disk");
	endings_tree();
	self_mkdir("small");
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("none", "small", "tmpfs", 0, "size=64k"))
		SKIP("a small disk cannot be mounted: %s", strerror(errno));
	CONTEXT("what is built has no room, and the tools say nothing of it");
	endings_script("program", "dd if=/dev/zero of=small/x bs=4k 2>/dev/null; exit 1\n");
	self_fake_kvm(); /* from where it is */
	setenv("VMMLAB_BUILD", "small", 1);
	endings_expect(3, "environment");
	setenv("VMMLAB_BUILD", "build", 1);
	CONTEXT("the results have no room");
	endings_script("program", "");
	self_write("small/r.json", 0644, "");
	p = endings_grade("LAB=02", "RESULTS=small/r.json", NULL);
	EXPECT_U64(proc_exit_code(&p), 3);
}

/* --- the machine --- */

TEST("-", grade_ends_when_something_is_missing, 0, .seconds = 3)
{
	struct proc_result p;

	endings_tree();
	endings_program("tools/packages.sh", "need() { die 3 \"environment: missing: gcc\"; }\n");
	endings_expect(3, "environment");
	CONTEXT("no engine");
	endings_tree();
	endings_program("build/tools/engine", "#!/bin/sh\necho 'no engine' >&2\nexit 3\n");
	p = endings_expect(3, "environment");
	EXPECT_CONTAINS(p.err, "lab: not graded: guests cannot run here; see ./lab doctor\n");
	CONTEXT("BUILD cannot be made");
	endings_tree();
	self_write("file", 0644, "");
	setenv("BUILD", "file/build", 1);
	p = self_run((char *[]){ "./lab", "grade", "LAB=02", NULL }, NULL);
	EXPECT_U64(proc_exit_code(&p), 3);
}

static struct proc_result elsewhere(const char *box, int status, const char *says)
{
	endings_program("build/tools/engine", "#!/bin/sh\necho svm\n");
	endings_program("build/tools/box/box", box);
	return endings_expect(status, says);
}

TEST("-", grade_ends_in_an_emulated_machine, 0, .seconds = 4)
{
	struct proc_result p;

	endings_tree();
	elsewhere("#!/bin/sh\necho '{ \"schema\": \"vmmlab-results/1\", \"lab\": \"02-small\", "
		  "\"status\": \"fail\", \"score\": 7 }' >build/results.json\n"
		  "echo '<x/>' >build/junit.xml\nexit 1\n",
		  1, "fail");
	EXPECT_STR(self_read("j.xml"), "<x/>\n");
	CONTEXT("it never started");
	endings_tree();
	elsewhere("#!/bin/sh\nexit 3\n", 3, "environment");
	CONTEXT("it stands still");
	endings_tree();
	p = elsewhere("#!/bin/sh\nexit 124\n", 3, "environment");
	EXPECT_CONTAINS(p.err, "not graded: the emulated machine stands still");
	CONTEXT("a status that looks like a mark, but no results came back");
	endings_tree();
	elsewhere("#!/bin/sh\nexit 1\n", 4, "grader_error");
	endings_tree();
	elsewhere("#!/bin/sh\nexit 0\n", 4, "grader_error");
	CONTEXT("Ctrl-C, before the grader began and while it ran");
	endings_tree();
	p = elsewhere("#!/bin/sh\nexit 130\n", 130, "grader_error");
	EXPECT_CONTAINS(p.err, "lab: not graded: it was stopped\n");
	endings_tree();
	p = elsewhere("#!/bin/sh\necho '{ \"status\": \"fail\" }' >build/results.json\nexit 130\n",
		      130, "grader_error");
	EXPECT_CONTAINS(p.err, "lab: not graded: it was stopped\n");
	CONTEXT("the time limit");
	endings_tree();
	setenv("LIMIT", "7", 1);
	p = elsewhere("#!/bin/sh\necho \"$2\"\nexit 124\n", 3, "environment");
	EXPECT_CONTAINS(p.out, "--limit=7\n");
}

/* --- where the results go --- */

TEST("-", results_that_cannot_be_written, 0, .seconds = 3)
{
	struct proc_result p;

	endings_tree();
	p = endings_grade("RESULTS=labs", NULL, NULL);
	EXPECT_U64(proc_exit_code(&p), 64);
	EXPECT_CONTAINS(p.err, "labs: a directory, no file for results\n");
	p = endings_grade("JUNIT=labs", NULL, NULL);
	EXPECT_U64(proc_exit_code(&p), 64);
	p = endings_grade("RESULTS=no/such/r.json", NULL, NULL);
	EXPECT_U64(proc_exit_code(&p), 3);
	EXPECT_CONTAINS(p.err, "no/such/r.json");
}

/* As root, rename() would put a file in the place of the device. */
TEST("-", results_go_to_a_pipe_or_a_device, 0, .seconds = 3)
{
	struct proc_result p;
	char text[20000] = "";
	struct stat st;
	FILE *f;

	endings_tree();
	if (mkfifo("pipe", 0644))
		test_error("mkfifo: %s", strerror(errno));
	f = fopen("pipe", "r+");
	p = endings_grade("RESULTS=pipe", NULL, NULL);
	EXPECT_U64(proc_exit_code(&p), 0);
	EXPECT_TRUE(!lstat("pipe", &st) && S_ISFIFO(st.st_mode), "the pipe is none any more");
	EXPECT_TRUE(f && read(fileno(f), text, sizeof(text) - 1) > 0);
	EXPECT_TRUE(json_loads(text, 0, NULL) != NULL, "not one JSON text: %.100s", text);
	CONTEXT("what does not compile");
	endings_script("program", ERROR("labs/02-small/vm.c"));
	memset(text, 0, sizeof(text));
	p = endings_grade("RESULTS=pipe", NULL, NULL);
	EXPECT_U64(proc_exit_code(&p), 2);
	EXPECT_TRUE(read(fileno(f), text, sizeof(text) - 1) > 0);
	EXPECT_TRUE(json_loads(text, 0, NULL) != NULL, "not one JSON text: %.100s", text);
	fclose(f);
	endings_script("program", "");
	if (mknod("full", S_IFCHR | 0666, 0x107))
		SKIP("no device can be made: %s", strerror(errno));
	CONTEXT("a device that is always full");
	p = endings_grade("RESULTS=full", NULL, NULL);
	EXPECT_U64(proc_exit_code(&p), 3);
	EXPECT_TRUE(!lstat("full", &st) && S_ISCHR(st.st_mode), "the device is none any more");
	p = endings_grade("JUNIT=full", NULL, NULL);
	EXPECT_U64(proc_exit_code(&p), 3);
	EXPECT_TRUE(!lstat("full", &st) && S_ISCHR(st.st_mode), "the device is none any more");
}

/* --- a wrong command line: not the status of code that does not compile --- */

TEST("-", usage_errors_of_lab_grade, 0, .seconds = 2)
{
	static const char *const wrong[][2] = {
		{ "T=2.9", "T=2.9: no such task" },
		{ "LAB=07", "LAB=07: no such lab" },
		{ "TASK=2.1", "TASK=2.1: no such setting" },
		{ "--lab=02", "no such setting" },
		{ "-x", "-x: no such option" },
		{ "check", "one verb at a time: grade or check?" },
		{ "2.1", "2.1: a task is named by T=2.1" },
		{ "02", "02: a lab is named by LAB=02" },
		{ "LAB=2.1", "LAB=2.1: no such lab; LAB=02 is one, and T=2.5 a task" },
		{ "LAB=2x", "LAB=2x: no such lab" },
	};
	struct proc_result p;

	endings_tree();
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		CONTEXT("%s", wrong[i][0]);
		self_write("r.json", 0644, "old");
		self_write("j.xml", 0644, "old");
		p = endings_grade(wrong[i][0], "RESULTS=r.json", "JUNIT=j.xml");
		EXPECT_U64(proc_exit_code(&p), 64);
		EXPECT_CONTAINS(p.err, wrong[i][1]);
		EXPECT_TRUE(access("r.json", F_OK) && access("j.xml", F_OK), "old results");
	}
	endings_program("build/tools/engine", "#!/bin/sh\nexit 2\n");
	p = endings_grade("ENGINE=x", NULL, NULL);
	EXPECT_U64(proc_exit_code(&p), 64);
}
