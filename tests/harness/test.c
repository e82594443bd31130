// SPDX-License-Identifier: MIT
/* Inside the test's own process: the record of what happens, and its way to the suite. */
#include "test.h"

#include <CUnit/CUnit.h>
#include <CUnit/TestDB.h>
#include <CUnit/TestRun.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crash.h"
#include "env.h"
#include "nonce.h"
#include "proc.h"
#include "show.h"
#include "suite.h"

#define HOOKS_MAX 4

/* common/todo.h, where the test is linked with code that has TODO()s. */
unsigned todo_count(void) __attribute__((weak));
const char *todo_name(unsigned i) __attribute__((weak));

/* The test under way. It is global because assertions have no argument to carry it. */
static struct {
	struct test_result *r;
	int fd;
	const char *seal;
	void (*run)(void);
	bool returned; /* from run */
	double deadline;
	u64 seed;
	bool has_context;	       /* the test has set its sentence itself */
	volatile sig_atomic_t running; /* a black-box run is under way */
	struct {
		void (*fn)(void *arg);
		void *arg;
	} hooks[HOOKS_MAX];
	unsigned nhooks;
} now;

struct test_result *test_record(void)
{
	return now.r;
}

double test_deadline(void)
{
	return now.deadline;
}

void test_set_running(bool running)
{
	now.running = running;
}

/* A test that has drawn random numbers says of which seed, so that it can draw them again. */
static void plant_seed(void)
{
	char *text = getenv(NONCE_SEED);
	u64 own;

	now.seed = text ? strtoull(text, NULL, 0) : nonce_random() >> 32;
	own = now.seed;
	for (const char *p = now.r->id; *p;
	     p++) /* what one test shows tells nothing of another's */
		own = (own ^ (u8)*p) * 0x100000001b3;
	nonce_seed(own);
	if (!env_student())
		return;
	if (text) /* who is tested does not see it, either, not even where the kernel has put it */
		explicit_bzero(text, strlen(text));
	unsetenv(NONCE_SEED);
}

static void note_seed(void)
{
	if (nonce_was_drawn())
		show_format(now.r->seed, sizeof(now.r->seed), "0x%llx",
			    (unsigned long long)now.seed);
}

void test_send(bool end)
{
	json_t *json;
	char *text;

	note_seed();
	if (now.fd < 0)
		return;
	json = result_to_json(now.r);
	text = json_dumps(json, JSON_COMPACT);
	if (text)
		dprintf(now.fd, "%s%s\n", end ? now.seal : "", text);
	free(text);
	json_decref(json);
}

static void add_todos(void)
{
	if (todo_count && todo_name)
		for (unsigned i = 0; i < todo_count(); i++)
			result_add_todo(now.r, todo_name(i));
}

void test_context(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(now.r->context, sizeof(now.r->context), fmt, ap);
	va_end(ap);
	now.has_context = true;
	test_send(false);
}

void test_default_context(const char *text)
{
	if (!now.has_context)
		show_format(now.r->context, sizeof(now.r->context), "%s", text);
}

void test_held(struct here here)
{
	CU_assertImplementation(CU_TRUE, here.line, here.expr, here.file, "", CU_FALSE);
}

/* CUnit leaves the test by longjmp. */
static void leave(struct here here)
{
	add_todos();
	test_send(false);
	CU_assertImplementation(CU_FALSE, here.line, here.expr, here.file, "", CU_TRUE);
	abort(); /* not reached */
}

void test_fail(struct here here)
{
	now.r->outcome = T_FAIL;
	show_format(now.r->where, sizeof(now.r->where), "%s:%d", here.file, here.line);
	leave(here);
	abort();
}

void test_timed_out(void)
{
	now.r->outcome = T_TIMEOUT;
	show_format(now.r->expected, sizeof(now.r->expected), "an end within %g s", now.r->limit);
	show_format(now.r->actual, sizeof(now.r->actual), "still running then");
	leave(HERE("time limit"));
	abort();
}

