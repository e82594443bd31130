/* SPDX-License-Identifier: MIT */
/*
 * The keys of a terminal that is the guest's (given). A thread of its own reads them, so that
 * Ctrl-A x leaves whatever the VMM is at: it may be waiting for who reads its output. Ctrl-A Ctrl-A
 * is one Ctrl-A for the guest.
 *
 * What is typed or pasted waits here until the guest has room for it, KEYS_MAX bytes of it; more
 * are lost, and counted.
 */
#ifndef KEYS_H
#define KEYS_H

#include "loop.h"
#include "run.h"

#define KEYS_MAX 65536

struct keys {
	struct run *run;   /* that Ctrl-A x ends */
	struct loop *loop; /* woken when keys have come */
	pthread_t thread;
	bool running;
	int stop;    /* eventfd: the thread is to end */
	bool escape; /* the last key was Ctrl-A */
	bool left;   /* by Ctrl-A x */

	pthread_mutex_t lock; /* of all below; nobody waits while he holds it */
	u8 key[KEYS_MAX];
	unsigned first, n; /* of these: the oldest, and how many */
	u64 lost;	   /* that found no place there */
};

/* Standard input is a terminal, raw, and does not block. 0 or a negative errno. */
int keys_start(struct keys *keys, struct run *run, struct loop *loop);

/* Do keys wait? And take up to n of them: returns how many. */
bool keys_wait(struct keys *keys);
unsigned keys_take(struct keys *keys, u8 *bytes, unsigned n);

/* Also if it was not started. */
void keys_stop(struct keys *keys);

#endif
