/* SPDX-License-Identifier: MIT */
/* What the two programs behind ./lab grade share: which lab, where the results go, how it ended. */
#ifndef HARNESS_GRADING_H
#define HARNESS_GRADING_H

#include "results.h"
#include "tasks.h"

/* Exit statuses. Only the first two are marks. */
enum {
	GRADE_FULL,
	GRADE_MISSING,
	GRADE_NOT_GRADABLE, /* the code does not compile */
	GRADE_ENVIRONMENT,  /* this machine cannot do it */
	GRADE_FAULT,	    /* the tests themselves are at fault */
	GRADE_USAGE = 64
};

struct grading {
	const char *lab, *task;		  /* as on the command line; NULL: not given */
	const char *results_path, *junit; /* likewise */
	struct tasks tasks;
	struct results results;
};

/*
 * Load the lab's table, find the task, and choose where the results go: results_path, else
 * BUILD/results/labNN[-TASK].json. Returns 0 or GRADE_USAGE, and has said why.
 */
int grading_choose(struct grading *g, const char *program);

/* A build's log or, of a long one, the first part, owned by the caller; NULL when there is none. */
char *grading_read_log(const char *path);

/*
 * Does the table give each task what its planned tests are worth, or more? A task never counts more
 * than that. Returns 0, or -EINVAL with one line in why.
 */
int grading_check_points(const struct grading *g, const struct results plan[2], char *why,
			 size_t size);

/*
 * From now on, whatever kills this process, the results say that the grader did not finish. Returns
 * 0 or GRADE_ENVIRONMENT, and has said why.
 */
int grading_begin(struct grading *g, const char *program);

/*
 * What alone_run() returned: how grade ends. If a signal ended the work, this says so, and the
 * results do, whatever stands there by now.
 */
int grading_over(struct grading *g, const char *program, int ret);

/* Write down how it ended. Returns the exit status for that, or GRADE_ENVIRONMENT, having said why.
 */
int grading_end(struct grading *g, const char *program, enum results_status status);

#endif
