/* SPDX-License-Identifier: MIT */
/* The first failure, to be looked at: a page of --trace. */
#ifndef HARNESS_GRADE_TRACE_H
#define HARNESS_GRADE_TRACE_H

#include "results.h"

/* In the environment of a suite: each VMM that a test starts gets --trace= with this. */
#define TRACE_INTO "VMMLAB_TRACE"

/*
 * Run the first black-box test that has failed once more, and let its VMM write at its end what
 * happened: the page of its last run goes to path. What the test says this time does not count.
 * Returns the test, or NULL: none has failed, or there is no page.
 */
const struct test_result *grade_trace(const struct results *r, const char *blackbox,
				      const char *vmm, const char *path);

/* The same, and say where the page is. Nothing to do without a path. */
void grade_trace_show(const struct results *r, const char *blackbox, const char *vmm,
		      const char *path);

#endif
