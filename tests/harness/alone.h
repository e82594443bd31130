/* SPDX-License-Identifier: MIT */
/*
 * Work that leaves nothing behind, not even when it is killed itself: in a process namespace of its
 * own, where that can be had (as root, or with a user namespace), all its processes end with it.
 * Elsewhere the work runs in this process, and the end of each child is looked after by strays.h.
 */
#ifndef HARNESS_ALONE_H
#define HARNESS_ALONE_H

#include <stdbool.h>

/*
 * Also, what the caller has open is not for the programs that the work starts: no lock of ./lab's
 * is held by what one of them leaves.
 *
 * Returns what work(arg) returned (0 to 127), or 128 + the signal that ended it.
 */
int alone_run(int (*work)(void *arg), void *arg);

/* Can such a namespace be had here? For tests. */
bool alone_possible(void);

#endif
