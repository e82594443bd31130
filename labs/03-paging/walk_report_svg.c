// SPDX-License-Identifier: MIT
/*
 * The walk as a picture: the address cut into its fields, the tables that it went through, and the
 * page. Colours come from the page around it where there is one (currentColor), so that it can be
 * read on white and on black.
 */
#include "walk_report.h"

#define COLUMN 230
#define BOX_W  190
#define TOP    120

static void text(FILE *out, int x, int y, const char *class, const char *what)
{
	fprintf(out, "<text x=\"%d\" y=\"%d\" class=\"%s\">%s</text>\n", x, y, class, what);
}

/* The address, cut as the walk cut it: below the last entry all bits are the offset. */
static void fields(const struct walk_report *r, FILE *out)
{
	char buf[60];

	snprintf(buf, sizeof(buf), "guest-virtual 0x%016llx", (unsigned long long)r->walk.gva);
	text(out, 20, 24, "title", buf);
	for (unsigned i = 0; i <= r->walk.reads; i++) {
		unsigned level = 4 - i, low = i < r->walk.reads ? LEVEL_SHIFT(level) : 0;
		unsigned high = (i ? LEVEL_SHIFT(level + 1) : 48) - 1;

		fprintf(out,
			"<rect x=\"%d\" y=\"40\" width=\"%d\" height=\"34\" class=\"field\"/>\n",
			20 + (int)i * COLUMN, BOX_W);
		if (i < r->walk.reads)
			snprintf(buf, sizeof(buf), "bits %u:%u: %u", high, low,
				 LEVEL_INDEX(r->walk.gva, level));
		else
			snprintf(buf, sizeof(buf), "bits %u:0: 0x%llx", high,
				 (unsigned long long)(r->walk.gva & ((2ULL << high) - 1)));
		text(out, 28 + (int)i * COLUMN, 62, "small", buf);
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
	char buf[64], flags[48];

	fprintf(out, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"110\" class=\"table\"/>\n", x,
		TOP, BOX_W);
	fprintf(out, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"56\" class=\"entry\"/>\n", x,
		TOP + 34, BOX_W);
	snprintf(buf, sizeof(buf), "%s at 0x%llx", table_name[level],
		 (unsigned long long)(w->address[i] & ~0xfffULL));
	text(out, x + 8, TOP + 22, "small", buf);
	snprintf(buf, sizeof(buf), "[%u]", LEVEL_INDEX(r->walk.gva, level));
	text(out, x + 8, TOP + 56, "small", buf);
	entry_flags(w->entry[i], level, flags, sizeof(flags));
	text(out, x + 8, TOP + 78, "small", w->entry[i] & PTE_P ? flags : "not present");
	if (w->entry[i] & PTE_P)
		arrow(out, x + BOX_W, TOP + 62);
}

static void page(const struct walk_report *r, FILE *out)
{
	int x = 20 + (int)r->walk.reads * COLUMN;
	char buf[64];

	fprintf(out, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"110\" class=\"page\"/>\n", x,
		TOP, BOX_W + 20);
	snprintf(buf, sizeof(buf), "page of %s", page_size_name(r->walk.size));
	text(out, x + 8, TOP + 22, "small", buf);
	snprintf(buf, sizeof(buf), "gpa 0x%llx", (unsigned long long)r->walk.gpa);
	text(out, x + 8, TOP + 46, "small", buf);
	if (!r->machine_err) {
		snprintf(buf, sizeof(buf), "machine 0x%llx", (unsigned long long)r->machine);
		text(out, x + 8, TOP + 68, "small", buf);
	}
	if (r->hva) {
		snprintf(buf, sizeof(buf), "memory slot %u", r->slot);
		text(out, x + 8, TOP + 90, "small", buf);
	}
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
