/* SPDX-License-Identifier: MIT */
/*
 * C source as tokens, for comparing: without comments, blanks and #include lines. No compiler: what
 * is no C gives tokens, too.
 */
#ifndef MARKS_TOKENS_H
#define MARKS_TOKENS_H

#include "types.h"

struct token {
	u32 shape; /* the same for all names, all numbers, all texts: renaming changes nothing */
	u32 exact;
	unsigned line;
};

struct tokens {
	struct token *token;
	size_t n;
};

/* Append those of a text, which may hold any bytes. */
void tokens_add(struct tokens *t, const char *text, size_t len);
void tokens_free(struct tokens *t);

/* One number for all of them, by their shape or exactly. */
u64 tokens_hash(const struct tokens *t, bool exact);

#endif
