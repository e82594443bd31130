// SPDX-License-Identifier: MIT
/*
 * The walk as a picture: the address cut into its fields, the tables that it went through, and the
 * page. Colours come from the page around it where there is one (currentColor), so that it can be
 * read on white and on black.
 */
#include "walk_report.h"

#include <stdarg.h>

#define COLUMN 230
#define BOX_W  190
#define TOP    120

PRINTF(5, 6)
static void text(FILE *out, int x, int y, const char *class, const char *format, ...)
{
	va_list args;

	fprintf(out, "<text x=\"%d\" y=\"%d\" class=\"%s\">", x, y, class);
	va_start(args, format);
	vfprintf(out, format, args);
	va_end(args);
	fprintf(out, "</text>\n");
}

static void box(FILE *out, int x, int y, int w, int h, const char *class)
{
	fprintf(out, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" class=\"%s\"/>\n", x, y, w,
		h, class);
}

/* The address, cut as the walk cut it: below the last entry all bits are the offset. */
static void fields(const struct walk_report *r, FILE *out)
{
	text(out, 20, 24, "title", "guest-virtual 0x%016llx", (unsigned long long)r->walk.gva);
	for (unsigned i = 0; i <= r->walk.reads; i++) {
		unsigned level = 4 - i, low = i < r->walk.reads ? LEVEL_SHIFT(level) : 0;
		unsigned high = (i ? LEVEL_SHIFT(level + 1) : 48) - 1;
		int x = 20 + (int)i * COLUMN;

		box(out, x, 40, BOX_W, 34, "field");
		if (i < r->walk.reads)
			text(out, x + 8, 62, "small", "bits %u:%u: %u", high, low,
			     LEVEL_INDEX(r->walk.gva, level));
		else
			text(out, x + 8, 62, "small", "bits %u:0: 0x%llx", high,
			     (unsigned long long)(r->walk.gva & ((2ULL << high) - 1)));
	}
}

static void arrow(FILE *out, int x, int y)
{
	fprintf(out,
		"<path d=\"M%d %d H%d\" class=\"line\"/><path d=\"M%d %d l-8 -4 v8 z\" "
		"class=\"head\"/>\n",
		x, y, x + COLUMN - BOX_W - 8, x + COLUMN - BOX_W, y);
}

static void table(const struct walk_report *r, unsigned i, FILE *out)
{
	const struct walk *w = &r->walk;
	unsigned level = 4 - i;
	int x = 20 + (int)i * COLUMN;
	char flags[48];

	box(out, x, TOP, BOX_W, 110, "table");
	box(out, x, TOP + 34, BOX_W, 56, "entry");
	text(out, x + 8, TOP + 22, "small", "%s at 0x%llx", table_name[level],
	     (unsigned long long)(w->address[i] & ~0xfffULL));
	text(out, x + 8, TOP + 56, "small", "[%u]", LEVEL_INDEX(r->walk.gva, level));
	entry_flags(w->entry[i], level, flags, sizeof(flags));
	text(out, x + 8, TOP + 78, "small", "%s", w->entry[i] & PTE_P ? flags : "not present");
	if (w->entry[i] & PTE_P)
		arrow(out, x + BOX_W, TOP + 62);
}

static void page(const struct walk_report *r, FILE *out)
{
	int x = 20 + (int)r->walk.reads * COLUMN;

	box(out, x, TOP, BOX_W + 20, 110, "page");
	text(out, x + 8, TOP + 22, "small", "page of %s", page_size_name(r->walk.size));
	text(out, x + 8, TOP + 46, "small", "gpa 0x%llx", (unsigned long long)r->walk.gpa);
	if (!r->machine_err)
		text(out, x + 8, TOP + 68, "small", "machine 0x%llx",
		     (unsigned long long)r->machine);
	if (r->hva)
		text(out, x + 8, TOP + 90, "small", "memory slot %u", r->slot);
}

void walk_report_svg(const struct walk_report *r, FILE *out)
{
	fprintf(out,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d 260\" role=\"img\">\n"
		"<title>The page walk of 0x%llx</title>\n"
		"<style>text{font:13px sans-serif;fill:currentColor}.title{font-size:15px}"
		".small{font-size:12px}rect{stroke:currentColor;fill:none}"
		".entry{fill:#7aa2f733}.page{fill:#9ece6a33}.field{fill:#e0af6833}"
		".line{stroke:currentColor;fill:none}.head{fill:currentColor}</style>\n",
		40 + 5 * COLUMN, (unsigned long long)r->walk.gva);
	fields(r, out);
	for (unsigned i = 0; i < r->walk.reads; i++)
		table(r, i, out);
	if (!r->walk_err)
		page(r, out);
	else
		text(out, 28 + (int)r->walk.reads * COLUMN, TOP + 62, "small",
		     "the walk ends here");
	fprintf(out, "</svg>\n");
}
