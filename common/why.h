/* SPDX-License-Identifier: MIT */
#ifndef WHY_H
#define WHY_H

#include "types.h"

/*
 * Error text for people. A set-up function that knows more than an errno says it here: what is
 * wrong, in words that fit behind "vmm: what: ". The caller at the top prints it.
 */
struct why {
	char text[240];
};

/* Write the reason and hand back err, mostly a negative errno: `return why_set(why, -EINVAL,
 * "...")`. */
int why_set(struct why *why, int err, const char *fmt, ...) PRINTF(3, 4);

/* Print `vmm: what: reason` on stderr. Returns 1, the status of "the VMM failed". */
int fail(const char *what, const char *reason);

/*
 * fail() for a task's function: err is its negative errno. -ENOSYS prints nothing if TODO() has
 * already said what to do; from a kernel that lacks a system call it is an error like others.
 */
int fail_errno(const char *what, int err);

/* fail_errno() for the KVM device at path: says what is wrong with it and what to do. */
int fail_kvm(const char *path, int err);

/* A wrong command line: prints `vmm: reason` and returns 2. */
int fail_usage(const char *reason);

#endif
