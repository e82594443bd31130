/* SPDX-License-Identifier: MIT */
/* Results for people: at most 12 lines of at most 100 columns for a failing test. */
#ifndef HARNESS_PRINT_H
#define HARNESS_PRINT_H

#include <stdio.h>

#include "results.h"

/*
 * All there is to say of one test. title: the task's, for where to read on (NULL for tests that
 * are not graded). verbose adds where the test stands.
 */
void print_block(FILE *f, const struct test_result *r, const char *title, bool verbose);

/* The test in one line: outcome, name, score, and the shortest reason. */
void print_line(FILE *f, const struct test_result *r);

/* One line in that same form, for other things than a test; note may be NULL. */
void print_head(FILE *f, const char *word, const char *task, const char *name, int score, int max,
		const char *note);

/* Where to read on about a task, and how to ask for a hint. */
void print_read_on(FILE *f, const char *task, const char *title);

/* printf of one line, cut to 100 columns, what is not printable shown as '?'; ends the line. */
void print_clipped(FILE *f, const char *fmt, ...) PRINTF(2, 3);

#endif
