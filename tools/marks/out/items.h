/* SPDX-License-Identifier: MIT */
/*
 * What a class says about the tests: how many pass each, whether it tells good work from less good
 * work, and which of them do not always say the same.
 */
#ifndef MARKS_ITEMS_H
#define MARKS_ITEMS_H

#include <stdio.h>

#include "record.h"

/* One test over all graded submissions. */
struct item {
	char suite[40], id[120], task[16];
	int max;
	unsigned n, pass, timeouts, blocked; /* blocked: never run, or skipped */
	unsigned best, worst;		     /* passed in the best and in the worst quarter */
	unsigned second_try, differs;	     /* flaky: see items_flaky() */
	char example[420];
};

struct items {
	struct item *item;
	size_t n;
	unsigned graded, quarter; /* submissions; how many are a quarter (0: fewer than four) */
};

/*
 * Count. The quarters are by score, and by id where scores are equal. Tests in the order in which
 * they are met. The caller frees them.
 */
void items_count(struct items *to, const struct record *r, long n);

/*
 * Mark those that passed at their second try only, and those with two outcomes for the same code:
 * the same files by their hashes, in this folder or in the others (the same submissions graded
 * again).
 */
void items_flaky(struct items *items, const struct record *r, long n);
void items_free(struct items *items);

/* items.csv: rates are between 0 and 1; discrimination is the best quarter's minus the worst's. */
void items_write(FILE *f, const struct items *items);

/* flaky.csv: only those with something to say. */
void items_write_flaky(FILE *f, const struct items *items);

/* What to think of a test; "" when there is nothing to think about. */
const char *item_remark(const struct item *item, unsigned quarter);

/* summary.txt: how many of which state, the scores, each task. */
void summary_write(FILE *f, const struct record *r, long n);

#endif
