/* SPDX-License-Identifier: MIT */
/* Which system calls a process may make that has these parts (given); see confine.h. */
#ifndef CONFINE_LIST_H
#define CONFINE_LIST_H

#include "types.h"

#define CONFINE_OWN_PID (~0ull) /* as a value: getpid() */

/*
 * A call, with any arguments or only with those where (argument & mask) is value: for one, or for
 * two of them. A mask of 0: any.
 */
struct allowed {
	int call;	  /* SCMP_SYS() */
	const char *only; /* in words which arguments; NULL: any */
	struct argument {
		unsigned n;
		u64 mask, value;
		bool other; /* on the contrary: it is not value */
	} arg[2];
	int error; /* not allowed, but no reason to die: the call fails with this errno */
};

struct family {
	const char *name;
	unsigned part; /* of enum confine_part */
	const struct allowed *call;
	unsigned ncalls;
};

extern const struct family confine_families[];
extern const unsigned confine_nfamilies;

#endif
