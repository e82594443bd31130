// SPDX-License-Identifier: MIT
#include "print.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "show.h"

#define COLUMNS	     100
#define SCORE_COLUMN 67
#define SAID_LINES   2

static const char *const words[T_OUTCOMES] = {
	[T_PASS] = "PASS",    [T_FAIL] = "FAIL", [T_CRASH] = "CRASH", [T_TIMEOUT] = "TIMEOUT",
	[T_BLOCKED] = "WAIT", [T_SKIP] = "SKIP", [T_ERROR] = "ERROR", [T_NOT_IMPLEMENTED] = "TODO",
};

void print_clipped(FILE *f, const char *fmt, ...)
{
	char line[512];
	size_t len;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (strlen(line) > COLUMNS)
		memcpy(line + COLUMNS - 3, "...", 4);
	for (len = strlen(line); len && line[len - 1] == ' '; len--)
		line[len - 1] = 0;
	for (char *p = line; *p; p++)
		if (*p < ' ' || *p > '~')
			*p = '?';
	fprintf(f, "%s\n", line);
}

void print_head(FILE *f, const char *word, const char *task, const char *name, int score, int max,
		const char *note)
{
	char left[160], points[24] = "";

	show_format(left, sizeof(left), "%s %s%s%s", word, strcmp(task, "-") ? task : "",
		    strcmp(task, "-") ? " " : "", name);
	if (max)
		show_format(points, sizeof(points), "%d/%d", score, max);
	if (note && strlen(note) > 20) /* a long one gets the room that there is */
		print_clipped(f, "%s  %s  %s", left, points, note);
	else
		print_clipped(f, "%-*s %-7s %s", SCORE_COLUMN, left, points, note ? note : "");
}

/* The exits as one line, as many of the last ones as fit, without what differs by machine. */
static void print_last_exits(FILE *f, const char *last)
{
	char line[COLUMNS] = "", exit[160], joined[300];
	const char *end = last + strlen(last);

	while (end > last) {
		const char *from = end;
		char *rip;

		while (from > last && from[-1] != '\n')
			from--;
		show_format(exit, sizeof(exit), "%.*s", (int)(end - from), from);
		rip = strstr(exit, " rip=");
		if (rip)
			*rip = 0;
		show_format(joined, sizeof(joined), "%s%s%s", exit, line[0] ? " -> " : "", line);
		if (strlen(joined) > COLUMNS - 14)
			break;
		show_format(line, sizeof(line), "%s", joined);
		end = from > last ? from - 1 : last;
	}
	if (line[0])
		print_clipped(f, "  last exits  %s", line);
}

static bool is_telling(const char *line)
{
	static const char *const signs[] = { "vmm: ", "Sanitizer:", "runtime error:", "Assertion" };

	for (size_t i = 0; i < ARRAY_SIZE(signs); i++)
		if (strstr(line, signs[i]))
			return true;
	return false;
}

/* What the program said for itself: the telling lines, or after a crash its last ones. */
static void print_said(FILE *f, const struct test_result *r)
{
	char copy[sizeof(r->output)], *save = NULL, *lines[SAID_LINES] = { NULL };
	unsigned telling = 0, all = 0;

	show_format(copy, sizeof(copy), "%s", r->output);
	for (char *line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		if (is_telling(line)) {
			if (telling < SAID_LINES)
				print_clipped(f, "  said        %s", line);
			telling++;
		}
		lines[all++ % SAID_LINES] = line;
	}
	if (telling || r->outcome != T_CRASH)
		return;
	for (unsigned i = 0; i < SAID_LINES; i++)
		if (lines[(all + i) % SAID_LINES])
			print_clipped(f, "  said        %s", lines[(all + i) % SAID_LINES]);
}

void print_read_on(FILE *f, const char *task, const char *title)
{
	print_clipped(f, "  read  book %s \"%s\"      hint   ./lab hint T=%s", task, title, task);
}

void print_line(FILE *f, const struct test_result *r)
{
	const char *reason = r->note[0] ? r->note : r->actual[0] ? r->actual : NULL;

	print_head(f, words[r->outcome], r->task, r->name, r->score, r->max_score, reason);
}

void print_block(FILE *f, const struct test_result *r, const char *title, bool verbose)
{
	char time[40];

	show_format(time, sizeof(time), "(%.2f s of %g s)", r->duration, r->limit);
	print_head(f, words[r->outcome], r->task, r->name, r->score, r->max_score, time);
	if (r->context[0])
		print_clipped(f, "  %s", r->context);
	if (r->expected[0] || r->actual[0]) {
		print_clipped(f, "  expected  %s", r->expected);
		print_clipped(f, "  actual    %s", r->actual);
	}
	if (r->note[0])
		print_clipped(f, "  because   %s", r->note);
	print_last_exits(f, r->last);
	if (r->code[0])
		print_clipped(f, "  code        %s", r->code);
	print_said(f, r);
	if (verbose && r->where[0])
		print_clipped(f, "  test        %s", r->where);
	if (title) {
		print_read_on(f, r->task, title);
		print_clipped(f, "  again ./lab grade T=%s", r->task);
	}
}
