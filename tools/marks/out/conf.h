/* SPDX-License-Identifier: MIT */
/*
 * course.conf: what a course makes of its marks. A line each, "KEY: words"; # starts a comment.
 *
 *	course: Hypervisors, winter 2026
 *	keep: best			of several submissions of a student; or last (the default)
 *	slip: 48			hours late that cost nothing, in the whole course
 *	penalty: 10 percent each 24 hours
 *					of what was reached, for each that has begun
 *	late-at-most: 168		hours; what comes later counts 0
 *	lab: 02 weight 20 due 2026-11-02T23:59:00+01:00
 *	extension: ann 02 72		hours more, for one student in one lab
 */
#ifndef MARKS_CONF_H
#define MARKS_CONF_H

#include <time.h>

#include "types.h"

#define CONF_LABS_MAX	    20
#define CONF_EXTENSIONS_MAX 1000

struct conf_lab {
	unsigned lab;
	int weight;
	time_t due; /* 0: never late */
};

struct conf_extension {
	char student[200];
	unsigned lab;
	int hours;
};

struct conf {
	char course[200];
	bool best;	   /* else the last */
	int slip;	   /* hours */
	int percent, each; /* percent for each so many hours; 0: none */
	bool has_most;	   /* there is a limit to being late */
	int late_at_most;  /* hours */
	struct conf_lab lab[CONF_LABS_MAX];
	unsigned labs;
	struct conf_extension extension[CONF_EXTENSIONS_MAX];
	unsigned extensions;
};

/* Read it. Returns 0 or a negative errno, with one line in why: "course.conf:3: ...". */
int conf_read(struct conf *c, const char *path, char *why, size_t size);

/* The first line of a file, without the byte order mark that some editors put before it. */
void conf_skip_mark(char *line);

/* NULL when the course does not say anything of this lab. */
const struct conf_lab *conf_lab(const struct conf *c, unsigned lab);

/* 2026-11-02T23:59:00+01:00, or with Z; seconds may be missing. Returns 0 or -EINVAL. */
int conf_time(const char *text, time_t *to);

/* The hours, each that has begun, between a student's deadline and that time; 0: in time. */
int conf_late(const struct conf *c, const char *student, unsigned lab, time_t submitted);

/*
 * What is left of a score, in hundredths of a point, when it is so many hours late. *slip is what
 * the student has left of the hours that cost nothing; what is used of it goes off.
 */
int conf_final(const struct conf *c, int score, int late, int *slip);

#endif
