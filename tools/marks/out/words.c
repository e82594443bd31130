// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>

#include "plain.h"
#include "views.h"

#define TESTS_SHOWN 20 /* of one task */

static const struct {
	const char *key, *words;
} outcomes[] = {
	{ "pass", "passed" },
	{ "fail", "wrong" },
	{ "crash", "crashed" },
	{ "timeout", "took too long" },
	{ "skip", "was not run" },
	{ "blocked", "waits for a task before it" },
	{ "not_implemented", "is not done yet" },
	{ "error", "could not be judged" },
};

static const struct {
	const char *key, *words;
} states[] = {
	{ "graded", "graded" },
	{ "does-not-compile", "does not compile" },
	{ "not-gradable", "cannot be graded" },
	{ "refused", "was refused" },
	{ "killed", "ended its own grading" },
	{ "environment", "was not graded: the machine is at fault, not you" },
};

const char *outcome_words(const char *outcome)
{
	for (size_t i = 0; i < ARRAY_SIZE(outcomes); i++)
		if (!strcmp(outcomes[i].key, outcome))
			return outcomes[i].words;
	return "could not be judged";
}

const char *state_words(const struct record *r)
{
	for (size_t i = 0; i < ARRAY_SIZE(states); i++)
		if (record_is(r, states[i].key))
			return states[i].words;
	return "?";
}

static void line(FILE *f, const char *before, const char *text)
{
	char *clean = plain_without_paths(text, PLAIN_CELL, ONE_LINE);

	if (*clean)
		fprintf(f, "    %s%s\n", before, clean);
	free(clean);
}

static void test_words(FILE *f, const json_t *test)
{
	char *name = plain(text_in(test, "name"), PLAIN_CELL, ONE_LINE);

	fprintf(f, "  %s: %s\n", name, outcome_words(text_in(test, "outcome")));
	line(f, "", text_in(test, "note"));
	line(f, "expected  ", text_in(test, "expected"));
	line(f, "actual    ", text_in(test, "actual"));
	free(name);
}

void task_words(FILE *f, const struct record *r, const char *task)
{
	const json_t *tests = record_list(r, "tests");
	unsigned shown = 0, more = 0;

	for (size_t i = 0; i < json_array_size(tests); i++) {
		const json_t *test = json_array_get(tests, i);
		const char *outcome = text_in(test, "outcome");

		if (strcmp(text_in(test, "task"), task) != 0 || !strcmp(outcome, "pass"))
			continue;
		if (shown < TESTS_SHOWN)
			test_words(f, test);
		more += shown == TESTS_SHOWN;
		shown += shown < TESTS_SHOWN;
	}
	if (more)
		fprintf(f, "  and %u tests more\n", more);
	if (shown && strcmp(task, "-") != 0)
		fprintf(f, "  a hint: ./lab hint T=%s      again: ./lab grade T=%s\n", task, task);
}
