/* SPDX-License-Identifier: MIT */
/*
 * What the documentation of each platform asks of what we write for it, as checks. report applies
 * them before it writes a file: what a platform would refuse never leaves this machine.
 */
#ifndef MARKS_RULES_H
#define MARKS_RULES_H

#include <jansson.h>

#include "types.h"

/*
 * Each returns 0, or -EINVAL with a line in why. Addresses of the documentation, read in 2026:
 *
 * https://gradescope-autograders.readthedocs.io/en/latest/specs/ : "Output format"
 */
int rules_gradescope(const json_t *results, char *why, size_t size);

/* https://prairielearn.readthedocs.io/en/latest/externalGrading/ : "Grading results" */
int rules_prairielearn(const json_t *results, char *why, size_t size);

/* https://docs.autolabproject.com/lab/ : "Writing Autograders". line: the last of the output. */
int rules_autolab(const char *line, char *why, size_t size);

/* https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax */
int rules_workflow(const char *text, char *why, size_t size);

#endif
