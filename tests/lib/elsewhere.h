/* SPDX-License-Identifier: MIT */
/*
 * Running a program where guests run: here, or in an emulated machine by build/tools/box/box, which
 * takes files there and back (tools/box).
 */
#ifndef HARNESS_ELSEWHERE_H
#define HARNESS_ELSEWHERE_H

#include <limits.h>

#include "types.h"

#define ELSEWHERE_ARGS 8 /* so many does elsewhere_argv() write at most */

struct elsewhere {
	const char *engine; /* "native": here; or svm, svm-shadow, vmx */
	const char *build;  /* where the box is built */
	char text[5][PATH_MAX + 16];
};

bool elsewhere_is_here(const struct elsewhere *e);

/*
 * Begin a command line with the program. Elsewhere, files go with it: those of put there (its own
 * is taken by itself), those of get back; NULL or "": none. Returns how many arguments it wrote;
 * they point into e and to what was given.
 */
unsigned elsewhere_argv(struct elsewhere *e, char **argv, const char *program,
			const char *const put[2], const char *const get[2]);

#endif
