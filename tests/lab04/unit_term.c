// SPDX-License-Identifier: MIT
/* The terminal (given): what a time limit that is over does with one that is raw. */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

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

TEST("-", who_is_overdue_leaves_the_terminal_as_it_was, 0, .seconds = 1.2)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), fd;
	struct termios before, after;
	struct proc_result r;

	if (master < 0 || grantpt(master) || unlockpt(master))
		SKIP("no pseudo-terminals here: is /dev/pts mounted?");
	fd = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		test_error("%s cannot be opened", ptsname(master));
	tcgetattr(fd, &before);
	if (proc_run(NULL, &(struct proc_opts){ .child = run_on, .arg = &fd, .limit = 60 }, &r))
		test_error("no process");
	EXPECT_CONTAINS(r.err, "vmm: cannot go on: the time limit is over");
	EXPECT_U64(proc_exit_code(&r), 1);
	tcgetattr(fd, &after);
	EXPECT_U64(after.c_lflag, before.c_lflag);
	EXPECT_U64(after.c_iflag, before.c_iflag);
}
