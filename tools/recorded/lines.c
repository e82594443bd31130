// SPDX-License-Identifier: MIT
#include "lines.h"

#include <string.h>

void split(char *text, struct lines *to)
{
	to->n = 0;
	for (char *line = text; *line && to->n < LINES_MAX;) {
		size_t len = strcspn(line, "\n");

		to->line[to->n++] = line;
		line += len + (line[len] != 0);
		to->line[to->n - 1][len] = 0;
	}
}

size_t without_times(const char *line)
{
	const char *head = strstr(line, "     in the guest       in the VMM"), *ms;
	size_t n;

	if (head)
		return (size_t)(head - line);
	ms = strstr(line, " ms ");
	if (!ms || strcmp(line + strlen(line) - 3, " ms") != 0)
		return strlen(line);
	n = (size_t)(ms - line);
	while (n && line[n - 1] != ' ')
		n--;
	while (n && line[n - 1] == ' ')
		n--;
	return n;
}

/* How much are n lines of the block like those of the recording? 4 * n: the same. */
static unsigned likeness(char *const *a, char *const *b, unsigned n)
{
	unsigned points = 0;

	for (unsigned i = 0; i < n; i++) {
		size_t word = strspn(a[i], " ");

		word += strcspn(a[i] + word, " 0123456789");
		if (!strcmp(a[i], b[i]))
			points += 4;
		else if (word && !strncmp(a[i], b[i], word))
			points++;
	}
	return points;
}

int find(char *const *stretch, unsigned n, const struct lines *want, unsigned from, bool moves)
{
	unsigned best = 0;
	int at = -1;

	for (unsigned i = from; i + n <= want->n && (moves || i == from); i++) {
		unsigned points = likeness(stretch, want->line + i, n);

		if (points > best) {
			best = points;
			at = (int)i;
		}
	}
	return at;
}
