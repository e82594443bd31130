/* SPDX-License-Identifier: MIT */
/* A program's command line, put together word by word: as many as there are, each as long as it is.
 */
#ifndef MARKS_CALL_H
#define MARKS_CALL_H

#include "proc.h"
#include "types.h"

struct call {
	char **argv; /* ends with NULL; NULL: no word yet */
	unsigned n;
	bool failed; /* a word was lost for want of memory: it does not start */
};

/* One word. */
void call_add(struct call *c, const char *fmt, ...) PRINTF(2, 3);

/* Several, with one space between two. */
void call_add_words(struct call *c, const char *words);

/* proc_run() of all of them; -ENOMEM, and p empty, if one was lost. */
int call_run(const struct call *c, const struct proc_opts *opts, struct proc_result *p);

void call_free(struct call *c);

#endif
