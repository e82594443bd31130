/* SPDX-License-Identifier: MIT */
/*
 * How far a grading run is, on stderr: at a terminal one line that is written over and over,
 * elsewhere (a pipe, a log) a line for each task when it is done, unless it is the only one.
 * VMMLAB_PROGRESS: stderr leads to a terminal that is not ours, out of an emulated machine.
 */
#ifndef HARNESS_PROGRESS_H
#define HARNESS_PROGRESS_H

#include "types.h"

struct progress {
	size_t done, all; /* tests; those that are not run are done as soon as this is known */
	double begin;	  /* proc_now() */
	bool one;	  /* there is only one task */
};

void progress_begin(struct progress *p, size_t all, bool one);

/* This task's tests begin, or one of them is done. */
void progress_show(const struct progress *p, const char *task);

/* They are over; what the terminal shows is gone. */
void progress_end(const struct progress *p, const char *task);

#endif
