// SPDX-License-Identifier: MIT
#include "print.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "nonce.h"
#include "show.h"

#define COLUMNS	     100 /* where nobody says how wide it is */
#define COLUMNS_MIN  60
#define COLUMNS_MAX  400
#define SCORE_COLUMN 67
#define SAID_LINES   3

static const char *const words[T_OUTCOMES] = {
	[T_PASS] = "PASS",    [T_FAIL] = "FAIL", [T_CRASH] = "CRASH", [T_TIMEOUT] = "TIMEOUT",
	[T_BLOCKED] = "WAIT", [T_SKIP] = "SKIP", [T_ERROR] = "ERROR", [T_NOT_IMPLEMENTED] = "TODO",
};

size_t print_columns(void)
{
	const char *env = getenv("VMMLAB_COLUMNS");
	struct winsize size = { .ws_col = 0 };
	size_t columns = env ? strtoul(env, NULL, 10) : 0;

	if (!env && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
		columns = size.ws_col;
	if (!columns)
		return COLUMNS;
	return columns < COLUMNS_MIN ? COLUMNS_MIN : columns > COLUMNS_MAX ? COLUMNS_MAX : columns;
}

/* How much of the text goes on a line of that room: to a blank in its second half, if there is one.
 */
static size_t line_length(const char *text, size_t room)
{
	size_t len = strlen(text);

	if (len <= room)
		return len;
	for (len = room; len > room / 2; len--)
		if (text[len] == ' ')
			return len;
	return room;
}

/* All of a text, behind a label; where it is longer than a line, it goes on below its beginning. */
static void print_whole(FILE *f, const char *label, const char *text)
{
	size_t indent = strlen(label), room = print_columns() - indent;

	fputs(label, f);
	for (;;) {
		size_t len = line_length(text, room);

		for (size_t i = 0; i < len; i++)
			fputc(text[i] < ' ' || text[i] > '~' ? '?' : text[i], f);
		fputc('\n', f);
		text += len + strspn(text + len, " ");
		if (!*text)
			return;
		fprintf(f, "%*s", (int)indent, "");
	}
}

void print_clipped(FILE *f, const char *fmt, ...)
{
	char line[512];
	size_t len, columns = print_columns();
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (strlen(line) > columns)
		memcpy(line + columns - 3, "...", 4);
	for (len = strlen(line); len && line[len - 1] == ' '; len--)
		line[len - 1] = 0;
	for (char *p = line; *p; p++)
		if (*p < ' ' || *p > '~')
			*p = '?';
	fprintf(f, "%s\n", line);
}

void print_compiler(FILE *f, const char *line)
{
	if (strstr(line, " error: ") || strstr(line, " warning: "))
		print_whole(f, "  ", line);
	else
		print_clipped(f, "  %s", line);
}

void print_head(FILE *f, const char *word, const char *task, const char *name, int score, int max,
		const char *note)
{
	char left[160], points[24] = "", all[600];

	show_format(left, sizeof(left), "%s %s%s%s", word, strcmp(task, "-") ? task : "",
		    strcmp(task, "-") ? " " : "", name);
	if (max)
		show_format(points, sizeof(points), "%d/%d", score, max);
	else if (score) /* one without points has cost one */
		show_format(points, sizeof(points), "%d", score);
	show_format(all, sizeof(all), "%s  %s  %s", left, points, note ? note : "");
	/* A long one gets the room that there is; a small terminal has none for columns. What is
	 * to be done names a file at its end. */
	if (!strcmp(word, words[T_NOT_IMPLEMENTED]) && strlen(all) > print_columns())
		print_whole(f, "", all);
	else if (print_columns() < COLUMNS || (note && strlen(note) > 20))
		print_clipped(f, "%s", all);
	else
		print_clipped(f, "%-*s %-7s %s", SCORE_COLUMN, left, points, note ? note : "");
}

/* The exits as one line, as many of the last ones as fit, without what differs by machine. */
static void print_last_exits(FILE *f, const char *last)
{
	char line[COLUMNS_MAX] = "", exit[160], joined[COLUMNS_MAX + 200];
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
		if (strlen(joined) > print_columns() - 14)
			break;
		show_format(line, sizeof(line), "%s", joined);
		end = from > last ? from - 1 : last;
	}
	if (line[0])
		print_clipped(f, "  last exits  %s", line);
}

