// SPDX-License-Identifier: MIT
#include "progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "proc.h"

static bool is_terminal(void)
{
	return isatty(STDERR_FILENO) || getenv("VMMLAB_PROGRESS");
}

static void print(const struct progress *p, const char *before, const char *task, const char *after)
{
	fprintf(stderr, "%s %s: %zu of %zu tests, %.0f s%s", before, task, p->done, p->all,
		proc_now() - p->begin, after);
}

void progress_begin(struct progress *p, size_t all, bool one)
{
	*p = (struct progress){ .all = all, .begin = proc_now(), .one = one };
}

void progress_show(const struct progress *p, const char *task)
{
	if (is_terminal())
		print(p, "\r\033[Ktesting", task, " ...");
}

void progress_end(const struct progress *p, const char *task)
{
	if (is_terminal())
		fputs("\r\033[K", stderr);
	else if (!p->one)
		print(p, "tested", task, "\n");
}
