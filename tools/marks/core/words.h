/* SPDX-License-Identifier: MIT */
/* A set of lines. */
#ifndef MARKS_WORDS_H
#define MARKS_WORDS_H

#include "types.h"

struct words {
	char **item;
	size_t n, room;
	bool sorted;
};

void words_add(struct words *w, const char *text);
bool words_have(struct words *w, const char *text);
void words_free(struct words *w);

/* A line each. Return 0 or a negative errno. */
int words_read(struct words *w, const char *path);
int words_write(struct words *w, const char *path);

#endif
