/* SPDX-License-Identifier: MIT */
/*
 * Something did not build. Whose fault is that: the student's, the tests', or the machine's?
 *
 * The student's own objects and program are built first, so that what fails there is the student's
 * mistake, if it is not the machine's. When only the tests fail to build, both sides can be wrong:
 * a header that has changed or a function that is gone, or the tests' own code. Then
 * - in a tree that was handed out, the list .vmmlab-starter has a checksum of all that the tests
 * are made of. With the labs' headers as they were, code that does not compile is the tests'; with
 *   the tests as they were, it is the student's;
 * - elsewhere it is the student's if the first error names a file in labs/;
 * - what the linker misses is the student's when a header in labs/ declares it.
 */
#ifndef HARNESS_BLAME_H
#define HARNESS_BLAME_H

#include "results.h"

/* The first line of a build's log with an error of a compiler, linker or make; NULL: none. */
const char *blame_first_error(const char *log);

/* log: of make, in the language C. tests: it is the tests that do not build. */
enum results_status blame(const char *log, bool tests);

#endif
