/* SPDX-License-Identifier: MIT */
/* Which submissions have code in common, which nobody gave them. It tells where to look, and no
 * more. */
#ifndef MARKS_ALIKE_H
#define MARKS_ALIKE_H

#include <stdio.h>

#include "sources.h"

#define ALIKE_SHARED_MIN 5  /* fingerprints: below, chance is enough */
#define ALIKE_TOKENS_MIN 60 /* a shorter file is the same by itself */

/*
 * A fingerprint that more submissions than this have is the task's and no sign of anything: ten, or
 * a quarter of them, whichever is more.
 */
size_t alike_common(size_t submissions);

struct pair {
	unsigned a, b;
	size_t shared;
	unsigned percent; /* of the smaller one's fingerprints */
};

/*
 * All pairs that share at least so many percent, the most alike first (then in order of the
 * submissions). The caller frees them. How many.
 */
size_t alike_pairs(const struct source *s, size_t n, unsigned percent, struct pair **to);

/* similar.csv: percent, both ids, what is shared, and where: the file with most of it and its
 * lines. */
void alike_write(FILE *f, const struct source *s, const struct pair *pairs, size_t n);

/*
 * identical.csv: files that are another's token by token, or but for names, numbers and texts. The
 * other is `reference`, if reference (a solved tree) is given and has it so, or the first of the
 * submissions. What is as the starter has it does not count.
 */
void identical_write(FILE *f, const struct source *s, size_t n, const char *reference,
		     const char *starter);

#endif
