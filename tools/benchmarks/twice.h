/* SPDX-License-Identifier: MIT */
/*
 * A guest does an operation n times. Two runs with different n have all else in common, so their
 * difference is what the operation costs: in exits to user space exactly, in time by the least wall
 * times.
 */
#ifndef TWICE_H
#define TWICE_H

#include "qemu.h"
#include "types.h"

struct way {
	const char *program; /* of a lab: "03-paging"; NULL: bare ioctls, tools/yardstick/bare.c */
	const char *guest;   /* "03/pte-storm"; it takes n as in guests/lib/times.inc */
	const char *options[3];		   /* up to a NULL */
	u32 most;			   /* n is never more */
	u32 upper;			   /* the nonce's upper half */
	const struct device_options *qemu; /* not NULL: on QEMU with KVM, with these devices */
};

struct run {
	double seconds;
	u64 exits;    /* to user space; only our VMM counts them */
	char out[96]; /* what the guest printed, or its beginning */
};

#define TWICE_FIRST 32 /* the n by which a length is looked for, and begins */

/* All return 0 or a negative errno, and then have said why on stderr. */
int run_times(const struct way *way, u32 n, struct run *run);
/* Once more; what the least of all runs was is in *least. */
int run_again(const struct way *way, u32 n, struct run *least);
/* How often, so that it takes so much longer than the first. */
int find_length(const struct way *way, double seconds, u32 *n);
int run_trouble(const struct way *way, const char *why);

/* "engine native, no VT-x or SVM below": where this is measured. Returns buf. */
char *measured_where(char *buf, size_t size);

#endif
