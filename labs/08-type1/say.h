/* SPDX-License-Identifier: MIT */
/* What the hypervisor says, and what its guest prints: two voices on one serial line. */
#ifndef SAY_H
#define SAY_H

#include "types.h"

/*
 * A line of the hypervisor's own, on the standard error of ./lab run. It knows %s %c %u %d %x %p,
 * the lengths l and ll, and widths such as %08x.
 */
void print(const char *format, ...) PRINTF(1, 2);

/* What a guest has written to its console: on the standard output. */
void print_guest(const void *bytes, u64 len);

#endif
