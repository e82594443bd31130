// SPDX-License-Identifier: MIT
/* The assertions: on top of CUnit's one, they say what was expected and what was there. */
#include "test.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "show.h"
#include "suite.h"

/*
 * Members of struct outcome have names that a student knows. Only `name.member` is one: v.status in
 * dev.v.status is a device's register.
 */
static const char *label(const char *expr)
{
	static const struct {
		const char *end, *name;
	} known[] = {
		{ "out", "console" },
		{ "err", "stderr" },
		{ "status", "exit status" },
		{ "out_len", "bytes on the console" },
	};
	const char *dot = strchr(expr, '.');

	if (strstr(expr, "->"))
		return expr;
	for (size_t i = 0; dot && i < ARRAY_SIZE(known); i++)
		if (!strcmp(dot + 1, known[i].end))
			return known[i].name;
	return expr;
}

/* Fail with "label = value" on both lines. */
static void differ(struct here here, const char *expected, const char *actual)
{
	struct test_result *r = test_record();

	show_format(r->expected, sizeof(r->expected), "%s = %s", here.expr, expected);
	show_format(r->actual, sizeof(r->actual), "%s = %s", here.expr, actual);
	test_fail(here);
}

void expect_true(struct here here, bool ok, const char *fmt, ...)
{
	struct test_result *r = test_record();
	va_list ap;

	if (ok) {
		test_held(here);
		return;
	}
	show_format(r->expected, sizeof(r->expected), "%s", here.expr);
	va_start(ap, fmt);
	vsnprintf(r->actual, sizeof(r->actual), fmt + 1, ap); /* after the macro's blank */
	va_end(ap);
	if (!r->actual[0])
		show_format(r->actual, sizeof(r->actual), "it is not so");
	test_fail(here);
}

void expect_u64(struct here here, u64 actual, u64 expected)
{
	char want[SHOW_MAX], got[SHOW_MAX];

	here.expr = label(here.expr);
	if (actual == expected) {
		test_held(here);
	} else if (!strcmp(here.expr, "exit status")) {
		differ(here, show_status(want, sizeof(want), expected),
		       show_status(got, sizeof(got), actual));
	} else {
		differ(here, show_u64(want, sizeof(want), expected),
		       show_u64(got, sizeof(got), actual));
	}
}

/* -1 is not to be read as 0xffffffffffffffff. */
void expect_s64(struct here here, u64 actual, u64 expected)
{
	char want[SHOW_MAX], got[SHOW_MAX];

	if (actual == expected || ((s64)actual >= 0 && (s64)expected >= 0)) {
		expect_u64(here, actual, expected);
		return;
	}
	show_format(want, sizeof(want), "%lld", (long long)expected);
	show_format(got, sizeof(got), "%lld", (long long)actual);
	differ(here, want, got);
}

void expect_err(struct here here, long actual, long expected)
{
	char want[SHOW_MAX], got[SHOW_MAX];

	if (actual == expected)
		test_held(here);
	else
		differ(here, show_err(want, sizeof(want), expected),
		       show_err(got, sizeof(got), actual));
}

static size_t first_difference(const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t i = 0;

	while (i < a_len && i < b_len && a[i] == b[i])
		i++;
	return i;
}

/* A few bytes are shown in hex too: a control character says little by itself. */
static void differ_text(struct here here, const char *got, size_t got_len, const char *want,
			size_t want_len)
{
	size_t at = first_difference(got, got_len, want, want_len);
	char want_text[SHOW_MAX], got_text[SHOW_MAX];

	if (want_len <= 4 && got_len <= 4) {
		show_bytes(want_text, sizeof(want_text), want, want_len, 0);
		show_bytes(got_text, sizeof(got_text), got, got_len, 0);
	} else {
		show_text(want_text, 76, want, want_len, at);
		show_text(got_text, 60, got, got_len, at);
		if (at || got_len)
			show_append(got_text, sizeof(got_text), "  (byte %zu differs)", at);
	}
	differ(here, want_text, got_text);
}

