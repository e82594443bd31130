/* SPDX-License-Identifier: MIT */
/* The files of submissions, as tokens: for telling who is alike. */
#ifndef MARKS_SOURCES_H
#define MARKS_SOURCES_H

#include "record.h"
#include "winnow.h"

#define SOURCE_BYTES_MAX KiB(256)
#define SOURCE_FILES_MAX 64

struct source_file {
	const char *path; /* as the record has it: labs/02-vcpu-run/vcpu.c */
	u64 exact, shape; /* of all its tokens */
	size_t ntokens;
};

struct source {
	const char *id;
	struct source_file file[SOURCE_FILES_MAX];
	unsigned nfiles;
	struct fingerprints prints; /* sorted, without the starter's */
};

/*
 * Read DIR/ID/PATH for each file that the record names. A path that leads elsewhere, a link, or
 * what is too large is passed over. With starter, a tree with the same paths: the runs of tokens
 * that are in there, or in any other file of the starter that the record names, are not this
 * student's.
 */
void source_read(struct source *s, const struct record *r, const char *dir, const char *starter);
void source_free(struct source *s);

/* The hashes of that file in a tree; false: it cannot be read. */
bool source_file_read(struct source_file *f, const char *tree, const char *path);

#endif
