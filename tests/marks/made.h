/* SPDX-License-Identifier: MIT */
/* Records made up for the tests of what is made of records. */
#ifndef MARKS_MADE_H
#define MARKS_MADE_H

#include "../../tools/marks/out/record.h"
#include "../../tools/marks/out/views.h"
#include "../harness-self/self.h"

/* What a record says; what is left out is as of a graded one with full marks. */
struct made {
	const char *state, *reason, *submitted;
	int t1, t2;	     /* points of 2.1 (of 10) and of 2.2 (of 20) less than all of them */
	const char *outcome; /* of the test 2.2/two, which passes otherwise */
	const char *code;    /* the hash of its file */
	const char *note;    /* of that test */
};

/* Lab 2 has tasks 2.1 (10 points), 2.2 (20), 2.3 (30), 2.4 (40), as self_tree() has it; the record
 * has the first two, with a test each. A new reference. */
json_t *made_json(const char *id, struct made m);

/* The same as a record, for the length of a test. */
struct record made_record(const char *id, struct made m);

/* Write OUT/submissions/ID.json; folders that are missing are made. */
void made_file(const char *out, const char *id, struct made m);
void made_text(const char *out, const char *id, const char *json);

/* What a view writes. */
char *made_view(void (*view)(FILE *f, const struct record *r), const struct record *r);

/* Run a program of tools/marks with up to five arguments. */
struct proc_result made_run(const char *program, const char *const args[5]);

#endif
