// SPDX-License-Identifier: MIT
#include "results.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "put_file.h"
#include "show.h"

static const char *const outcome_names[T_OUTCOMES] = {
	[T_PASS] = "pass",
	[T_FAIL] = "fail",
	[T_CRASH] = "crash",
	[T_TIMEOUT] = "timeout",
	[T_BLOCKED] = "blocked",
	[T_SKIP] = "skip",
	[T_NOT_IMPLEMENTED] = "not_implemented",
	[T_ERROR] = "error",
};

static const char *const status_names[] = {
	[R_PASS] = "pass",
	[R_FAIL] = "fail",
	[R_NOT_GRADABLE] = "not_gradable",
	[R_ENVIRONMENT] = "environment",
	[R_GRADER_ERROR] = "grader_error",
};

/* The members of struct test_result that are plain text, under the same name in JSON. */
#define TEXT(member)                                              \
	{                                                         \
#member, offsetof(struct test_result, member),    \
			sizeof(((struct test_result *)0)->member) \
	}
static const struct {
	const char *name;
	size_t offset, size;
} texts[] = {
	TEXT(id),	TEXT(task),   TEXT(name),  TEXT(suite), TEXT(context),
	TEXT(expected), TEXT(actual), TEXT(where), TEXT(note),	TEXT(place),
	TEXT(code),	TEXT(output), TEXT(stub),  TEXT(seed),
};

const char *outcome_name(enum test_outcome outcome)
{
	return outcome < T_OUTCOMES ? outcome_names[outcome] : "?";
}

bool outcome_is_failure(enum test_outcome outcome)
{
	return outcome != T_PASS && outcome != T_SKIP && outcome != T_BLOCKED;
}

/* jansson wants UTF-8; what a program under test printed can be anything. */
static json_t *text_json(const char *text)
{
	json_t *json = json_string(text);
	char *copy;

	if (json || !text)
		return json;
	copy = strdup(text);
	if (!copy)
		return NULL;
	for (char *p = copy; *p; p++)
		if ((unsigned char)*p >= 0x80)
			*p = '?';
	json = json_string(copy);
	free(copy);
	return json;
}

/* --- one test --- */

/* "IO_OUT 8 HLT 1" -> { "IO_OUT": 8, "HLT": 1 } */
static json_t *exits_to_json(const char *exits)
{
	json_t *object = json_object();
	unsigned long long count;
	char kind[32];
	int used;

	while (sscanf(exits, " %31s %llu%n", kind, &count, &used) == 2) {
		json_object_set_new(object, kind, json_integer(count));
		exits += used;
	}
	return object;
}

static void exits_from_json(char *buf, size_t size, json_t *object)
{
	buf[0] = 0;
	for (void *it = json_object_iter(object); it; it = json_object_iter_next(object, it))
		show_append(buf, size, "%s%s %lld", buf[0] ? " " : "", json_object_iter_key(it),
			    (long long)json_integer_value(json_object_iter_value(it)));
}

/* A text of items between separators -> an array of strings, and back. */
static json_t *list_to_json(const char *text, char separator)
{
	json_t *array = json_array();

	while (*text) {
		const char *end = strchrnul(text, separator);

		json_array_append_new(array, json_stringn(text, end - text));
		text = *end ? end + 1 : end;
	}
	return array;
}

static void list_from_json(char *buf, size_t size, const char *separator, json_t *array)
{
	buf[0] = 0;
	for (size_t i = 0; i < json_array_size(array); i++) {
		const char *item = json_string_value(json_array_get(array, i));

		show_append(buf, size, "%s%s", i ? separator : "", item ? item : "");
	}
}

json_t *result_to_json(const struct test_result *r)
{
	json_t *json = json_object();

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		json_object_set_new(json, texts[i].name, text_json((char *)r + texts[i].offset));
	json_object_set_new(json, "outcome", json_string(outcome_name(r->outcome)));
	json_object_set_new(json, "score", json_integer(r->score));
	json_object_set_new(json, "max_score", json_integer(r->max_score));
	json_object_set_new(json, "duration", json_real(r->duration));
	json_object_set_new(json, "limit", json_real(r->limit));
	json_object_set_new(json, "flaky", json_boolean(r->flaky));
	json_object_set_new(json, "exits", exits_to_json(r->exits));
	json_object_set_new(json, "counted", json_integer(r->counted));
	json_object_set_new(json, "claimed", json_integer(r->claimed));
	json_object_set_new(json, "asserts", json_integer(r->asserts));
	json_object_set_new(json, "last_exits", list_to_json(r->last, '\n'));
	json_object_set_new(json, "todos", list_to_json(r->todos, ' '));
	return json;
}

