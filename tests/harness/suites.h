/* SPDX-License-Identifier: MIT */
/* The other side of suite_main.c: how the grader and the check use a suite's binary. */
#ifndef HARNESS_SUITES_H
#define HARNESS_SUITES_H

#include "results.h"

struct suite_call {
	const char *path;
	const char *filter; /* NULL: all tests */
	const char *vmm;    /* NULL: the suite's own choice */
	double limit;	    /* seconds, by suite_limit(); 0: none */
	const char *no_kvm; /* reason to skip what needs /dev/kvm; NULL: run it */
	bool no_retry;
	void (*on_result)(const struct test_result *r,
			  void *arg); /* as soon as each test is done */
	void *arg;
};

/*
 * Append to tests what the suite has (only path and filter of call are used), as results with the
 * outcome `error`: that is what a test is that never reports. Returns 0 or a negative errno, with
 * one line in why.
 */
int suite_plan(const struct suite_call *call, struct results *tests, char *why, size_t size);

/* Seconds that are enough for these tests (NULL: of any task), however they end. */
double suite_limit(const struct test_result *tests, size_t n, const char *task);

/* Run it. An error means that the suite itself failed; failing tests are none. */
int suite_call(const struct suite_call *call, char *why, size_t size);

#endif
