/* SPDX-License-Identifier: MIT */
/*
 * What came of one test, and the canonical results file of a grading run.
 *
 * A suite hands each struct test_result on as one line of JSON; the grader collects them and is
 * the only writer of the results file. That file exists after every ending: it is written first
 * with status grader_error ("did not finish") and then again after each test, each time under a
 * temporary name that is renamed, so that a reader always finds a whole file.
 */
#ifndef HARNESS_RESULTS_H
#define HARNESS_RESULTS_H

#include <jansson.h>

#include "types.h"

#define RESULTS_SCHEMA "vmmlab-results/1"

enum test_outcome {
	T_PASS,
	T_FAIL,		   /* an assertion did not hold, or the test made none */
	T_CRASH,	   /* the test process ended before the test did */
	T_TIMEOUT,	   /* the wall-clock limit, twice */
	T_BLOCKED,	   /* not run: a task that it needs is not solved */
	T_SKIP,		   /* not run here, for the reason in note */
	T_NOT_IMPLEMENTED, /* failed, and a TODO() of its task or of one before it ran */
	T_ERROR,	   /* the tests themselves are at fault */
	T_OUTCOMES
};

/* Texts are printable ASCII; empty: not known. */
struct test_result {
	char id[96];   /* "2.5/out-reaches-console"; ungraded tests: the name alone */
	char task[8];  /* "2.5", or "-" */
	char name[80]; /* "out-reaches-console" */
	char suite[24];
	enum test_outcome outcome;
	int score, max_score;
	double duration, limit; /* seconds */
	bool flaky;		/* passed only at the second try; note says why */
	char context[240];	/* the sentence: what the guest ran */
	char expected[240], actual[240];
	char where[120];   /* tests/lab02/blackbox_io.c:41 */
	char note[240];	   /* the reason of a crash, skip, error or block */
	char place[160];   /* where it crashed or hung: "blk_request(), labs/05-virtio/blk.c:123" */
	char exits[400];   /* of the last run: "IO_OUT 8 HLT 1" */
	char last[1000];   /* last exits, oldest first: "IO_OUT port=0xe9 ...\nHLT ..." */
	char code[160];	   /* the instruction where the guest was */
	char todos[128];   /* tasks whose TODO() ran: "2.5 2.6" */
	char stub[120];	   /* of its own task the first: "exit_io() in labs/02-vcpu-run/io.c" */
	char seed[20];	   /* of the random numbers that the test drew; empty: none */
	char output[4000]; /* the end of what the test process and the VMM wrote to stderr */
	s64 counted, claimed; /* exits of its runs: by the kernel (exits.h), by their word */
	s64 asserts;	      /* expectations that it has looked at, whether they held or not */
	bool told;	      /* to whoever has planned the test: it has run and said all this */
};

const char *outcome_name(enum test_outcome outcome);

/* Does this outcome mean that something is wrong? (pass, skip and blocked do not) */
bool outcome_is_failure(enum test_outcome outcome);

/* A new object for the caller to decref. Bytes that are not ASCII become '?'. */
json_t *result_to_json(const struct test_result *r);

/* Members that are missing leave r as it is. Returns 0, or -EINVAL for something else than one. */
int result_from_json(struct test_result *r, const json_t *json);

/* Append the tasks named in TODO() lines of a text to r->todos, each once; find r->stub there. */
void result_scan_todos(struct test_result *r, const char *text);
void result_add_todo(struct test_result *r, const char *task);
bool result_has_todo(const struct test_result *r, const char *task);

/* --- the file --- */

enum results_status { R_PASS, R_FAIL, R_NOT_GRADABLE, R_ENVIRONMENT, R_GRADER_ERROR };

struct results {
	const char *path; /* NULL: keep no file */
	char lab[40];	  /* "02-vcpu-run" */
	const char *task; /* only this task was graded; NULL: all of the lab */
	enum results_status status;
	char message[400]; /* one line for people; empty when there is nothing to say */
	int max_score;
	const char *version; /* of the course; NULL: not known */
	const char *engine;  /* where /dev/kvm comes from: "native" */
	int build_status;
	char *build_log;       /* owned; NULL: none */
	const char *next_task; /* where to go on; NULL: nowhere */
	struct test_result *tests;
	size_t ntests;
};

/* The sum of the tests' scores. */
int results_score(const struct results *r);

/* Append a copy of t; returns it, or NULL without memory. */
struct test_result *results_add(struct results *r, const struct test_result *t);

/* Write the file (put_file.h). Returns 0 or a negative errno. */
int results_write(const struct results *r);

/* The same as JUnit XML, for the tools that read that. */
int results_write_junit(const struct results *r, const char *path);

void results_free(struct results *r);

#endif
