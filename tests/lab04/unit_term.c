// SPDX-License-Identifier: MIT
/* The terminal (given): who ends amid a run, and has not been asked to, leaves it as it was. */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <termios.h>
#include <unistd.h>

#include "crash.h"
#include "obituary.h"
#include "proc.h"
#include "term.h"
#include "test.h"

/* A VMM that never ends; its time is over after a second. */
static int run_on(void *arg, int line_fd)
{
	static struct recorder rec;
	struct witness witness = { .rec = &rec, .vcpu_fd = -1 };
	const int *fd = arg;

	witness_on_sigquit(&witness, NULL);
	witness_overdue(1);
	if (term_raw(*fd) != 1)
		return 99;
	pause();
	raise(SIGALRM);
	return 98;
}

/* Deeper than there is room for. */
static unsigned descend(volatile unsigned depth)
{
	volatile char room[512] = { (char)depth };

	return depth ? descend(depth + 1) + (unsigned)room[0] : 0;
}

static int overflow(void *arg, int line_fd)
{
	const struct rlimit stack = { MiB(1), MiB(1) };
	const int *fd = arg;

	crash_init("vmm", STDERR_FILENO);
	if (setrlimit(RLIMIT_STACK, &stack) || term_raw(*fd) != 1)
		return 99;
	return (int)descend(1);
}

/* Play that at a terminal of its own, which has to be afterwards as it was before. False: there is
 * none to be had. */
static bool play(int (*child)(void *arg, int line_fd), struct proc_result *r)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), fd;
	struct termios before, after;

	if (master < 0 || grantpt(master) || unlockpt(master))
		return false;
	fd = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		test_error("%s cannot be opened", ptsname(master));
	tcgetattr(fd, &before);
	if (proc_run(NULL, &(struct proc_opts){ .child = child, .arg = &fd, .limit = 60 }, r))
		test_error("no process");
	tcgetattr(fd, &after);
	EXPECT_U64(after.c_lflag, before.c_lflag);
	EXPECT_U64(after.c_iflag, before.c_iflag);
	return true;
}

TEST("-", who_is_overdue_leaves_the_terminal_as_it_was, 0, .seconds = 1.2)
{
	struct proc_result r;

	if (!play(run_on, &r))
		SKIP("no pseudo-terminals here: is /dev/pts mounted?");
	EXPECT_CONTAINS(r.err, "vmm: cannot go on: the time limit is over");
	EXPECT_U64(proc_exit_code(&r), 1);
}

TEST("-", whose_stack_is_used_up_does_so_too, 0)
{
	struct proc_result r;

	if (!play(overflow, &r))
		SKIP("no pseudo-terminals here: is /dev/pts mounted?");
	CONTEXT("a function that calls itself for ever: its last words are said on another stack");
#ifndef SANITIZED /* which has words of its own, or none */
	EXPECT_CONTAINS(r.err, "vmm: crashed with SIGSEGV at ");
	EXPECT_U64(proc_exit_code(&r), 128 + SIGSEGV);
#endif
}
