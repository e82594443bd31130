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
	char without[400]; /* tasks whose tests need not run where guests do: their ids with commas
			    */
	json_t *killed;	   /* an object: its keys are the graded tests that some mutant made fail */
};

/*
 * In seconds: longer tests run where they are named, see grade(), and all on the day on which it is
 * the step's turn (tools/ledger.sh).
 */
double quick(void);

/* Count a step, and print its line. */
void verdict(struct prover *p, bool ok, const char *step, const char *fmt, ...) PRINTF(4, 5);

/* Run a line of shell. Returns its exit status; what it wrote on stderr is shown if that is bad. */
int shell(const char *fmt, ...) PRINTF(1, 2);

/*
 * Build a lab of the tree in dir (and what `make_args` say) and grade it there. Returns the
 * results, or NULL if it does not build or cannot be graded. The grade's own status says little
 * here: points may well be missing. Tests that take more than `longest` seconds are skipped, but
 * for those (or whole tasks) that `also` names. Where guests run in an emulated machine, only what
 * needs KVM is graded there, and if nothing does, no machine starts.
 */
json_t *grade(const struct prover *p, const char *dir, unsigned lab, const char *make_args,
	      double longest, const char *also, const char *grade_args);

/* The same for tests that no task has: only those that `names` lists, of both suites. */
json_t *run_ungraded(const struct prover *p, const char *dir, unsigned lab, const char *names);

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
