/* SPDX-License-Identifier: MIT */
#ifndef SAID_H
#define SAID_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static inline void said_end(int status, void *name)
{
	const char *why = fflush(stdout)   ? strerror(errno)
			  : ferror(stdout) ? "not all could be written"
					   : NULL;

	if (!why)
		return;
	fprintf(stderr, "%s: standard output: %s\n", (const char *)name, why);
	_exit(status ? status : 1);
}

/* First in main(): a program whose words do not arrive (disk full) says so, and does not end with
 * 0. */
static inline void said_or_fail(const char *name)
{
	on_exit(said_end, (void *)name);
}

#endif
