/* SPDX-License-Identifier: MIT */
/* Results for people: as wide as the terminal (elsewhere 100 columns). */
#ifndef HARNESS_PRINT_H
#define HARNESS_PRINT_H

#include <stdio.h>

#include "results.h"

/* VMMLAB_COLUMNS (from outside an emulated machine); or those of the terminal; or 100. At least 60.
 */
size_t print_columns(void);

/*
 * All there is to say of one test; what does not fit on a line goes on in the next, whole; how to
 * run it again, on the same random numbers. title: the task's, for where to read on (NULL: that is
 * left out). verbose adds where the test stands.
 */
void print_block(FILE *f, const struct test_result *r, const char *title, bool verbose);

/* The test in one line: outcome, name, score, and the shortest reason. */
void print_line(FILE *f, const struct test_result *r);

/* One line in that same form, for other things than a test; note may be NULL. */
void print_head(FILE *f, const char *word, const char *task, const char *name, int score, int max,
		const char *note);

/* Where to read on about a task, and how to ask for a hint. */
void print_read_on(FILE *f, const char *task, const char *title);

/* printf of one line, cut to print_columns(), what is not printable shown as '?'; ends the line. */
void print_clipped(FILE *f, const char *fmt, ...) PRINTF(2, 3);

/* A line that the compiler has said: an error or a warning whole; the source that it shows is cut.
 */
void print_compiler(FILE *f, const char *line);

#endif
