/* SPDX-License-Identifier: MIT */
/*
 * One record as others want to read it: the student, a CI system, a platform for teaching. What
 * comes from a submission goes through plain.h.
 */
#ifndef MARKS_VIEWS_H
#define MARKS_VIEWS_H

#include <stdio.h>

#include "record.h"

/* What an outcome or a state is called by people: "not yet", "does not compile". */
const char *outcome_words(const char *outcome);
const char *state_words(const struct record *r);

/* The tests of a task that are not passed, a few lines each, and what to do; nothing for a task
 * that is full. task "-": the tests without points. */
void task_words(FILE *f, const struct record *r, const char *task);

/* How to have the same numbers at home; nothing for a record without a seed. */
void seed_words(FILE *f, const struct record *r);

/* For the student: mark, tasks, what is not right yet, what the compiler said. */
void feedback_write(FILE *f, const struct record *r);

/*
 * JUnit XML as tools/marks/junit.xsd has it. A submission without a mark by its tests, such as one
 * that does not compile, is one test case with an <error>.
 */
void junit_write(FILE *f, const struct record *r);

/*
 * For platforms; each gives a new object, or NULL for a record without a mark (state environment):
 * there the platform shall see that grading has failed, and no 0 points.
 *
 * Gradescope's /autograder/results/results.json; a test case a task.
 * https://gradescope-autograders.readthedocs.io/en/latest/specs/
 */
json_t *gradescope_results(const struct record *r);

/* PrairieLearn's /grade/results/results.json. What does not compile is not gradable, and costs no
 * try. https://prairielearn.readthedocs.io/en/latest/externalGrading/ */
json_t *prairielearn_results(const struct record *r);

/* Autolab's last line: a problem a task, called as the task is.
 * https://docs.autolabproject.com/lab/ */
json_t *autolab_scores(const struct record *r);

#endif
