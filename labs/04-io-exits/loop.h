/* SPDX-License-Identifier: MIT */
/*
 * The I/O thread (given): one thread on poll(2) for all that comes from outside: the terminal, the
 * host's timers, eventfds. A callback runs with its device's lock held, as that one's io() does; so
 * a device never runs on two threads at once.
 */
#ifndef LOOP_H
#define LOOP_H

#include <poll.h>
#include <pthread.h>

#include "types.h"

#define LOOP_FDS_MAX	 256
#define LOOP_SOURCES_MAX 32

struct pollset {
	struct pollfd fd[LOOP_FDS_MAX];
	unsigned n;
	int timeout_ms; /* -1: no limit; the least that a source asks for */
};

/* Embedded in each device that waits for something. */
struct source {
	/* Add what to wait for, each turn anew (pollset_add). */
	void (*fds)(struct source *s, struct pollset *p);
	/* Something has come, or the time is over: look at p (pollset_revents). */
	void (*ready)(struct source *s, struct pollset *p);
	pthread_mutex_t *lock; /* its device's: loop_add() */
};

struct loop {
	pthread_mutex_t *lock; /* that its sources get */
	struct source *source[LOOP_SOURCES_MAX];
	unsigned nsources;
	int wake; /* eventfd: look at the sources anew, or end */
	pthread_t thread;
	bool running, ending;
};

int loop_init(struct loop *loop, pthread_mutex_t *lock);
int loop_add(struct loop *loop, struct source *s);
/* In this thread, until loop_stop(). Where there is no other, that is for ever. */
void loop_run(struct loop *loop);
/* Start a thread for loop_run(). 0 or -errno. */
int loop_start(struct loop *loop);
/* A source wants to be asked again. From any thread. */
void loop_wake(struct loop *loop);
/* End the thread and wait for it; also after loop_start() has failed or was not called. No device's
 * lock is held. */
void loop_stop(struct loop *loop);

/* Wait for events (POLLIN...) on fd; -ENOSPC when the set is full. */
int pollset_add(struct pollset *p, int fd, short events);
/* What poll() said about fd; 0 if it was not in the set. */
short pollset_revents(const struct pollset *p, int fd);

#endif
