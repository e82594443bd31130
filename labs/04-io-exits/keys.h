/* SPDX-License-Identifier: MIT */
/*
 * The keys of a terminal that is the guest's (given). A thread of its own reads them, so that
 * Ctrl-A x leaves whatever the VMM is at: a device may be waiting, with its lock held, for who
 * reads the output. Ctrl-A Ctrl-A is one Ctrl-A for the guest.
 *
 * What is typed or pasted goes on through a pipe, and waits in it until the guest has room for it,
 * KEYS_MAX bytes of it; more are lost, and counted.
 */
#ifndef KEYS_H
#define KEYS_H

#include <sys/types.h>

#include "loop.h"
#include "run.h"

#define KEYS_MAX 65536 /* what Linux has room for in a pipe: pipe(7) */

struct keys {
	struct source source;
	struct loop loop; /* in which the keys are all that comes */
	pthread_mutex_t lock;
	struct run *run; /* that Ctrl-A x ends; NULL: keys_init() was not called */
	int pipe[2];	 /* where they come out, and go in */
	bool ended;
	bool escape; /* the last key was Ctrl-A */
	bool left;   /* by Ctrl-A x */
	u64 lost;    /* that found no place in the pipe */
};

/*
 * Standard input is a terminal, raw, and does not block: its keys are to be read, from keys_start()
 * on, which starts the thread. Both: 0 or a negative errno.
 */
int keys_init(struct keys *keys, struct run *run);
int keys_start(struct keys *keys);

/* Also if it was not started. */
void keys_stop(struct keys *keys);

/*
 * For a source that reads fd, be it a terminal or not: wait for it. What is typed while we are in
 * the background is not for us: then look now and then whether the terminal is ours again.
 */
void input_wait(struct pollset *p, int fd);

/* And read(2), if something has come; *ended is set when nothing will any more. */
ssize_t input_read(struct pollset *p, int fd, u8 *bytes, size_t n, bool *ended);

#endif
