// SPDX-License-Identifier: MIT
#include "thread.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

#include "crash.h"
#include "trace.h"

struct start {
	struct trace *trace;
	const char *name;
	void *(*fn)(void *arg);
	void *arg;
};

static void *begin_thread(void *arg)
{
	struct start start = *(struct start *)arg;
	char room[CRASH_STACK]; /* at the end of our stack that is used up last */

	free(arg);
	crash_stack(room);
	trace_join(start.trace, start.name);
	return start.fn(start.arg);
}

int thread_start(pthread_t *thread, const char *name, void *(*fn)(void *), void *arg)
{
	/* Blocked, one of these would end us with the terminal left raw. */
	static const int own[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGSYS, SIGABRT };
	sigset_t others, before;
	struct start *start = malloc(sizeof(*start));
	int err;

	if (!start)
		return -ENOMEM;
	*start = (struct start){ trace_now(), name, fn, arg };
	sigfillset(&others);
	for (unsigned i = 0; i < ARRAY_SIZE(own); i++)
		sigdelset(&others, own[i]);
	pthread_sigmask(SIG_SETMASK, &others, &before); /* a new thread inherits the mask */
	err = pthread_create(thread, NULL, begin_thread, start);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (err)
		free(start);
	return -err;
}