void expect_str(struct here here, const char *actual, const char *expected)
{
	size_t len, want;

	here.expr = label(here.expr);
	if (!actual || !expected) {
		if (actual == expected)
			test_held(here);
		else
			differ(here, expected ? expected : "NULL", actual ? actual : "NULL");
		return;
	}
	len = captured_length(actual);
	want = captured_length(expected);
	if (len == want && !memcmp(actual, expected, len))
		test_held(here);
	else
		differ_text(here, actual, len, expected, want);
}

void expect_bytes(struct here here, const void *actual, const void *expected, size_t len)
{
	size_t at = first_difference(actual, len, expected, len);
	char want[SHOW_MAX], got[SHOW_MAX], name[100];

	if (at == len) {
		test_held(here);
		return;
	}
	show_format(name, sizeof(name), "%s from byte %zu", here.expr, at);
	here.expr = name;
	differ(here, show_bytes(want, sizeof(want), expected, len, at),
	       show_bytes(got, sizeof(got), actual, len, at));
}

#define ALIKE 8 /* bytes; fewer are alike by chance */

/* Where the text is most like the part: *same bytes of it, before *at. Nowhere: both are 0. */
static void nearest(const char *text, size_t len, const char *part, size_t part_len, size_t *at,
		    size_t *same)
{
	*at = *same = 0;
	for (size_t i = 0; i < len; i++) {
		size_t n = first_difference(text + i, len - i, part, part_len);

		if (n >= ALIKE && n > *same) {
			*same = n;
			*at = i + n;
		}
	}
}

void expect_contains(struct here here, const char *text, const char *part)
{
	size_t len = captured_length(text), part_len = strlen(part), at, same;
	struct test_result *r = test_record();
	char want[SHOW_MAX], got[SHOW_MAX];

	if (memmem(text, len, part, part_len)) {
		test_held(here);
		return;
	}
	nearest(text, len, part, part_len, &at, &same);
	show_format(r->expected, sizeof(r->expected), "%s contains %s", label(here.expr),
		    show_text(want, 76, part, part_len, same));
	show_format(r->actual, sizeof(r->actual), "%s = %s", label(here.expr),
		    show_text(got, 80, text, len, at));
	test_fail(here);
}

/* What the report says can only be judged when there is one. */
static void need_report(struct here here, const struct outcome *o, const char *expected)
{
	struct test_result *r = test_record();
	char status[SHOW_MAX];

	if (o->report.found)
		return;
	show_format(r->expected, sizeof(r->expected), "%s", expected);
	show_format(r->actual, sizeof(r->actual), "the program wrote no report; exit status %s",
		    show_status(status, sizeof(status), o->status));
	test_fail(here);
}

void expect_exits(struct here here, const struct outcome *o, const char *kind, u64 count)
{
	u64 seen = run_report_exits(&o->report, kind);
	char want[SHOW_MAX], got[SHOW_MAX];

	show_format(want, sizeof(want), "exits %s %llu", kind, (unsigned long long)count);
	need_report(here, o, want);
	if (seen == count) {
		test_held(here);
		return;
	}
	show_format(want, sizeof(want), "%llu", (unsigned long long)count);
	show_format(got, sizeof(got), "%llu", (unsigned long long)seen);
	differ(here, want, got);
}

void expect_verdict(struct here here, const struct outcome *o, const char *verdict)
{
	char want[SHOW_MAX], got[2 * SHOW_MAX];

	show_format(want, sizeof(want), "verdict %s", verdict);
	need_report(here, o, want);
	if (!strcmp(o->report.verdict, verdict)) {
		test_held(here);
		return;
	}
	show_format(got, sizeof(got), "%s%s%s%s", o->report.verdict, o->report.cause[0] ? " (" : "",
		    o->report.cause, o->report.cause[0] ? ")" : "");
	differ(here, verdict, got);
}
