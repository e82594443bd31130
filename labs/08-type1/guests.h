/* SPDX-License-Identifier: MIT */
/* The guests of a run, in turn. */
#ifndef GUESTS_H
#define GUESTS_H

#include "start.h"
#include "hv.h"

#define GUESTS_MAX 2

/*
 * Run n guests with the image that boot has: each has memory and a tag of its own, and the next
 * one's turn comes with a tick of the host's timer, or when one has ended. Returns the highest of
 * their statuses: what a guest wrote to its port 0xf4, 0 if it halted, or one of these.
 */
enum { GUESTS_FAILED = 1, GUESTS_DIED = 3, GUESTS_TIMEOUT = 124 };
int guests_run(struct host *host, const struct hv *hv, const struct boot *boot, unsigned n);

#endif
