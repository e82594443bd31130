// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>

#include "plain.h"
#include "views.h"

/* A string of JSON, clean. */
static json_t *clean_string(const char *text, size_t max, enum plain_lines lines)
{
	char *clean = plain_without_paths(text, max, lines);
	json_t *string = json_string(clean);

	free(clean);
	return string;
}

/* What a function writes to a stream, as a string. */
typedef void writes(FILE *f, const struct record *r, const char *task);

static json_t *written(writes *what, const struct record *r, const char *task)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);
	json_t *string;

	if (!f)
		abort();
	what(f, r, task);
	fclose(f);
	string = clean_string(text, PLAIN_LOG, MANY_LINES);
	free(text);
	return string;
}

static void task_title(FILE *f, const struct record *r, const char *task)
{
	const json_t *list = record_list(r, "tasks");

	for (size_t i = 0; i < json_array_size(list); i++)
		if (!strcmp(text_in(json_array_get(list, i), "id"), task))
			fprintf(f, "%s %s", task, text_in(json_array_get(list, i), "title"));
}

/* What there is to say of the whole; of one without a grade, all. */
static void whole(FILE *f, const struct record *r, const char *task)
{
	if (!record_is(r, "graded")) {
		feedback_write(f, r);
		return;
	}
	task_words(f, r, "-");
	seed_words(f, r);
}

json_t *gradescope_results(const struct record *r)
{
	const json_t *tasks = record_list(r, "tasks");
	json_t *tests = json_array();

	if (r->score < 0) {
		json_decref(tests);
		return NULL;
	}
	for (size_t i = 0; record_is(r, "graded") && i < json_array_size(tasks); i++) {
		const json_t *task = json_array_get(tasks, i);
		const char *id = text_in(task, "id");
		int score = record_task_score(r, id), max = number_in(task, "max");

		json_array_append_new(tests,
				      json_pack("{s:i, s:i, s:s, s:o, s:s, s:o, s:o, s:s, s:s}",
						"score", score, "max_score", max, "status",
						score == max ? "passed" : "failed", "name",
						written(task_title, r, id), "name_format", "text",
						"number", clean_string(id, 20, ONE_LINE), "output",
						written(task_words, r, id), "output_format", "text",
						"visibility", "visible"));
	}
	return json_pack("{s:i, s:o, s:s, s:s, s:s, s:o}", "score", r->score, "output",
			 written(whole, r, ""), "output_format", "text", "visibility", "visible",
			 "stdout_visibility", "hidden", "tests", tests);
}

json_t *prairielearn_results(const struct record *r)
{
	const json_t *tasks = record_list(r, "tasks");
	json_t *tests;

	if (r->score < 0)
		return NULL;
	if (record_is(r, "does-not-compile") || record_is(r, "not-gradable"))
		return json_pack("{s:b, s:o}", "gradable", 0, "format_errors",
				 written(whole, r, ""));
	tests = json_array();
	for (size_t i = 0; record_is(r, "graded") && i < json_array_size(tasks); i++) {
		const json_t *task = json_array_get(tasks, i);
		const char *id = text_in(task, "id");

		json_array_append_new(tests, json_pack("{s:o, s:i, s:i, s:o}", "name",
						       written(task_title, r, id), "points",
						       record_task_score(r, id), "max_points",
						       number_in(task, "max"), "output",
						       written(task_words, r, id)));
	}
	return json_pack("{s:b, s:f, s:o, s:o}", "gradable", 1, "score",
			 r->max ? (double)r->score / r->max : 0.0, "output", written(whole, r, ""),
			 "tests", tests);
}

json_t *autolab_scores(const struct record *r)
{
	const json_t *tasks = record_list(r, "tasks");
	json_t *scores = json_object();

	if (r->score < 0) {
		json_decref(scores);
		return NULL;
	}
	for (size_t i = 0; i < json_array_size(tasks); i++) {
		const char *id = text_in(json_array_get(tasks, i), "id");

		json_object_set_new(scores, id,
				    json_integer(record_is(r, "graded") ? record_task_score(r, id)
									: 0));
	}
	return json_pack("{s:o}", "scores", scores);
}
