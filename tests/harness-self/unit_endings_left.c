// SPDX-License-Identifier: MIT
/* What ./lab grade leaves behind, also when it is killed. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "alone.h"
#include "endings.h"

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
	endings_program("build/tests/lab02/unit", text);
	self_write("build/tests/lab02/unit.tests", 0644, "2.1 opens 5 pass\n");
	self_write("build/tests/lab02/blackbox.tests", 0644, "2.1 opens 5 pass\n");
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

	while (poll(&p, 1, 60000) > 0) {
		if (p.revents & event)
			return true;
		if (read(fd, bytes, sizeof(bytes)) < 0)
			return false;
	}
	return false;
}

TEST("-", a_grade_leaves_no_process_behind, 0, .seconds = 1.5)
{
	struct proc_result p;
	int left;

	endings_tree();
	left = restless_suite("ls /proc/self/fd >open");
	p = endings_grade("LAB=02", NULL, NULL);
	EXPECT_U64(proc_exit_code(&p), 1);
	EXPECT_TRUE(has_come(left, POLLHUP), "its child still runs");
	CONTEXT("descriptors of the suite; 8 is the lock of ./lab grade");
	EXPECT_TRUE(!strstr(self_read("open"), "\n8\n"), "%s", self_read("open"));
}

TEST("-", a_grader_that_its_child_kills, 0, .seconds = 1.5)
{
	struct proc_result p;
	int left;

	endings_tree();
	left = restless_suite("read line <left; rm r.json; echo forged >r.json; kill -KILL $PPID");
	p = endings_grade("LAB=02", "RESULTS=r.json", "JUNIT=j.xml");
	/* without a namespace there is nobody left to say so */
	EXPECT_U64(proc_exit_code(&p), alone_possible() ? 4 : 128 + SIGKILL);
	endings_expect_nothing_old();
	if (alone_possible()) {
		EXPECT_CONTAINS(p.err, "grade: not graded: the grader did not finish");
		EXPECT_CONTAINS(self_read("r.json"), "did not finish: it was killed by SIGKILL");
		EXPECT_TRUE(!strstr(self_read("r.json"), "forged"), "it says what a child says");
	}
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
TEST("-", a_grade_that_is_killed_before_it_begins, 0, .seconds = 1.5)
{
	char *argv[] = { "./lab", "grade", "LAB=02", "RESULTS=r.json", "JUNIT=j.xml", NULL };
	pid_t pid;
	int left;

	endings_tree();
	left = restless_suite(":");
	endings_script("given", "echo >left; read line <never\n");
	pid = start(argv);
	EXPECT_TRUE(has_come(left, POLLIN), "nothing is built");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	endings_expect_nothing_old();
	EXPECT_CONTAINS(self_read("r.json"), "the grader did not finish");
	EXPECT_CONTAINS(self_read("j.xml"), "the grader did not finish");
}

/* Killed from outside, as by an impatient instructor's script. */
TEST("-", a_grader_that_is_killed_leaves_no_process, 0, .seconds = 1.5)
{
	char *argv[] = { "./lab", "grade", "LAB=02", "RESULTS=r.json", "JUNIT=j.xml", NULL };
	pid_t pid;
	int left;

	if (!alone_possible())
		SKIP("no process namespace can be had here");
	endings_tree();
	left = restless_suite("read line <never");
	pid = start(argv);
	EXPECT_TRUE(has_come(left, POLLIN), "the suite did not begin");
	kill(pid, SIGKILL);
	EXPECT_TRUE(has_come(left, POLLHUP), "its child still runs");
	endings_expect_nothing_old();
	EXPECT_CONTAINS(self_read("r.json"), "the grader did not finish");
}

/* (Its plan holds no code under test.) */
TEST("-", a_suite_that_never_lists, 0, .seconds = 3)
{
	struct proc_result p;

	endings_tree();
	endings_program("build/tests/lab02/unit-plan", "#!/bin/sh\nsleep 300\n");
	setenv("VMMLAB_TIME_SCALE", "0.01", 1);
	setenv("COMPILE_LIMIT", "60", 1);
	p = endings_expect(4, "grader_error");
	EXPECT_CONTAINS(p.out, "/unit-plan did not end within 1 s");
}
