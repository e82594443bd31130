// SPDX-License-Identifier: MIT
#include "rules.h"

#include <errno.h>
#include <string.h>

#include "show.h"

#define PRAIRIELEARN_MAX (1000 * 1000)

/* The first rule that does not hold is kept. */
struct check {
	char *why;
	size_t size;
	int err;
};

static void must(struct check *c, bool holds, const char *rule)
{
	if (holds || c->err)
		return;
	c->err = -EINVAL;
	show_format(c->why, c->size, "%s", rule);
}

static bool one_of(const json_t *value, const char *const *words, size_t n)
{
	const char *text = json_string_value(value);

	for (size_t i = 0; text && i < n; i++)
		if (!strcmp(text, words[i]))
			return true;
	return false;
}

/* A member that may be missing. */
static bool number_or_none(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	return !value || (json_is_number(value) && json_number_value(value) >= 0);
}

static bool text_or_none(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	return !value || json_is_string(value);
}

static bool word_or_none(const json_t *object, const char *key, const char *const *words, size_t n)
{
	const json_t *value = json_object_get(object, key);

	return !value || one_of(value, words, n);
}

/* Nobody reads a member that the documentation does not have: a mistake in its name. */
static bool only(const json_t *object, const char *const *keys, size_t n)
{
	for (void *it = json_object_iter((json_t *)object); it;
	     it = json_object_iter_next((json_t *)object, it)) {
		size_t i = 0;

		while (i < n && strcmp(keys[i], json_object_iter_key(it)) != 0)
			i++;
		if (i == n)
			return false;
	}
	return true;
}

static const char *const visibilities[] = { "hidden", "after_due_date", "after_published",
					    "visible" };
static const char *const formats[] = { "text", "html", "simple_format", "md", "ansi" };
static const char *const statuses[] = { "passed", "failed" };

static void gradescope_test(struct check *c, const json_t *test, bool top)
{
	static const char *const keys[] = { "score",  "max_score",   "status",	  "name",
					    "number", "name_format", "output",	  "output_format",
					    "tags",   "visibility",  "extra_data" };

	must(c, json_is_object(test), "tests: each is an object");
	must(c, only(test, keys, ARRAY_SIZE(keys)), "tests: no other members than the documented");
	must(c, number_or_none(test, "score") && number_or_none(test, "max_score"),
	     "tests: score and max_score are numbers");
	must(c, top || json_object_get(test, "score"),
	     "tests: each needs a score, or the whole does");
	must(c,
	     text_or_none(test, "name") && text_or_none(test, "number") &&
		     text_or_none(test, "output"),
	     "tests: name, number and output are texts");
	must(c, word_or_none(test, "status", statuses, ARRAY_SIZE(statuses)),
	     "tests: status is passed or failed");
	must(c, word_or_none(test, "visibility", visibilities, ARRAY_SIZE(visibilities)),
	     "tests: there is no such visibility");
	must(c,
	     word_or_none(test, "output_format", formats, ARRAY_SIZE(formats)) &&
		     word_or_none(test, "name_format", formats, ARRAY_SIZE(formats)),
	     "tests: there is no such format");
}

int rules_gradescope(const json_t *results, char *why, size_t size)
{
	static const char *const keys[] = {
		"score",	 "execution_time",     "output",
		"output_format", "test_output_format", "test_name_format",
		"visibility",	 "stdout_visibility",  "extra_data",
		"tests",	 "leaderboard"
	};
	const json_t *tests = json_object_get(results, "tests");
	bool top = json_object_get(results, "score");
	struct check c = { .why = why, .size = size };

	must(&c, json_is_object(results), "an object is wanted");
	must(&c, only(results, keys, ARRAY_SIZE(keys)), "no other members than the documented");
	must(&c, number_or_none(results, "score") && number_or_none(results, "execution_time"),
	     "score and execution_time are numbers");
	must(&c, top || tests, "score or tests must be there");
	must(&c, !tests || json_is_array(tests), "tests is an array");
	must(&c, text_or_none(results, "output"), "output is a text");
	must(&c, word_or_none(results, "output_format", formats, ARRAY_SIZE(formats)),
	     "there is no such output_format");
	must(&c,
	     word_or_none(results, "visibility", visibilities, ARRAY_SIZE(visibilities)) &&
		     word_or_none(results, "stdout_visibility", visibilities,
				  ARRAY_SIZE(visibilities)),
	     "there is no such visibility");
	for (size_t i = 0; i < json_array_size(tests); i++)
		gradescope_test(&c, json_array_get(tests, i), top);
	return c.err;
}

static bool texts(const json_t *value)
{
	for (size_t i = 0; i < json_array_size(value); i++)
		if (!json_is_string(json_array_get(value, i)))
			return false;
	return !value || json_is_string(value) || json_is_array(value);
}

int rules_prairielearn(const json_t *results, char *why, size_t size)
{
	const json_t *score = json_object_get(results, "score");
	const json_t *gradable = json_object_get(results, "gradable");
	const json_t *tests = json_object_get(results, "tests");
	struct check c = { .why = why, .size = size };

	must(&c, json_is_object(results), "an object is wanted");
	must(&c, !gradable || json_is_boolean(gradable), "gradable is true or false");
	must(&c, json_is_false(gradable) || json_is_real(score),
	     "what is gradable has a score, a number with a point");
	must(&c, !score || (json_number_value(score) >= 0.0 && json_number_value(score) <= 1.0),
	     "score is between 0.0 and 1.0");
	must(&c, texts(json_object_get(results, "format_errors")),
	     "format_errors is a text, or an array of texts");
	must(&c, text_or_none(results, "message") && text_or_none(results, "output"),
	     "message and output are texts");
	must(&c, !tests || json_is_array(tests), "tests is an array");
	for (size_t i = 0; i < json_array_size(tests); i++) {
		const json_t *test = json_array_get(tests, i);

		must(&c, json_is_string(json_object_get(test, "name")), "tests: each has a name");
		must(&c, number_or_none(test, "points") && number_or_none(test, "max_points"),
		     "tests: points and max_points are numbers");
		must(&c, text_or_none(test, "output") && text_or_none(test, "message"),
		     "tests: output and message are texts");
	}
	must(&c, json_dumpb(results, NULL, 0, 0) < PRAIRIELEARN_MAX, "the file may have 1 MB");
	return c.err;
}

int rules_autolab(const char *line, char *why, size_t size)
{
	static const char *const keys[] = { "scores", "scoreboard" };
	json_t *json = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
	json_t *scores = json_object_get(json, "scores"),
	       *board = json_object_get(json, "scoreboard");
	struct check c = { .why = why, .size = size };

	must(&c, !strchr(line, '\n'), "it is one line");
	must(&c, json_is_object(json) && only(json, keys, ARRAY_SIZE(keys)),
	     "it is an object with scores, and perhaps scoreboard");
	must(&c, json_is_object(scores), "scores is an object");
	for (void *it = json_object_iter(scores); it; it = json_object_iter_next(scores, it))
		must(&c, json_is_number(json_object_iter_value(it)), "each score is a number");
	must(&c, !board || json_is_array(board), "scoreboard is an array");
	json_decref(json);
	return c.err;
}
