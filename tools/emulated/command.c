// SPDX-License-Identifier: MIT
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "emulated.h"

void command_add(struct command *c, const char *fmt, ...)
{
	char *word = c->text + c->used;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(word, sizeof(c->text) - c->used, fmt, ap);
	va_end(ap);
	if (n < 0 || (unsigned)n >= sizeof(c->text) - c->used || c->n + 1 >= EMULATE_ARGS) {
		fprintf(stderr, "emulate: the command line is too long\n");
		exit(EXIT_FAILURE);
	}
	c->used += (unsigned)n + 1;
	c->argv[c->n++] = word;
	c->argv[c->n] = NULL;
}
