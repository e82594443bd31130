/* SPDX-License-Identifier: MIT */
/*
 * One submission's way to its mark. main_grade_one.c calls the steps in their order; each either
 * leaves `state` as it is, and the next one follows, or settles it.
 *
 * The course, a directory that ./lab prepares (tools/marking.sh), holds
 *	compile/	what a compiler needs to see: headers, Makefile; no test
 *	tree/		a starter, with all built that is not the student's
 *	reference/	the solved files, as a submission
 *	fingerprint	what all this was made of, one line
 *	imports, asm	what the reference's objects and their assembly hold
 *	reference-ENGINE.json	how the reference was graded there
 */
#ifndef MARKS_MARK_H
#define MARKS_MARK_H

#include <jansson.h>
#include <limits.h>

#include "jail.h"
#include "submission.h"
#include "tasks.h"

enum mark_state {
	MARK_UNDER_WAY,
	MARK_GRADED,
	MARK_DOES_NOT_COMPILE,
	MARK_NOT_GRADABLE, /* something is missing, or odd */
	MARK_REFUSED,	   /* the code would not only do what is tested */
	MARK_KILLED,	   /* the grader did not come to its end, but the reference does */
	MARK_ENVIRONMENT,  /* the reference does not, either */
};

struct mark {
	/* As asked for. */
	unsigned lab;
	const char *list; /* only queue what is in `in` */
	const char *in, *out, *course, *engine, *box, *secret;
	enum sandbox sandbox;
	bool is_reference, again, only_compile;
	bool alone;   /* nothing else runs now: only if a time limit has cost points */
	double limit; /* seconds for all tests together; 0: by what the reference took */

	struct tasks tasks;
	struct wanted wanted;
	struct submission submission;
	char id[ID_MAX], key[SHA256_TEXT], seed[SHA256_TEXT], fingerprint[200];
	char work[PATH_MAX]; /* ours alone, removed at the end */
	json_t *reference;   /* its record on this engine; NULL when there is none yet */
	json_t *earlier;     /* this submission's, when it is graded once more, alone */

	/* What comes of it. */
	enum mark_state state;
	char reason[300];
	json_t *flags;	   /* texts for the column "look at" */
	bool has_todo;	   /* an object of it calls TODO()'s function */
	char *compile_log; /* NULL: nothing was said */
	json_t *results;   /* the grader's; NULL: it had no say */
	json_t *tests;	   /* as they stand in the record */
	int score;
	long long counted, counted_wanted; /* exits */
	double compile_seconds, run_seconds;
};

const char *mark_state_name(enum mark_state state);

/* Settle it: the state and one line why. The first word stands. */
void mark_settle(struct mark *m, enum mark_state state, const char *fmt, ...) PRINTF(3, 4);

/* A thing that a person should look at. */
void mark_flag(struct mark *m, const char *fmt, ...) PRINTF(2, 3);

/* m->work/NAME, good until the eighth next call: for use at once. */
const char *mark_path(const struct mark *m, const char *name);

/* mark_queue.c: for each submission in a folder a file QUEUE/ID that holds its path. 0 or a
 * negative errno. */
int queue_all(const char *folder, const char *queue);

/* A directory of ours, and its removal. 0 or a negative errno. */
int mark_begin_work(struct mark *m);
void mark_end_work(struct mark *m);

/* mark_take.c: read the submission; key and seed. Returns 0, or an errno that is nobody's fault. */
int mark_take(struct mark *m);

/* mark_compile.c: the student's files, where nothing is to be seen but headers; later, program and
 * suites. */
void mark_compile(struct mark *m);
void mark_link(struct mark *m);

/* mark_vet.c: what the compiler made of them; what linking made of it (tools/linked.sh). */
void mark_vet(struct mark *m);
void mark_vet_linked(struct mark *m);

/* mark_run.c: the grader and its suites, with the student's program. */
void mark_run(struct mark *m);

/* mark_judge.c: what the grader's results are worth. */
void mark_judge(struct mark *m);

/*
 * Does the reference have full marks in this very sandbox, now, or does it at least become a
 * program there? It is asked when somebody must be blamed.
 */
bool mark_reference_is_well(struct mark *m, bool only_compile);

/* mark_record.c: OUT/submissions/ID.json. (If there is an earlier one that is better, that stays.)
 */
int mark_write(struct mark *m);
/* Is there one by this key, which stands? Else whatever lies there is removed. */
bool mark_is_there(struct mark *m);
/*
 * That one, if the load of the machine may have cost points: a few of its tests ran into their time
 * limits, and it has not been graded alone yet. NULL: there is no reason.
 */
json_t *mark_limited(const struct mark *m);

#endif
