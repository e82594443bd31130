/* SPDX-License-Identifier: MIT */
/*
 * What a child leaves behind when it ends: processes that left its group or its session, or were
 * forked twice. Their parent becomes this process, which is their subreaper, and kills them.
 */
#ifndef HARNESS_STRAYS_H
#define HARNESS_STRAYS_H

#include <sys/types.h>

#define STRAYS_KNOWN_MAX 64

struct strays {
	pid_t known[STRAYS_KNOWN_MAX]; /* children from before, which are somebody else's */
	size_t nknown;
};

/* Before the fork. Two processes that are started at once by two threads take each other's. */
void strays_expect(struct strays *s);

/*
 * After the child has been waited for: kill all that it left, until nothing is left. A process
 * that cannot be killed (it waits for a device) is given up after some seconds.
 */
void strays_kill(const struct strays *s);

#endif
