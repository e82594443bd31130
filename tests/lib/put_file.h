/* SPDX-License-Identifier: MIT */
/* Files that are written for somebody else to read, at a path that the user named. */
#ifndef HARNESS_PUT_FILE_H
#define HARNESS_PUT_FILE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Make the file at path hold these bytes. A regular file, or what a symbolic link leads to, is
 * replaced as a whole, so that nobody ever reads a part of it; where its directory does not allow
 * that it is overwritten. A device, a pipe or a terminal is written to, and stays what it is.
 * Returns 0 or a negative errno.
 */
int put_file(const char *path, const void *data, size_t size);

/* Is there something else than a regular file: something that is told a thing only once? */
bool put_file_is_stream(const char *path);

#endif
