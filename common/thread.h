/* SPDX-License-Identifier: MIT */
#ifndef THREAD_H
#define THREAD_H

#include <pthread.h>

/*
 * Start a thread in which all signals are blocked, so that those of the process reach the vCPU's;
 * but for those of its own mistakes. 0 or a negative errno.
 */
int thread_start(pthread_t *thread, void *(*fn)(void *), void *arg);

#endif
