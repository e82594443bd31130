/* SPDX-License-Identifier: MIT */
/* Stretch task 3.14: memory that is only made when it is touched, by userfaultfd(2). */
#ifndef LAZY_H
#define LAZY_H

#include <pthread.h>

#include "mem.h"

struct lazy {
	int fd;		  /* the userfaultfd, or -1 */
	int stop[2];	  /* a pipe: closed to end the thread */
	pthread_t thread; /* calls lazy_serve() for each fault */
	bool running;
	u64 filled; /* pages given so far; read it after lazy_stop() */
	int err;    /* what ended the thread early, or 0 */
};

/*
 * [task 3.14] Open a userfaultfd (non-blocking), shake hands (UFFDIO_API), and register every slot
 * for missing pages (UFFDIO_REGISTER_MODE_MISSING). Pages that are there already stay. Given code
 * then starts the thread, and closes l->fd after an error. 0 or a negative errno; -EPERM for
 * ordinary users, as a rule: a fault in the kernel, such as KVM's, may only be served by who is
 * privileged.
 */
int lazy_open(struct lazy *l, const struct mem *mem);

/*
 * [task 3.14] Read one message from l->fd; for a page fault give the page that holds the address,
 * zeroed (UFFDIO_ZEROPAGE), which also wakes whoever waits, and count it in l->filled. A page that
 * is there by now (-EEXIST) only wakes (UFFDIO_WAKE). -EAGAIN when there was no message; 0 or a
 * negative errno.
 */
int lazy_serve(struct lazy *l);

/* Given: lazy_open() and a thread that serves until lazy_stop(). */
int lazy_start(struct lazy *l, const struct mem *mem);
void lazy_stop(struct lazy *l);

#endif
