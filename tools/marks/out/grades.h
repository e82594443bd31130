/* SPDX-License-Identifier: MIT */
/*
 * From records to a table of marks: one row a student and lab, the submission that counts, what
 * being late costs, and the course's total.
 */
#ifndef MARKS_GRADES_H
#define MARKS_GRADES_H

#include "conf.h"
#include "record.h"
#include "tasks.h"

struct grade {
	const struct record *record;
	unsigned attempts; /* how many submissions of this student there are */
	int late;	   /* hours */
	int final;	   /* in hundredths; -1: no mark */
};

/* One folder of results: what grade-all wrote for one lab. */
struct sheet {
	const char *out; /* the folder */
	unsigned lab;
	struct record *records;
	long nrecords;
	struct grade *grades; /* sorted by student */
	long ngrades;
	struct tasks tasks; /* the columns */
};

/*
 * When each submission came in: FILE with lines `id,2026-11-02T23:59:00+01:00`. A record's own
 * `submitted_at` is taken when the file has no line for it. NULL: no such file.
 */
struct times;
int times_read(struct times **to, const char *path, char *why, size_t size);
void times_free(struct times *t);

/* Read a folder's records and find the grades, not counting lateness yet. 0 or a negative errno. */
int sheet_read(struct sheet *s, const char *out, char *why, size_t size);
void sheet_free(struct sheet *s);

/* Choose each student's submission, and spend slip hours in the order of the deadlines. */
void sheets_count(struct sheet *s, unsigned n, const struct conf *c, const struct times *t);

/* OUT/grades.csv: lines end with one newline; the same bytes for the same records everywhere. */
int sheet_write_csv(const struct sheet *s);

/*
 * The whole course: id, a column a lab (the final mark in percent), and the total by weight. A lab
 * that a student has not handed in counts 0; one without a mark yet (state environment) leaves the
 * total empty.
 */
int course_write_csv(const struct sheet *s, unsigned n, const struct conf *c, const char *path);

/* 8150 is 81.5; returns buf. */
char *hundredths(char *buf, size_t size, int n);

#endif
