/* SPDX-License-Identifier: MIT */
/*
 * The keys of a terminal that is the guest's (given). A thread of its own reads them, with a lock
 * of its own, so that Ctrl-A x leaves whatever the VMM is at: a device may be waiting, with its
 * lock held, for who reads the output. Ctrl-A Ctrl-A is one Ctrl-A for the guest.
 *
 * What is typed or pasted waits here until the guest has room for it, KEYS_MAX bytes of it; more
 * are lost, and counted.
 */
#ifndef KEYS_H
#define KEYS_H

#include <sys/types.h>

#include "loop.h"
#include "run.h"

#define KEYS_MAX 65536

struct keys {
	struct source source;
	struct loop loop;     /* in which the keys are all that comes */
	pthread_mutex_t lock; /* its lock; nobody waits while he holds it */
	struct run *run;      /* that Ctrl-A x ends */
	struct loop *wake;    /* when keys have come */
	bool ended;
	bool escape; /* the last key was Ctrl-A */
	bool left;   /* by Ctrl-A x */
	u8 key[KEYS_MAX];
	unsigned first, n; /* of these: the oldest, and how many */
	u64 lost;	   /* that found no place there */
};

/*
 * Standard input is a terminal, raw, and does not block: from now on its keys are read. 0 or a
 * negative errno. loop_stop() of keys->loop ends it, also if this was not called.
 */
int keys_start(struct keys *keys, struct run *run, struct loop *wake);

/* Do keys wait? And take up to n of them: returns how many. */
bool keys_wait(struct keys *keys);
unsigned keys_take(struct keys *keys, u8 *bytes, unsigned n);

/*
 * For a source that reads standard input, be it a terminal or not. Wait for it; but in the
 * background, where what is typed is not for us, look now and then whether it is again.
 */
void stdin_fds(struct pollset *p);

/* As read(2); and *ended is set when nothing will come any more. */
ssize_t stdin_read(u8 *bytes, size_t n, bool *ended);

#endif
