// SPDX-License-Identifier: MIT
#include "tied.h"

#include <glob.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static unsigned count;

void problem(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	count++;
}

size_t each_line(const char *pattern, line_fn *fn, void *arg)
{
	char line[1024];
	glob_t found;
	size_t n = 0;

	if (glob(pattern, GLOB_BRACE, NULL, &found))
		return 0;
	for (; n < found.gl_pathc; n++) {
		FILE *f = fopen(found.gl_pathv[n], "r");

		for (int i = 1; f && fgets(line, sizeof(line), f); i++) {
			line[strcspn(line, "\n")] = 0;
			fn(arg, found.gl_pathv[n], i, line);
		}
		if (f)
			fclose(f);
	}
	globfree(&found);
	return n;
}

unsigned problems(void)
{
	return count;
}

int by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}
