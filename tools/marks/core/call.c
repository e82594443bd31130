// SPDX-License-Identifier: MIT
#include "call.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void call_add(struct call *c, const char *fmt, ...)
{
	char **argv = realloc(c->argv, (c->n + 2) * sizeof(*argv));
	va_list ap;

	if (!argv) {
		c->failed = true;
		return;
	}
	c->argv = argv;
	va_start(ap, fmt);
	if (vasprintf(&argv[c->n], fmt, ap) < 0)
		c->failed = true;
	else
		c->n++;
	va_end(ap);
	argv[c->n] = NULL;
}

void call_add_words(struct call *c, const char *words)
{
	for (size_t n; *words; words += n + (words[n] == ' ')) {
		n = strcspn(words, " ");
		call_add(c, "%.*s", (int)n, words);
	}
}

int call_run(const struct call *c, const struct proc_opts *opts, struct proc_result *p)
{
	*p = (struct proc_result){ 0 };
	return c->failed || !c->n ? -ENOMEM : proc_run(c->argv, opts, p);
}

void call_free(struct call *c)
{
	while (c->n)
		free(c->argv[--c->n]);
	free(c->argv);
	*c = (struct call){ 0 };
}
