/* SPDX-License-Identifier: MIT */
#ifndef THREAD_H
#define THREAD_H

#include <pthread.h>

/*
 * Start a thread in which all signals are blocked, so that those of the process reach the vCPU's;
 * but for those of its own mistakes. If this thread's doings are traced (trace.h), so are its own,
 * by this name, which lives as long as the program (NULL: they are not). If it crashes, that is
 * said as of any other (crash.h). 0 or a negative errno.
 */
int thread_start(pthread_t *thread, const char *name, void *(*fn)(void *), void *arg);

#endif
