/* SPDX-License-Identifier: MIT */
/*
 * What came of one submission: OUT/submissions/ID.json. The grader writes it; here it is read, and
 * nothing in it is believed that could be checked.
 */
#ifndef MARKS_RECORD_H
#define MARKS_RECORD_H

#include <jansson.h>

#include "types.h"

#define RECORD_FORMAT	 1
#define RECORD_BYTES_MAX MiB(4)
#define RECORD_TASKS_MAX 64
#define RECORD_TESTS_MAX 2000

struct record {
	json_t *json;
	char id[200];	   /* of the submission: the file's name without .json */
	char student[200]; /* the same without --2, which is the second try of the same student */
	unsigned attempt;  /* 1 and up */
	unsigned lab;
	int score, max;	 /* score: -1 when there is no mark */
	char doubt[200]; /* what contradicts itself in it; empty: nothing */
};

/*
 * Read one. A mark that is not the sum of its tasks, or a task above its points, gives a doubt, and
 * what the lesser number says. Returns 0 or a negative errno, with a line in why: -EINVAL is
 * something else than a record, -EFBIG too large. The caller passes it to record_free() after
 * success.
 */
int record_read(struct record *r, const char *path, char *why, size_t size);
void record_free(struct record *r);

/* The same for a record that somebody has parsed already; the reference to json is the record's. */
int record_from_json(struct record *r, const char *id, json_t *json, char *why, size_t size);

/*
 * All of a directory OUT/submissions, in order of their names. One that cannot be read is a record
 * in state `environment`, with the reason, so that nobody is forgotten. Returns how many, or a
 * negative errno.
 */
long records_read(const char *dir, struct record **to);
void records_free(struct record *r, long n);

/* A text or a number in an object; "" or 0 when it is missing, or something else. */
const char *text_in(const json_t *object, const char *key);
int number_in(const json_t *object, const char *key);

/* The arrays of a record: tasks, tests, flags, files. NULL, which is empty, when missing. */
const json_t *record_list(const struct record *r, const char *key);

const char *record_state(const struct record *r);
bool record_is(const struct record *r, const char *state);

/* The points of a task, at most its maximum; -1: the record has none for it. */
int record_task_score(const struct record *r, const char *task);

#endif
