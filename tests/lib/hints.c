// SPDX-License-Identifier: MIT
#include "hints.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "show.h"

#define HINTS_FILE_MAX 65536

static void add_part(struct hints *h, char *from, char *end)
{
	while (from < end && *from == '\n')
		from++;
	while (end > from + 1 && end[-1] == '\n' && end[-2] == '\n')
		end--;
	*end = 0;
	if (h->count < HINT_LEVELS)
		h->part[h->count] = from;
	h->count++;
}

static void split(struct hints *h)
{
	char *from = h->text, *line = h->text;

	while (*line) {
		char *next = line + strcspn(line, "\n");

		next += *next == '\n';
		if (!strncmp(line, "---\n", 4)) {
			add_part(h, from, line);
			from = next;
		}
		line = next;
	}
	add_part(h, from, line);
}

int hints_read(struct hints *h, const char *dir, const char *task)
{
	FILE *f;
	size_t n;

	memset(h, 0, sizeof(*h));
	show_format(h->path, sizeof(h->path), "%s/hints/%s.md", dir, task);
	f = fopen(h->path, "r");
	if (!f)
		return -errno;
	h->text = calloc(1, HINTS_FILE_MAX);
	n = h->text ? fread(h->text, 1, HINTS_FILE_MAX - 1, f) : 0;
	fclose(f);
	if (!h->text)
		return -ENOMEM;
	if (n == 0) {
		hints_free(h);
		return -ENODATA;
	}
	split(h);
	return 0;
}

void hints_free(struct hints *h)
{
	free(h->text);
	h->text = NULL;
}
