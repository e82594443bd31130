// SPDX-License-Identifier: MIT
/* Where a program was when it crashed: also one whose stack is used up, on whichever thread. */
#include <signal.h>
#include <unistd.h>

#include "crash.h"
#include "proc.h"
#include "test.h"
#include "thread.h"

/* Deeper than there is room for. */
static unsigned descend(volatile unsigned depth)
{
	volatile char room[4096] = { (char)depth };

	return depth ? descend(depth + 1) + (unsigned)room[0] : 0;
}

static void *run(void *arg)
{
	return descend(1) ? arg : NULL;
}

/* arg: on a thread of its own? */
static int overflow(void *arg, int line_fd)
{
	const bool *thread = arg;
	pthread_t id;

	crash_init("vmm", STDERR_FILENO);
	if (*thread && thread_start(&id, "I/O thread", run, NULL))
		return 99;
	if (*thread)
		pthread_join(id, NULL);
	else
		run(NULL);
	return 98;
}

TEST("-", who_has_used_up_its_stack_says_where, 0)
{
#ifdef SANITIZED
	SKIP("a sanitizer says that by itself");
#endif
	for (int thread = 0; thread < 2; thread++) {
		bool arg = thread;
		struct proc_result r;

		if (proc_run(NULL,
			     &(struct proc_opts){ .child = overflow, .arg = &arg, .limit = 60 },
			     &r))
			test_error("no process");
		CONTEXT("a function that calls itself for ever, on %s",
			thread ? "a thread of its own" : "the first thread");
		EXPECT_CONTAINS(r.err, "vmm: crashed with SIGSEGV at ");
		EXPECT_U64(proc_exit_code(&r), 128 + SIGSEGV);
	}
}
