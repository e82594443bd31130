/* SPDX-License-Identifier: MIT */
/* How a suite (a binary full of TESTs) runs its tests. Test files include test.h, not this. */
#ifndef HARNESS_SUITE_H
#define HARNESS_SUITE_H

#include "nonce.h"
#include "results.h"
#include "test.h"

struct suite_opts {
	bool no_fork;		    /* all in this process, without limits: for a debugger */
	bool no_retry;		    /* a time-out counts at once */
	bool no_traps;		    /* skip what a debugger cannot follow */
	const char *no_kvm;	    /* why /dev/kvm is of no use: skip what needs it */
	const char *vmm;	    /* the program of black-box runs; NULL: the lab's */
	const char *keep;	    /* where a test's files stay; NULL: they are removed */
	int json_fd;		    /* where the grader reads; -1: nobody does */
	char seal[NONCE_SEAL_SIZE]; /* what it knows our records by; no test's process has this */
};

extern struct suite_opts suite_opts;

/* All registered tests as a list in order of file and line. */
struct test_case *test_list(void);

/* "2.5/out-reaches-console" and so on; what is known before the test runs. */
void test_describe(const struct test_case *test, struct test_result *r);

/* Wall-clock seconds that the test may take: max(2, 20 times the reference), scaled. */
double test_limit(const struct test_case *test);

bool test_needs_kvm(const struct test_case *test);

/* Is it not to run here, or now? Then r says why (T_SKIP). */
bool suite_leaves_out(const struct test_case *test, struct test_result *r);

/* Run one test, in a child process unless told otherwise, and judge it. */
void suite_run_test(const struct test_case *test, struct test_result *r);

/* --- inside the test's process (test.c) --- */

/*
 * Run the test under CUnit and fill r. Whenever something becomes known it is sent to fd as a line
 * of JSON (fd < 0: nowhere), so that a crash does not lose it. The last one, which decides, begins
 * with the seal: the code under test can find fd, but has not seen that before its time is over.
 */
void test_run_here(const struct test_case *test, struct test_result *r, int fd, const char *seal);

/* What such a process calls itself when it says where it crashed or hung (common/crash.h). */
#define TEST_PROCESS "test"

/* The record of the test under way, and its sending. */
struct test_result *test_record(void);
void test_send(bool end);

/* When the test's limit will be reached, on proc_now()'s clock. */
double test_deadline(void);

/* The sentence of a failure, as long as the test has not said a better one by CONTEXT(). */
void test_default_context(const char *text);

/* A black-box run is under way: it has the same deadline and deals with it itself. */
void test_set_running(bool running);

/* End the test as failed (record filled), or as timed out. */
void test_fail(struct here here) __attribute__((noreturn));
void test_timed_out(void) __attribute__((noreturn));

/* Count an assertion that held. */
void test_held(struct here here);

#endif
