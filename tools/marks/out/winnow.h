/* SPDX-License-Identifier: MIT */
/*
 * Fingerprints of a text: of the hashes of all its runs of k tokens, the least in each window of w.
 * Two texts that have w + k - 1 tokens in common one after the other have a fingerprint in common,
 * and of what is shorter than k tokens there is none. S. Schleimer, D. Wilkerson, A. Aiken:
 * Winnowing: Local Algorithms for Document Fingerprinting. SIGMOD 2003.
 */
#ifndef MARKS_WINNOW_H
#define MARKS_WINNOW_H

#include "tokens.h"

#define WINNOW_K 16 /* two or three lines of C */
#define WINNOW_W 12

struct fingerprint {
	u64 hash;
	unsigned file, line; /* where its first token is; file is whatever the caller says */
};

struct fingerprints {
	struct fingerprint *f;
	size_t n, room;
};

/* Append those of one file. k = 1, w = 1: every token. */
void winnow(struct fingerprints *to, const struct tokens *t, unsigned file, size_t k, size_t w);

/* Sort by hash, and keep the first place of each. */
void fingerprints_sort(struct fingerprints *f);

/* Is it in a sorted set? */
const struct fingerprint *fingerprints_find(const struct fingerprints *f, u64 hash);

/* Of two sorted sets: take out of a what is in b. */
void fingerprints_subtract(struct fingerprints *a, const struct fingerprints *b);

void fingerprints_free(struct fingerprints *f);

#endif
