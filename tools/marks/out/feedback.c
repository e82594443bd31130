// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>

#include "plain.h"
#include "views.h"

#define IGNORED_SHOWN 10

static void put_text(FILE *f, const char *text, size_t max, enum plain_lines lines)
{
	char *clean = plain_without_paths(text, max, lines);

	fputs(clean, f);
	if (*clean && lines == MANY_LINES && clean[strlen(clean) - 1] != '\n')
		fputc('\n', f);
	free(clean);
}

static void head(FILE *f, const struct record *r)
{
	fprintf(f, "Lab %02u, ", r->lab);
	put_text(f, r->id, PLAIN_CELL, ONE_LINE);
	if (record_is(r, "graded"))
		fprintf(f, ": %d of %d points\n", r->score, r->max);
	else
		fprintf(f, ": your submission %s\n", state_words(r));
	if (*text_in(r->json, "reason")) {
		put_text(f, text_in(r->json, "reason"), PLAIN_CELL, ONE_LINE);
		fputc('\n', f);
	}
}

static void tasks(FILE *f, const struct record *r)
{
	const json_t *list = record_list(r, "tasks");

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *task = json_array_get(list, i);
		const char *id = text_in(task, "id");

		fputc('\n', f);
		put_text(f, id, PLAIN_CELL, ONE_LINE);
		fputc(' ', f);
		put_text(f, text_in(task, "title"), PLAIN_CELL, ONE_LINE);
		fprintf(f, ": %d/%d\n", record_task_score(r, id), number_in(task, "max"));
		task_words(f, r, id);
	}
}

static void files(FILE *f, const struct record *r)
{
	const json_t *taken = record_list(r, "files"), *ignored = record_list(r, "ignored");
	const char *path;

	fputs("\nThese files were graded:\n", f);
	for (size_t i = 0; i < json_array_size(taken); i++) {
		fputs("  ", f);
		put_text(f, text_in(json_array_get(taken, i), "path"), PLAIN_CELL, ONE_LINE);
		fputc('\n', f);
	}
	if (json_array_size(ignored))
		fputs("These were not looked at, no task names them:\n", f);
	for (size_t i = 0; i < json_array_size(ignored) && i < IGNORED_SHOWN; i++) {
		path = json_string_value(json_array_get(ignored, i));
		fputs("  ", f);
		put_text(f, path ? path : "", PLAIN_CELL, ONE_LINE);
		fputc('\n', f);
	}
	if (json_array_size(ignored) > IGNORED_SHOWN)
		fprintf(f, "  and %zu more\n", json_array_size(ignored) - IGNORED_SHOWN);
}

void seed_words(FILE *f, const struct record *r)
{
	if (!*text_in(r->json, "seed"))
		return;
	fprintf(f, "\nTo have the same numbers in your guests: ./lab grade LAB=%02u SEED=", r->lab);
	put_text(f, text_in(r->json, "seed"), 80, ONE_LINE);
	fputc('\n', f);
}

void feedback_write(FILE *f, const struct record *r)
{
	head(f, r);
	if (record_is(r, "graded")) {
		tasks(f, r);
		fputs("\n", f);
		task_words(f, r, "-");
	}
	if (*text_in(r->json, "compile_log")) {
		fputs("\nThe compiler said:\n", f);
		put_text(f, text_in(r->json, "compile_log"), PLAIN_LOG, MANY_LINES);
	}
	files(f, r);
	seed_words(f, r);
}