int result_from_json(struct test_result *r, const json_t *json)
{
	const char *outcome = json_string_value(json_object_get(json, "outcome"));
	json_t *v;

	if (!outcome)
		return -EINVAL;
	for (size_t i = 0; i < T_OUTCOMES; i++)
		if (!strcmp(outcome, outcome_names[i]))
			r->outcome = i;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		const char *text = json_string_value(json_object_get(json, texts[i].name));

		if (text)
			show_format((char *)r + texts[i].offset, texts[i].size, "%s", text);
	}
	if ((v = json_object_get(json, "score")))
		r->score = json_integer_value(v);
	if ((v = json_object_get(json, "max_score")))
		r->max_score = json_integer_value(v);
	if ((v = json_object_get(json, "duration")))
		r->duration = json_number_value(v);
	if ((v = json_object_get(json, "limit")))
		r->limit = json_number_value(v);
	if ((v = json_object_get(json, "counted")))
		r->counted = json_integer_value(v);
	if ((v = json_object_get(json, "claimed")))
		r->claimed = json_integer_value(v);
	if ((v = json_object_get(json, "asserts")))
		r->asserts = json_integer_value(v);
	r->flaky = json_is_true(json_object_get(json, "flaky"));
	exits_from_json(r->exits, sizeof(r->exits), json_object_get(json, "exits"));
	list_from_json(r->last, sizeof(r->last), "\n", json_object_get(json, "last_exits"));
	list_from_json(r->todos, sizeof(r->todos), " ", json_object_get(json, "todos"));
	return 0;
}

bool result_has_todo(const struct test_result *r, const char *task)
{
	size_t len = strlen(task);

	for (const char *p = r->todos; (p = strstr(p, task)); p += len)
		if ((p == r->todos || p[-1] == ' ') && (!p[len] || p[len] == ' '))
			return true;
	return false;
}

void result_add_todo(struct test_result *r, const char *task)
{
	if (!result_has_todo(r, task))
		show_append(r->todos, sizeof(r->todos), "%s%s", r->todos[0] ? " " : "", task);
}

void result_scan_todos(struct test_result *r, const char *text)
{
	char task[8], stub[sizeof(r->stub)];
	int used, fields;

	for (; (text = strstr(text, "task ")); text += 5) {
		used = 0;
		fields = sscanf(text, "task %7[0-9.] is not done yet%n: %119[^\n]", task, &used,
				stub);
		if (!used)
			continue;
		result_add_todo(r, task);
		if (fields == 2 && !r->stub[0] && !strcmp(task, r->task))
			show_format(r->stub, sizeof(r->stub), "%s", stub);
	}
}

/* --- the file --- */

int results_score(const struct results *r)
{
	int score = 0;

	for (size_t i = 0; i < r->ntests; i++)
		score += r->tests[i].score;
	return score;
}

struct test_result *results_add(struct results *r, const struct test_result *t)
{
	struct test_result *tests = realloc(r->tests, (r->ntests + 1) * sizeof(*tests));

	if (!tests)
		return NULL;
	r->tests = tests;
	tests[r->ntests] = *t;
	return &tests[r->ntests++];
}

/* What the file says of one test: all that the suite said, and where to read on. */
static json_t *file_entry(const struct test_result *t)
{
	json_t *json = result_to_json(t);
	char text[40];

	if (strcmp(t->task, "-") != 0) {
		show_format(text, sizeof(text), "task-%s", t->task);
		json_object_set_new(json, "book", json_string(text));
		show_format(text, sizeof(text), "./lab hint T=%s", t->task);
		json_object_set_new(json, "hint", json_string(text));
	}
	return json;
}

static json_t *results_to_json(const struct results *r)
{
	bool graded = r->status == R_PASS || r->status == R_FAIL;
	json_t *tests = json_array();

	for (size_t i = 0; i < r->ntests; i++)
		json_array_append_new(tests, file_entry(&r->tests[i]));
	/* Without a grade there is no score: it would read as 0 points. */
	return json_pack(
		"{s:s, s:s?, s:s, s:s?, s:s, s:s, s:o, s:i, s:s, s:s?, s:i, s:o*, s:o}", /**/
		"schema", RESULTS_SCHEMA, "version", r->version, "lab", r->lab, "task",
		r->task,							/**/
		"status", status_names[r->status], "message", r->message,	/**/
		"score", graded ? json_integer(results_score(r)) : json_null(), /**/
		"max_score", r->max_score, "engine", r->engine ? r->engine : "native", "next_task",
		r->next_task, "build_status", r->build_status, /**/
		"build_log", text_json(r->build_log), "tests", tests);
}

int results_write(const struct results *r)
{
	json_t *json;
	char *text;
	int ret;

	if (!r->path)
		return 0;
	json = results_to_json(r);
	text = json ? json_dumps(json, JSON_INDENT(2)) : NULL;
	ret = text ? put_file(r->path, text, strlen(text)) : -ENOMEM;
	free(text);
	json_decref(json);
	return ret;
}

void results_free(struct results *r)
{
	free(r->tests);
	free(r->build_log);
	r->tests = NULL;
	r->build_log = NULL;
	r->ntests = 0;
}
