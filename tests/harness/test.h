/* SPDX-License-Identifier: MIT */
/*
 * What a test file includes.
 *
 *	TEST("2.6", string_out_reaches_console, 6)
 *	{
 *		struct outcome o = run_guest("02/echo-nonce", "--mode=real");
 *
 *		CONTEXT("the guest sent 17 bytes with one rep outsb");
 *		EXPECT_U64(o.status, nonce_status(&o));
 *		EXPECT_STR(o.out, nonce_text(&o));
 *	}
 *
 * Each test runs in a process of its own, within a wall-clock limit. It ends at the first
 * expectation that does not hold; a test without any expectation fails. It must not end its
 * process. KVM objects are made inside the test: inherited over a fork they only answer EIO. What
 * it allocates need not be freed. Files go below test_tmpdir(), which is removed afterwards.
 */
#ifndef HARNESS_TEST_H
#define HARNESS_TEST_H

#include "outcome.h"
#include "types.h"

struct test_case {
	const char *task, *name;
	int points;
	const char *file;
	int line;
	void (*run)(void);
	double seconds; /* what the reference takes, when that is more than 0.1 s */
	bool kvm;	/* needs /dev/kvm; black-box tests of a lab do, unless it is bare */
	bool traps;	/* takes SIGSEGV for its own purpose: no debugger can follow */
	bool hidden;	/* runs only when asked for by its full name: fixtures of self-tests */
	struct test_case *next;
};

void test_register(struct test_case *test);

/*
 * A test of a task ("-" and 0 points: not graded). More members of struct test_case can follow, as
 * in TEST("2.9", time_limit, 4, .seconds = 1.1). Order: by file and line.
 */
#define TEST(task_, name_, points_, ...)                                \
	static void test_##name_(void);                                 \
	static struct test_case case_##name_ = { .task = task_,         \
						 .name = #name_,        \
						 .points = points_,     \
						 .file = __FILE__,      \
						 .line = __LINE__,      \
						 .run = test_##name_,   \
						 ##__VA_ARGS__ };       \
	__attribute__((constructor)) static void register_##name_(void) \
	{                                                               \
		test_register(&case_##name_);                           \
	}                                                               \
	static void test_##name_(void)

/* A unit test that makes KVM objects: skipped, not failed, on a machine without /dev/kvm. */
#define TEST_KVM(task_, name_, points_, ...) TEST(task_, name_, points_, .kvm = true, ##__VA_ARGS__)

/* One sentence for the student: what the guest (or the call) did, and what should come of it. */
#define CONTEXT(...) test_context(__VA_ARGS__)

/* Leave the test: it cannot run here, for this reason (a format). Only in the test's own body. */
#define SKIP(...)                       \
	do {                            \
		test_skip(__VA_ARGS__); \
		return;                 \
	} while (0)

/* The value first, then what it should be. (One of a signed type may be shown as negative.) */
#define EXPECT_U64(actual, expected)	    EXPECT_U64_AS(#actual, actual, expected)
#define EXPECT_STR(actual, expected)	    expect_str(HERE(#actual), actual, expected)
#define EXPECT_BYTES(actual, expected, len) EXPECT_BYTES_AS(#actual, actual, expected, len)
#define EXPECT_CONTAINS(text, part)	    expect_contains(HERE(#text), text, part)

/* Where the expression would say little to a reader: the value's name in words comes first. */
#define EXPECT_U64_AS(words, actual, expected) \
	EXPECT_NUMBER(actual)(HERE(words), (u64)(actual), (u64)(expected))
#define EXPECT_BYTES_AS(words, actual, expected, len) \
	expect_bytes(HERE(words), actual, expected, len)

/* 0 or a negative errno: EXPECT_ERR(mem_read(&m, gpa, buf, 8), -EFAULT). */
#define EXPECT_ERR(actual, expected) expect_err(HERE(#actual), actual, expected)

/* A condition, and optionally (a format) what was found instead. */
#define EXPECT_TRUE(condition, ...) expect_true(HERE(#condition), !!(condition), " " __VA_ARGS__)

/* On a struct outcome: EXPECT_EXITS(o, IO_OUT, 8); EXPECT_VERDICT(o, halted). */
#define EXPECT_EXITS(o, KIND, n)    expect_exits(HERE("exits " #KIND), &(o), #KIND, n)
#define EXPECT_VERDICT(o, verdict_) expect_verdict(HERE("verdict"), &(o), #verdict_)

/*
 * At the wall-clock limit SIGQUIT arrives and fn(arg) is called: it can say where things stand by
 * CONTEXT(). (In a signal handler: it reads what the test owns and allocates nothing it may need.)
 */
void on_limit(void (*fn)(void *arg), void *arg);

/* A directory for the test's own files, also its $TMPDIR; and the path of a file in it. */
const char *test_tmpdir(void);
const char *test_tmpfile(const char *name);

/* A text, made as by printf(); it stays to the end of the test. */
const char *test_text(const char *fmt, ...) PRINTF(1, 2);

/* The test cannot be judged (a guest is missing, no memory...): its outcome is `error`. */
void test_error(const char *fmt, ...) PRINTF(1, 2) __attribute__((noreturn));

/* --- behind the macros --- */

struct here {
	const char *expr, *file;
	int line;
};
#define HERE(expr_)                       \
	(struct here)                     \
	{                                 \
		expr_, __FILE__, __LINE__ \
	}

#define EXPECT_NUMBER(value)             \
	_Generic((value) + 0, int        \
		 : expect_s64, long      \
		 : expect_s64, long long \
		 : expect_s64, default   \
		 : expect_u64)

void test_context(const char *fmt, ...) PRINTF(1, 2);
void test_skip(const char *fmt, ...) PRINTF(1, 2);
void expect_true(struct here here, bool ok, const char *fmt, ...) PRINTF(3, 4);
void expect_u64(struct here here, u64 actual, u64 expected);
void expect_s64(struct here here, u64 actual, u64 expected);
void expect_err(struct here here, long actual, long expected);
void expect_str(struct here here, const char *actual, const char *expected);
void expect_bytes(struct here here, const void *actual, const void *expected, size_t len);
void expect_contains(struct here here, const char *text, const char *part);
void expect_exits(struct here here, const struct outcome *o, const char *kind, u64 count);
void expect_verdict(struct here here, const struct outcome *o, const char *verdict);

#endif
