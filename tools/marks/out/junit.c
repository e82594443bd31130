// SPDX-License-Identifier: MIT
#include <string.h>

#include "plain.h"
#include "views.h"

enum element { PASSED, SKIPPED, FAILURE, ERROR };

static enum element element(const char *outcome)
{
	static const char *const error[] = { "crash", "error" };
	static const char *const skipped[] = { "skip", "blocked" };

	if (!strcmp(outcome, "pass"))
		return PASSED;
	for (size_t i = 0; i < ARRAY_SIZE(skipped); i++)
		if (!strcmp(outcome, skipped[i]))
			return SKIPPED;
	for (size_t i = 0; i < ARRAY_SIZE(error); i++)
		if (!strcmp(outcome, error[i]))
			return ERROR;
	return FAILURE;
}

static void attribute(FILE *f, const char *name, const char *text)
{
	fprintf(f, " %s=\"", name);
	xml_text(f, text, PLAIN_CELL, ONE_LINE);
	fputc('"', f);
}

static void one_test(FILE *f, const json_t *test)
{
	static const char *const names[] = { NULL, "skipped", "failure", "error" };
	enum element e = element(text_in(test, "outcome"));

	fputs("    <testcase", f);
	attribute(f, "classname", text_in(test, "suite"));
	attribute(f, "name", *text_in(test, "id") ? text_in(test, "id") : text_in(test, "name"));
	if (e == PASSED) {
		fputs("/>\n", f);
		return;
	}
	fprintf(f, ">\n      <%s", names[e]);
	attribute(f, "message",
		  *text_in(test, "note") ? text_in(test, "note")
					 : outcome_words(text_in(test, "outcome")));
	fputs(">expected  ", f);
	xml_text(f, text_in(test, "expected"), PLAIN_CELL, ONE_LINE);
	fputs("\nactual    ", f);
	xml_text(f, text_in(test, "actual"), PLAIN_CELL, ONE_LINE);
	fprintf(f, "\n</%s>\n    </testcase>\n", names[e]);
}

/* No test has failed, but a file without an error would look like success. */
static void without_tests(FILE *f, const struct record *r)
{
	fputs("    <testcase", f);
	attribute(f, "classname", r->id);
	attribute(f, "name", record_is(r, "does-not-compile") ? "compiling" : "grading");
	fputs(">\n      <error", f);
	attribute(f, "message",
		  *text_in(r->json, "reason") ? text_in(r->json, "reason") : state_words(r));
	fputc('>', f);
	xml_text(f, text_in(r->json, "compile_log"), PLAIN_LOG, MANY_LINES);
	fputs("</error>\n    </testcase>\n", f);
}

void junit_write(FILE *f, const struct record *r)
{
	const json_t *tests = record_list(r, "tests");
	size_t count[ERROR + 1] = { 0 }, n = json_array_size(tests);
	bool graded = record_is(r, "graded");

	for (size_t i = 0; graded && i < n; i++)
		count[element(text_in(json_array_get(tests, i), "outcome"))]++;
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite", f);
	attribute(f, "name", r->id);
	fprintf(f, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\">\n",
		graded ? n : 1, count[FAILURE], graded ? count[ERROR] : 1, count[SKIPPED]);
	for (size_t i = 0; graded && i < n; i++)
		one_test(f, json_array_get(tests, i));
	if (!graded)
		without_tests(f, r);
	fputs("  </testsuite>\n</testsuites>\n", f);
}
