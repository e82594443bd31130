/* SPDX-License-Identifier: MIT */
/* Given: a guest that may be a Linux kernel, by whichever door. */
#ifndef LINUX_H
#define LINUX_H

#include "bzimage.h"
#include "machine.h"

/* Has it one of the two doors? All else is a guest of an earlier lab. */
bool linux_is_kernel(const struct image *image);

/*
 * Put the image into memory, what a kernel is told beside it, and the first CPU where it begins.
 * 0 or, with a line on stderr, the exit status.
 */
int linux_load(struct machine *m, const struct options *opt, const struct image *image,
	       struct handover *h);

#endif
