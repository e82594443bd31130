/* SPDX-License-Identifier: MIT */
/* labs/NN-name/hints/2.7.md: three hints, each more telling, split by lines that are just `---`. */
#ifndef HARNESS_HINTS_H
#define HARNESS_HINTS_H

#include "types.h"

#define HINT_LEVELS 3

struct hints {
	char path[400];
	char *text;		 /* of the file; the parts point into it */
	char *part[HINT_LEVELS]; /* without blank lines around them, each ends with a newline */
	unsigned count;		 /* how many parts the file has, also when that is not three */
};

/* dir: the lab's. Returns 0 or a negative errno; h->path is set in both cases. */
int hints_read(struct hints *h, const char *dir, const char *task);
void hints_free(struct hints *h);

#endif
