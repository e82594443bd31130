/* SPDX-License-Identifier: MIT */
/*
 * Reading what may be made to break its reader: in a process of its own, as another user where we
 * are root, with limits on all that it could use up. What it says is read as carefully as if the
 * student had written it.
 */
#ifndef MARKS_APART_H
#define MARKS_APART_H

#include "submission.h"

/* Read an archive. Returns 0 or a negative errno, when no process can be had. */
int apart_archive(struct submission *s, int fd);

/*
 * Read the last commit of a bare repository. git does what the repository's own settings say
 * (filters, helpers): so it runs in a sandbox, where there is nothing but that repository.
 */
int apart_git(struct submission *s, const char *path);

#endif
