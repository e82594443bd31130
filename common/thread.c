// SPDX-License-Identifier: MIT
#include "thread.h"

#include <signal.h>

#include "types.h"

int thread_start(pthread_t *thread, void *(*fn)(void *), void *arg)
{
	/* Blocked, one of these would end us with the terminal left raw. */
	static const int own[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGSYS, SIGABRT };
	sigset_t others, before;
	int err;

	sigfillset(&others);
	for (unsigned i = 0; i < ARRAY_SIZE(own); i++)
		sigdelset(&others, own[i]);
	pthread_sigmask(SIG_SETMASK, &others, &before); /* a new thread inherits the mask */
	err = pthread_create(thread, NULL, fn, arg);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return -err;
}
