/* SPDX-License-Identifier: MIT */
/*
 * A program that works on what a student has written (a compiler, a linker, git) and can reach
 * nothing else: no network, no other process, no file but the system's own programs and libraries
 * and one directory, limits on time, memory and output.
 */
#ifndef MARKS_JAIL_H
#define MARKS_JAIL_H

#include "proc.h"
#include "types.h"

/*
 * The user that it runs as where we are root: nobody, who has no directory; else by that, so that
 * what one starts takes no process from what another may have at the same time.
 */
#define JAIL_UID 65534
unsigned jail_uid(const char *dir);

enum sandbox {
	SANDBOX_BWRAP, /* bubblewrap: namespaces */
	SANDBOX_USER,  /* as root only: as another user, who sees what all may see */
	SANDBOX_NONE,  /* as we are: for a machine that is thrown away afterwards */
};

struct jail {
	enum sandbox kind;
	const char *dir; /* where it may write and begins (/course inside); NULL: nowhere */
	const char
		*input; /* what it may read, /input inside (with bubblewrap only); NULL: nothing */
	double limit;	/* seconds */
	size_t max_output; /* bytes of each stream that are kept */
};

/* Returns 0 when it was started, however it ended, or a negative errno (-E2BIG: more words than a
 * sandbox takes). proc_free() p in both cases. */
int jail_run(const struct jail *jail, char *const argv[], struct proc_result *p);

/*
 * Can such a one be had here? Returns 0, or a negative errno with one line in why: what is missing,
 * and what to do. hidden: a file that must not be seen from inside.
 */
int jail_possible(enum sandbox kind, const char *hidden, char *why, size_t size);

#endif