void test_error(const char *fmt, ...)
{
	va_list ap;

	now.r->outcome = T_ERROR;
	va_start(ap, fmt);
	vsnprintf(now.r->note, sizeof(now.r->note), fmt, ap);
	va_end(ap);
	leave(HERE("error"));
	abort();
}

void test_skip(const char *fmt, ...)
{
	va_list ap;

	now.r->outcome = T_SKIP;
	va_start(ap, fmt);
	vsnprintf(now.r->note, sizeof(now.r->note), fmt, ap);
	va_end(ap);
}

void on_limit(void (*fn)(void *arg), void *arg)
{
	if (now.nhooks == HOOKS_MAX)
		return;
	now.hooks[now.nhooks].fn = fn;
	now.hooks[now.nhooks++].arg = arg;
}

const char *test_tmpdir(void)
{
	const char *dir = getenv("TMPDIR");

	return dir ? dir : "/tmp";
}

const char *test_text(const char *fmt, ...)
{
	char *text;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	va_end(ap);
	if (!text)
		test_error("no memory");
	return text;
}

const char *test_tmpfile(const char *name)
{
	return test_text("%s/%s", test_tmpdir(), name);
}

/*
 * The suite's first word at the limit. What follows is more than a signal handler should do; if it
 * gets stuck (in a lock that the test holds), SIGKILL comes a moment later and nothing is lost.
 */
static void on_sigquit(int sig, siginfo_t *info, void *context)
{
	if (now.running)
		return;
	crash_write_place(now.fd, TEST_PROCESS ": still", context);
	now.r->outcome = T_TIMEOUT;
	show_format(now.r->expected, sizeof(now.r->expected), "an end within %g s", now.r->limit);
	show_format(now.r->actual, sizeof(now.r->actual), "still running then");
	for (unsigned i = 0; i < now.nhooks; i++)
		now.hooks[i].fn(now.hooks[i].arg);
	add_todos();
	test_send(true);
	_exit(0);
}

static void run_to_its_end(void)
{
	now.run();
	now.returned = true;
}

/* Nothing failed, so far as was looked. */
static void judge_pass(const struct test_case *test, struct test_result *r)
{
	if (!now.returned) /* the code under test can jump, too */
		show_format(r->note, sizeof(r->note), "the test was left before its end");
	else if (r->asserts == 0)
		show_format(r->note, sizeof(r->note), "the test made no assertion");
	else
		return;
	r->outcome = T_FAIL;
	show_format(r->where, sizeof(r->where), "%s:%d", test->file, test->line);
}

void test_run_here(const struct test_case *test, struct test_result *r, int fd, const char *seal)
{
	struct sigaction sa = { .sa_sigaction = on_sigquit, .sa_flags = SA_SIGINFO };
	CU_pSuite suite;
	CU_pTest cu_test;

	memset(&now, 0, sizeof(now));
	now.r = r;
	now.fd = fd;
	now.seal = seal;
	now.run = test->run;
	now.deadline = fd < 0 ? proc_now() + 1e6 : proc_now() + r->limit;
	if (fd >= 0) {
		sigaction(SIGQUIT, &sa, NULL);
		crash_init(TEST_PROCESS, fd);
	}
	plant_seed();
	r->outcome = T_PASS;
	if (CU_initialize_registry() != CUE_SUCCESS ||
	    !(suite = CU_add_suite("suite", NULL, NULL)) ||
	    !(cu_test = CU_add_test(suite, test->name, run_to_its_end)) ||
	    CU_run_test(suite, cu_test) != CUE_SUCCESS) {
		r->outcome = T_ERROR;
		show_format(r->note, sizeof(r->note), "CUnit: %s", CU_get_error_msg());
	}
	r->asserts = CU_get_number_of_asserts();
	if (r->outcome == T_PASS)
		judge_pass(test, r);
	CU_cleanup_registry();
	add_todos();
	test_send(true);
}
