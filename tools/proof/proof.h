/* SPDX-License-Identifier: MIT */
/* What the ladder and the mutants share: trees that are built and graded. Uses tests/harness. */
#ifndef TOOLS_PROOF_H
#define TOOLS_PROOF_H

#include <jansson.h>
#include <limits.h>
#include <stdbool.h>

#include "tasks.h"
#include "types.h"

#define ALL  1e9
#define NONE (-1.0)

struct prover {
	const char *build;   /* absolute */
	const char *engine;  /* NULL: guests run here; or the emulated machine's name */
	char tree[PATH_MAX]; /* the repository */
	const struct tasks *tasks;
	unsigned passed, failed, repeated;
	json_t *plan;	/* the lab's tests, of both suites; NULL: not known */
	json_t *killed; /* an object: its keys are the graded tests that some mutant made fail */
};

/*
 * In seconds: longer tests run where they are named, see grade(), and all on the day on which it is
 * the step's turn (tools/ledger.sh).
 */
double quick(void);

/* Count a step, and print its line. */
void verdict(struct prover *p, bool ok, const char *step, const char *fmt, ...) PRINTF(4, 5);

/*
 * Run a line of shell. Returns its exit status; what it wrote on stderr is shown if that is bad.
 * After so many seconds it is ended: status 124.
 */
#define shell(...) shell_for(LIMIT_EACH, __VA_ARGS__)
int shell_for(unsigned seconds, const char *fmt, ...) PRINTF(2, 3);

#define LIMIT_EACH 600 /* for one build or one grading */

/* The tests of one tree: which of them, where, and what they say. */
struct graded {
	unsigned lab, number; /* below TOGETHER_MAX, another for each that waits at a time */
	const char *make_args;
	const char *
		suites; /* "unit", "blackbox": no test of the other will run, nor is it built; "" */
	double longest; /* tests that take longer are skipped, */
	const char *also;	/* but for those (or whole tasks) that this names */
	const char *grade_args; /* NULL: no grade, but the tests of both suites that no task has */
	char without[400]; /* tasks whose tests need not run where guests do: their ids with commas
			    */
	json_t *results;   /* NULL: it does not build, or cannot be graded */
};

#define TOGETHER_MAX 16

/*
 * Build the tree in dir, and run its tests here. The grade's own status says little: points may
 * well be missing. Where guests run in an emulated machine, only what needs no KVM runs here; if
 * anything is left, the tree's programs are kept for grade_there(). Then another can be built in
 * its place.
 */
void grade_here(const struct prover *p, const char *dir, struct graded *g);

/*
 * The rest of them, each with what it was built to, in one start of that machine: it takes two
 * seconds, and the tests of a mistake half of one. Does nothing where nothing is left.
 */
void grade_there(const struct prover *p, const char *dir, struct graded *const g[], unsigned n);

/* Build all of that lab, and list its tests. */
json_t *plan_of(const char *dir, unsigned lab);

/* Of one test's results. */
const char *text_of(json_t *test, const char *key); /* "" if it is not there */
bool is_outcome(json_t *test, const char *outcome);

/* Is it only not to run this time? */
bool is_left_out(json_t *test);

/*
 * What is not begun is not wrong: a student sees TODO or WAIT for it, and never FAIL. (But a stub
 * that does nothing, so that what comes before works, cannot say that it is one: 3.8.)
 */
bool is_wrong(json_t *test);

void prove_ladder(struct prover *p, const struct tasks *tasks);
/* All mutants of a lab, or those whose names the glob `only` fits. */
void prove_mutants(struct prover *p, const struct tasks *tasks, const char *only);

#endif
