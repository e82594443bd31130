/* SPDX-License-Identifier: MIT */
/* What the compiler made of a student's file, as text: what can be seen there and not in the
 * object. */
#ifndef MARKS_ASSEMBLY_H
#define MARKS_ASSEMBLY_H

#include "words.h"

struct assembly {
	char refused[200]; /* why it may not be assembled; empty: it may */
	bool has_own;	   /* assembly that the student wrote, and the reference did not */
};

/*
 * A file FILE.s of gcc. known: lines between #APP and #NO_APP that are all right; with `collect`,
 * they are added to it instead. Returns 0 or a negative errno.
 */
int assembly_read(const char *path, struct words *known, bool collect, struct assembly *a);

/*
 * A file FILE.i: which file it includes that is none of the labs', the course's or the system's
 * headers; "" if none. Returns 0 or a negative errno.
 */
int included_elsewhere(const char *path, char *name, size_t size);

#endif