static bool has_one_of(const char *line, const char *const *signs)
{
	for (; *signs; signs++)
		if (strstr(line, *signs))
			return true;
	return false;
}

/*
 * What the program said for itself. A sanitizer's first line is the one that counts; of the VMM's
 * own lines it is the last ones; and after a crash whatever came last.
 */
static void print_said(FILE *f, const struct test_result *r)
{
	static const char *const finds[] = { "Sanitizer:", "runtime error:", "Assertion", NULL };
	static const char *const words_of_ours[] = { "vmm: ", "vmx-detect: ", NULL };
	char copy[sizeof(r->output)], *save = NULL;
	const char *found[SAID_LINES], *ours[SAID_LINES], *all[SAID_LINES], **lines = all;
	unsigned nfound = 0, nours = 0, nall = 0, n;

	show_format(copy, sizeof(copy), "%s", r->output);
	for (char *line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		bool is_frame = line[strspn(line, " ")] == '#' && strstr(line, "labs/");

		if (((nfound && is_frame) || has_one_of(line, finds)) && nfound < SAID_LINES)
			found[nfound++] = line;
		else if (has_one_of(line, words_of_ours))
			ours[nours++ % SAID_LINES] = line;
		all[nall++ % SAID_LINES] = line;
	}
	n = r->outcome == T_CRASH ? nall : 0;
	if (nfound || nours) {
		lines = nfound ? found : ours;
		n = nfound ?: nours;
	}
	for (unsigned i = n > SAID_LINES ? n - SAID_LINES : 0; i < n; i++)
		print_whole(f, "  said        ", lines[i % SAID_LINES]);
}

void print_read_on(FILE *f, const char *task, const char *title)
{
	char book[200], hint[40];

	show_format(book, sizeof(book), "book %s \"%s\"", task, title);
	show_format(hint, sizeof(hint), "./lab hint T=%s", task);
	if (strlen(book) + strlen(hint) + 21 <= print_columns()) {
		print_clipped(f, "  read  %s      hint   %s", book, hint);
	} else {
		print_whole(f, "  read  ", book);
		print_whole(f, "  hint  ", hint);
	}
}

void print_line(FILE *f, const struct test_result *r)
{
	const char *reason = r->note[0] ? r->note : r->actual[0] ? r->actual : NULL;

	print_head(f, r->flaky ? "FLAKY" : words[r->outcome], r->task, r->name, r->score,
		   r->max_score, reason);
}

void print_block(FILE *f, const struct test_result *r, const char *title, bool verbose)
{
	/* As ./lab was called, with the sanitizers or without, it is called again. */
	const char *san = getenv("SAN") ? "SAN=1 " : "";
	char time[40];

	show_format(time, sizeof(time), "(%.2f s of %g s)", r->duration, r->limit);
	print_head(f, words[r->outcome], r->task, r->name, r->score, r->max_score, time);
	if (r->context[0])
		print_whole(f, "  ", r->context);
	if (r->expected[0] || r->actual[0]) {
		print_whole(f, "  expected  ", r->expected);
		print_whole(f, "  actual    ", r->actual);
	}
	if (r->note[0])
		print_whole(f, "  because   ", r->note);
	print_last_exits(f, r->last);
	if (r->code[0])
		print_whole(f, "  code        ", r->code);
	print_said(f, r);
	if (verbose && r->where[0])
		print_whole(f, "  test        ", r->where);
	if (title && (r->outcome == T_CRASH || r->place[0]) && (r->outcome == T_TIMEOUT || san[0]))
		fprintf(f, "  look closer %s./lab debug T=%s\n", san, r->task);
	else if (title && (r->outcome == T_CRASH || r->place[0]))
		fprintf(f, "  look closer ./lab debug T=%s, or SAN=1 ./lab grade T=%s\n", r->task,
			r->task);
	if (title)
		print_read_on(f, r->task, title);
	if (strcmp(r->task, "-") != 0)
		fprintf(f, "  again %s./lab grade T=%s%s%s\n", san, r->task,
			r->seed[0] ? " SEED=" : "", r->seed);
	else if (r->seed[0])
		fprintf(f, "  seed        " NONCE_SEED "=%s\n", r->seed);
}
