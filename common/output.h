/* SPDX-License-Identifier: MIT */
#ifndef OUTPUT_H
#define OUTPUT_H

#include <stdio.h>

/*
 * A file that the user has asked for. It is opened before the run, since nobody wants to hear of a
 * wrong path when the run is over; and it stays open to the end. What it held before is replaced
 * when something is written, not earlier.
 */
struct output {
	const char *path; /* NULL: nobody has asked */
	FILE *file;
};

struct options;

/* Open those of the command line, and what --walk reads at the end. 0; or with a line on stderr 1,
 * the exit status. */
int outputs_open(struct options *opt);

/* What has been written is there. 0; or with a line on stderr 1. */
int output_done(const struct output *output);

#endif
