// SPDX-License-Identifier: MIT
#include "difference.h"

#include <stdio.h>
#include <string.h>

#define SHOWN_BYTES 56
#define COLUMNS	    80

/* Print the beginning of a text as a C string. */
static void print_escaped(const char *who, const char *text, size_t n)
{
	size_t shown = n < SHOWN_BYTES ? n : SHOWN_BYTES;

	printf("          %-9s  \"", who);
	for (size_t i = 0; i < shown; i++) {
		unsigned char c = text[i];

		if (c == '\n')
			fputs("\\n", stdout);
		else if (c < 0x20 || c >= 0x7f || c == '"' || c == '\\')
			printf("\\%03o", c);
		else
			putchar(c);
	}
	printf("\"%s\n", shown < n ? "..." : "");
}

static bool same_text(const struct side *a, const struct side *b)
{
	return a->len == b->len && memcmp(a->text, b->text, a->len) == 0;
}

/* Show both texts, beginning with the line in which they part. */
static void print_texts(const struct side *a, const struct side *b)
{
	size_t at = 0, line = 1, from = 0;

	while (at < a->len && at < b->len && a->text[at] == b->text[at]) {
		if (a->text[at++] == '\n') {
			line++;
			from = at;
		}
	}
	printf("        the output differs at byte %zu, in line %zu:\n", at, line);
	print_escaped(a->who, a->text + from, a->len - from);
	print_escaped(b->who, b->text + from, b->len - from);
}

/* In how many cells do the two screens differ, and in which one first? */
static unsigned count_cells(const struct side *a, const struct side *b, unsigned *first)
{
	unsigned n = 0;

	for (unsigned i = SCREEN_SIZE / 2; i-- > 0;) {
		if (memcmp(a->screen + 2 * i, b->screen + 2 * i, 2) == 0)
			continue;
		*first = i;
		n++;
	}
	return n;
}

bool sides_agree(const struct side *a, const struct side *b)
{
	return same_text(a, b) && memcmp(a->screen, b->screen, SCREEN_SIZE) == 0;
}

void print_difference(const struct side *a, const struct side *b)
{
	unsigned first = 0, cells = count_cells(a, b, &first);
	const u8 *of_a = a->screen + 2 * first, *of_b = b->screen + 2 * first;

	if (!same_text(a, b))
		print_texts(a, b);
	if (cells)
		printf("        %u cells of the screen differ, the first in row %u, column %u: "
		       "%s %02x%02x, %s %02x%02x\n",
		       cells, first / COLUMNS, first % COLUMNS, a->who, of_a[1], of_a[0], b->who,
		       of_b[1], of_b[0]);
}
