// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "put_file.h"
#include "results.h"

/* CUnit's own XML forgets to do this. */
static void escaped(FILE *f, const char *text)
{
	for (; *text; text++) {
		unsigned char c = *text;

		if (strchr("<>&\"'", c))
			fprintf(f, "&#%d;", c);
		else if (c == '\n' || c == '\t' || (c >= ' ' && c < 0x7f))
			fputc(c, f);
		else
			fputc('?', f);
	}
}

static void attribute(FILE *f, const char *name, const char *text)
{
	fprintf(f, " %s=\"", name);
	escaped(f, text);
	fputc('"', f);
}

static const char *element(enum test_outcome outcome)
{
	if (outcome == T_PASS)
		return NULL;
	if (outcome == T_SKIP || outcome == T_BLOCKED)
		return "skipped";
	return outcome == T_CRASH || outcome == T_ERROR ? "error" : "failure";
}

static void one_test(FILE *f, const struct test_result *t)
{
	const char *what = element(t->outcome);

	fprintf(f, "    <testcase time=\"%.3f\"", t->duration);
	attribute(f, "classname", t->task);
	attribute(f, "name", t->name);
	if (!what) {
		fprintf(f, "/>\n");
		return;
	}
	fprintf(f, ">\n      <%s", what);
	attribute(f, "message", t->note[0] ? t->note : outcome_name(t->outcome));
	fprintf(f, ">");
	escaped(f, t->context);
	fprintf(f, "\nexpected  ");
	escaped(f, t->expected);
	fprintf(f, "\nactual    ");
	escaped(f, t->actual);
	fprintf(f, "\n%s</%s>\n    </testcase>\n", t->where, what);
}

/* Without a mark no test has failed, but a file without a failure would look like a success. */
static void no_mark(FILE *f, const struct results *r)
{
	fprintf(f, "    <testcase time=\"0\" classname=\"-\" name=\"grading\">\n      <error");
	attribute(f, "message", r->message);
	fprintf(f, ">");
	escaped(f, r->build_log ? r->build_log : "");
	fprintf(f, "</error>\n    </testcase>\n");
}

static void whole_file(FILE *f, const struct results *r)
{
	int count[T_OUTCOMES] = { 0 }, ungraded = r->status != R_PASS && r->status != R_FAIL;

	for (size_t i = 0; i < r->ntests; i++)
		count[r->tests[i].outcome]++;
	fprintf(f, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite");
	attribute(f, "name", r->lab);
	fprintf(f, " tests=\"%zu\" failures=\"%d\" errors=\"%d\" skipped=\"%d\">\n",
		r->ntests + ungraded, count[T_FAIL] + count[T_TIMEOUT] + count[T_NOT_IMPLEMENTED],
		count[T_CRASH] + count[T_ERROR] + ungraded, count[T_SKIP] + count[T_BLOCKED]);
	if (ungraded)
		no_mark(f, r);
	for (size_t i = 0; i < r->ntests; i++)
		one_test(f, &r->tests[i]);
	fprintf(f, "  </testsuite>\n</testsuites>\n");
}

int results_write_junit(const struct results *r, const char *path)
{
	char *text = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&text, &size);
	int ret;

	if (!f)
		return -ENOMEM;
	whole_file(f, r);
	ret = fclose(f) ? -ENOMEM : put_file(path, text, size);
	free(text);
	return ret;
}
