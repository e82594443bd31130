// SPDX-License-Identifier: MIT
/* What everything else here uses: a word to the user, and lists of strings. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "box.h"

int complain(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("box: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	return -1;
}

void progress(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("box: ", stderr);
	vfprintf(stderr, format, args);
	fputs(" ...\n", stderr);
	va_end(args);
}

void strings_add(struct strings *s, const char *text)
{
	char **grown = realloc(s->item, (s->count + 2) * sizeof(*grown));

	if (!grown || !(grown[s->count] = strdup(text)))
		abort(); /* a few bytes: there is no going on without */
	s->item = grown;
	s->item[++s->count] = NULL;
}

bool strings_have(const struct strings *s, const char *text)
{
	for (size_t i = 0; i < s->count; i++) {
		if (!strcmp(s->item[i], text))
			return true;
	}
	return false;
}
