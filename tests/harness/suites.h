/* SPDX-License-Identifier: MIT */
/* The other side of suite_main.c: how the grader and the check use a suite's binary. */
#ifndef HARNESS_SUITES_H
#define HARNESS_SUITES_H

#include "results.h"

/* In a suite's environment: what each of its records begins with. (Of one that a person starts,
 * none does.) */
#define SUITE_SEAL "VMMLAB_SEAL"

struct suite_call {
	const char *path;
	const char *filter; /* NULL: all tests */
	const char *vmm;    /* NULL: the suite's own choice */
	double limit;	    /* seconds, by suite_limit(); 0: none */
	const char *no_kvm; /* reason to skip what needs /dev/kvm; NULL: run it */
	bool no_retry;
	/* Those that shall report, as suite_plan() has made them; NULL: whichever come. */
	struct test_result *planned;
	size_t nplanned;
	void (*on_result)(const struct test_result *r,
			  void *arg); /* as soon as each test is done */
	void *arg;
};

/*
 * Append to tests what the suite has (only path and filter of call are used), as results with the
 * outcome `error`: that is what a test is that never reports. Where there is a program PATH-plan,
 * it is asked: it has the same tests, and none of the code that they test. Returns 0 or a negative
 * errno, with one line in why.
 */
int suite_plan(const struct suite_call *call, struct results *tests, char *why, size_t size);

/* Seconds that are enough for these tests (NULL: of any task), however they end. */
double suite_limit(const struct test_result *tests, size_t n, const char *task);

/*
 * Run it. What comes replaces the planned result, but for what the test is called and what it is
 * worth, and that one is `told`; what comes of a test that is not planned or has told already is
 * ignored, which is said on standard error. If the suite ends well and some have not told, they
 * have crashed. An error means that the suite itself failed; failing tests are none.
 */
int suite_call(const struct suite_call *call, char *why, size_t size);

/*
 * For marks, somebody else judges afterwards whether this machine was well (tools/marks): then no
 * test's end voids the grade, and all together end in time, whatever the code under test does.
 * ends: on proc_now()'s clock; 0: no such limit.
 */
void suite_limit_until(struct suite_call *call, double ends);

/* suite_call() has failed: what has not told has failed, too. Returns 0. */
int suite_give_up(const struct suite_call *call, int ret, const char *why);

#endif
