/* SPDX-License-Identifier: MIT */
/* A text as lines. */
#ifndef LINES_H
#define LINES_H

#include "types.h"

#define LINES_MAX 2000

struct lines {
	char *line[LINES_MAX];
	unsigned n;
};

/* Cut the text into its lines; what is too much is left out. */
void split(char *text, struct lines *to);

/* Where the columns of times begin in a line of --stats, or its end. */
size_t without_times(const char *line);

/*
 * Where a stretch of n lines is in the recording: the first place from `from` on that is like it
 * most; exactly there if it may not move. -1: nowhere.
 */
int find(char *const *stretch, unsigned n, const struct lines *want, unsigned from, bool moves);

/* words.c: does a sentence of that kind begin with this line? Does it quote anything? */
struct recording;
bool words_begin(const char *line);
bool words_quote(const struct lines *page, unsigned from);

/* Is it as recorded? If not, what is not. */
bool words_agree(const struct lines *page, unsigned from, const struct recording *rec, char *what,
		 size_t size);

#endif
