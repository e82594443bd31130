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

/* When a submission came in. */
struct hand_in {
	char id[200];
	time_t when;
};

/* One folder of results: what grade-all wrote for one lab. */
struct sheet {
	const char *out; /* the folder */
	unsigned lab;
	struct record *records;
	long nrecords;
	struct grade *grades; /* sorted by student */
	long ngrades;
	struct hand_in *hand_in; /* what times.csv says */
	size_t nhand_in;
	struct tasks tasks; /* the columns */
};

/*
 * Read a folder's records, and OUT/times.csv, if that is there: when each submission came in, a
 * line `id,2026-11-02T23:59:00+01:00` each. (For one without a line, its record's own
 * `submitted_at`; without that, it is in time.) 0 or a negative errno, with a line in why.
 */
int sheet_read(struct sheet *s, const char *out, char *why, size_t size);
void sheet_free(struct sheet *s);

/* Choose each student's submission, and spend slip hours in the order of the deadlines. */
void sheets_count(struct sheet *s, unsigned n, const struct conf *c);

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
