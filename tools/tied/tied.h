/* SPDX-License-Identifier: MIT */
/* What the parts of tools/ties.c share. */
#ifndef TOOLS_TIED_H
#define TOOLS_TIED_H

#include <stddef.h>

#include "types.h"

/* Say what is missing, and count it; how many there were. */
void problem(const char *fmt, ...) PRINTF(1, 2);
unsigned problems(void);

/*
 * Call fn for each line (without its newline) of each file that pattern finds. Returns how many
 * files.
 */
typedef void line_fn(void *arg, const char *path, int number, char *line);
size_t each_line(const char *pattern, line_fn *fn, void *arg);

/* For trees of names (tsearch). */
int by_name(const void *a, const void *b);

/* The tests that a table of what a specification demands names are there. */
void check_musts(void);

/*
 * So are those that the headers of a lab's mutants name: in the suites of that lab, and with a task
 * if the mutant has one. (./lab prove runs no others: it would find the name missing after an
 * hour.)
 */
void check_mutants(unsigned lab);

#endif
