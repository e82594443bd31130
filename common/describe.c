// SPDX-License-Identifier: MIT
#include "describe.h"

#include <errno.h>
#include <stdbool.h>
#include <time.h>

int describe_add(struct describers *d, describe_fn *describe, const void *ctx)
{
	if (d->count == DESCRIBERS_MAX)
		return -ENOSPC;
	d->one[d->count++] = (struct describer){ describe, ctx };
	return 0;
}

/* Tries again and again, and never waits: this thread may hold it already. */
static bool get_lock(pthread_mutex_t *lock)
{
	const struct timespec ms = { .tv_nsec = 1000000 };

	for (unsigned i = 0; i < DESCRIBE_WAIT_MS; i++) {
		if (!pthread_mutex_trylock(lock))
			return true;
		nanosleep(&ms, NULL);
	}
	return false;
}

void describe_all(const struct describers *d, FILE *to)
{
	bool locked = d->count && d->lock && get_lock(d->lock);

	for (unsigned i = 0; i < d->count; i++)
		d->one[i].describe(d->one[i].ctx, to);
	if (locked)
		pthread_mutex_unlock(d->lock);
}
