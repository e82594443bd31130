/* SPDX-License-Identifier: MIT */
#ifndef DESCRIBE_H
#define DESCRIBE_H

#include <pthread.h>
#include <stdio.h>

/*
 * Who has something to say of a run that has ended badly: a device, of what it is waiting for. The
 * obituary asks them all, in the order in which they have signed up (describe_add()). Each prints
 * whole lines of at most 80 columns: two blanks, its name in DESCRIBE_NAME columns, and what there
 * is.
 *
 * It may be asked in a signal handler, of a device whose guest is hostile or whose code is half
 * done. So it changes nothing, takes no lock and no memory, believes no number, and reads guest
 * memory by memslot_read() only.
 */
#define DESCRIBERS_MAX 8
#define DESCRIBE_NAME  10

typedef void describe_fn(const void *ctx, FILE *to);

struct describers {
	pthread_mutex_t *lock; /* under which what they look at is changed; or NULL */
	unsigned count;
	struct describer {
		describe_fn *describe;
		const void *ctx; /* what it looks at: lives as long as the list */
	} one[DESCRIBERS_MAX];
};

/* 0, or -ENOSPC. */
int describe_add(struct describers *d, describe_fn *describe, const void *ctx);

/*
 * Ask all of them. With the lock, if it can be had within DESCRIBE_WAIT_MS; but who is asked since
 * nothing goes on any more may be the one who holds it, or wait for one who never lets go. Then
 * they look without: a number may be older than its neighbour, and they believe none.
 */
#define DESCRIBE_WAIT_MS 200
void describe_all(const struct describers *d, FILE *to);

#endif
