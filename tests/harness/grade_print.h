/* SPDX-License-Identifier: MIT */
/* What the student reads after a grading run. */
#ifndef HARNESS_GRADE_PRINT_H
#define HARNESS_GRADE_PRINT_H

#include "results.h"
#include "tasks.h"

/* The score that the tests of one task have reached. */
int task_score(const struct results *r, const char *task);

/* The first test that fails, with points or without; NULL if none does. */
const struct test_result *grade_first_failure(const struct results *r);

/*
 * All that is not right, in order: the first failure in full (verbose: all), and with it where to
 * read on and the hint; the last line. next_lab: labs/NN-name, where to go on when all is done;
 * NULL: nowhere.
 */
void grade_print(const struct results *r, const struct tasks *t, const char *next_lab,
		 bool verbose);

/* The lines of a build log that name errors (the first few), then what that means. */
void grade_print_build(const struct results *r, const struct tasks *t);

#endif
