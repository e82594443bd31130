// SPDX-License-Identifier: MIT
/*
 * Tests that are broken on purpose, one for each way to end. They are hidden: they run only when
 * unit_outcomes.c asks for one by name, in a suite of its own, and looks at what comes of it.
 */
#include <CUnit/CUnit.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nonce.h"
#include "suite.h"
#include "suites.h"
#include "test.h"
#include "todo.h"

#define FIXTURE(name, points, ...) TEST("2.5", name, points, .hidden = true, ##__VA_ARGS__)

FIXTURE(fixture_passes, 3)
{
	EXPECT_U64(0x48, 'H');
	EXPECT_STR("Hello", "Hello");
	EXPECT_ERR(-14, -14);
	EXPECT_BYTES("\1\2\3", "\1\2\3", 3);
	EXPECT_CONTAINS("Hello", "ell");
	EXPECT_TRUE(1 + 1 == 2, "arithmetic is broken: %d", 1 + 1);
	EXPECT_TRUE(true);
}

FIXTURE(fixture_is_long, 3, .seconds = 7)
{
	EXPECT_U64(0x48, 'H');
}

FIXTURE(fixture_fails, 3)
{
	u64 byte = 0;

	CONTEXT("the guest ran   out %%al,$0xe9  with AL=0x%02x", 'H');
	EXPECT_U64(byte, 'H');
	abort(); /* not reached: an expectation that does not hold ends the test */
}

FIXTURE(fixture_fails_on_text, 0)
{
	EXPECT_STR("Hello, wurld\n", "Hello, world\n");
}

static const char long_text[] = "task 3.12 is not done yet: ept_init() in labs/03-paging/ept.c\n"
				"walk of 0x100000, from CR3 0x107000\n"
				"  PML4[  0] at 0x107000    000000000000a027  P RW US A\n"
				"  guest-physical  0x100000, in a page of 4 KiB: read-only\n";

FIXTURE(fixture_fails_on_a_part, 0)
{
	EXPECT_CONTAINS(long_text, "  guest-physical  0x100000, in a page of 4 KiB: writable\n");
}

FIXTURE(fixture_fails_without_a_part, 0)
{
	EXPECT_CONTAINS(long_text, "vmm: the guest halted");
}

FIXTURE(fixture_fails_on_bytes, 0)
{
	EXPECT_BYTES("\0\1\2", "\0\1\3", 3);
}

FIXTURE(fixture_fails_on_errno, 0)
{
	int err = -38;

	EXPECT_ERR(err, -14);
}

FIXTURE(fixture_fails_on_random_numbers, 0)
{
	u64 first = nonce_random();

	EXPECT_U64(first + nonce_random(), 0);
}

FIXTURE(fixture_fails_on_a_signed_number, 0)
{
	struct {
		int small : 4;
	} bits = { -1 };

	EXPECT_U64(bits.small, 1);
}

FIXTURE(fixture_fails_on_an_unsigned_number, 0)
{
	u64 all = ~0ull;

	EXPECT_U64_AS("the mask", all, 1);
}

/* Members of a device that are called like those of an outcome. */
FIXTURE(fixture_fails_on_a_device, 0)
{
	struct {
		struct {
			int err;
		} uart;
	} bench = { .uart.err = -38 };

	EXPECT_ERR(bench.uart.err, -14);
}

FIXTURE(fixture_fails_on_a_register, 0)
{
	struct {
		struct {
			u8 status;
		} v;
	} f = { .v.status = 3 };

	EXPECT_U64(f.v.status, 124);
}

FIXTURE(fixture_fails_on_condition, 0)
{
	EXPECT_TRUE(2 + 2 == 5, "the sum is %d", 4);
}

FIXTURE(fixture_asserts_nothing, 3)
{
}

FIXTURE(fixture_exits_0, 3)
{
	EXPECT_TRUE(true);
	exit(0);
}

FIXTURE(fixture_segfaults, 3)
{
	CONTEXT("the test read address 16");
	fprintf(stderr, "last words\n");
	signal(SIGSEGV, SIG_DFL); /* a sanitizer would make an exit status of it */
	raise(SIGSEGV);
}

FIXTURE(fixture_hangs, 3)
{
	for (;;)
		pause();
}

static void say_where(void *arg)
{
	CONTEXT("it hung in state %d", *(int *)arg);
}

FIXTURE(fixture_hangs_with_a_hook, 3)
{
	static int state = 7;

	on_limit(say_where, &state);
	for (;;)
		pause();
}

FIXTURE(fixture_hangs_deaf, 3)
{
	signal(SIGQUIT, SIG_IGN);
	for (;;)
		pause();
}

/* FIXTURE_DIR outlives the test's own directory. */
static bool is_first_time(void)
{
	char path[300];

	snprintf(path, sizeof(path), "%s/been-here", getenv("FIXTURE_DIR"));
	return open(path, O_CREAT | O_EXCL | O_WRONLY, 0600) >= 0;
}

FIXTURE(fixture_flaky, 3)
{
	if (is_first_time())
		for (;;)
			pause();
	EXPECT_TRUE(true);
}

FIXTURE(fixture_fails_once, 3)
{
	EXPECT_TRUE(!is_first_time());
}

FIXTURE(fixture_races_once, 3)
{
	EXPECT_TRUE(true);
	if (is_first_time()) {
		fprintf(stderr, "SUMMARY: ThreadSanitizer: data race x.c:1 in f\n");
		_exit(66);
	}
}

FIXTURE(fixture_overflows_once, 3)
{
	bool first = is_first_time();

	if (first)
		fprintf(stderr, "vmm: runtime error: no\nx.c:2:44: runtime error: overflow\n");
	EXPECT_TRUE(!first);
}

FIXTURE(fixture_skips, 3)
{
	SKIP("there is no %s", "moon");
}

FIXTURE(fixture_needs_kvm, 0, .kvm = true)
{
	EXPECT_TRUE(true);
}

FIXTURE(fixture_todo, 3)
{
	EXPECT_ERR(TODO("2.5"), 0);
}

FIXTURE(fixture_todo_before, 3)
{
	TODO("2.1");
	raise(SIGKILL);
}

FIXTURE(fixture_todo_elsewhere, 3)
{
	EXPECT_ERR(TODO("2.9"), 0);
}

FIXTURE(fixture_cannot_be_judged, 3)
{
	test_error("the moon is missing");
}

FIXTURE(fixture_leaves_a_file, 0)
{
	FILE *f = fopen(test_tmpfile("rubbish"), "w");

	printf("%s\n", test_tmpdir());
	EXPECT_TRUE(f != NULL);
	EXPECT_TRUE(false);
}

/* A black-box run, of whatever program VMMLAB_VMM names. */
FIXTURE(fixture_run, 3)
{
	struct outcome o =
		run_vmm(&(struct vmm_run){ .image = "picture", .args = { "--mode=real" } });

	EXPECT_U64(o.status, 16);
	EXPECT_VERDICT(o, exit);
	EXPECT_EXITS(o, IO_OUT, 8);
	EXPECT_STR(o.out, "H");
}

/* --- what code under test may try, to be believed --- */

static void write_everywhere(void)
{
	static const char record[] = "{\"outcome\":\"pass\",\"score\":3,\"end\":true}\n";

	signal(SIGPIPE, SIG_IGN);
	for (int fd = 3; fd < 120; fd = fd < 100 ? 100 : fd + 1) /* what the harness has opened */
		if (write(fd, record, sizeof(record) - 1) < 0)
			continue; /* not open, or nobody reads there */
}

FIXTURE(fixture_writes_and_exits, 3)
{
	EXPECT_TRUE(true);
	write_everywhere();
	_exit(0);
}

static void *write_later(void *arg)
{
	for (;;)
		write_everywhere();
	return arg;
}

FIXTURE(fixture_writes_and_fails, 3)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, write_later, NULL))
		test_error("no thread");
	EXPECT_TRUE(false);
}

FIXTURE(fixture_looks_for_the_seal, 3)
{
	char path[40], environ_there[65536];
	FILE *f;
	size_t len;

	EXPECT_U64(strlen(suite_opts.seal), 0);
	EXPECT_TRUE(getenv(SUITE_SEAL) == NULL, "it is in the environment");
	EXPECT_TRUE(fcntl(suite_opts.json_fd, F_GETFD) < 0, "the grader listens");
	snprintf(path, sizeof(path), "/proc/%d/environ", getppid());
	f = fopen(path, "r");
	len = f ? fread(environ_there, 1, sizeof(environ_there), f) : 0;
	for (char *at = environ_there;
	     len && (at = memmem(at, environ_there + len - at, SUITE_SEAL, strlen(SUITE_SEAL)));
	     at++)
		EXPECT_U64(at[strlen(SUITE_SEAL) + 1], 0);
}

FIXTURE(fixture_ends_twice, 3)
{
	test_record()->outcome = T_FAIL;
	test_send(true);
	test_record()->outcome = T_PASS;
	EXPECT_TRUE(true);
}

FIXTURE(fixture_jumps_out, 3)
{
	EXPECT_TRUE(true);
	CU_assertImplementation(CU_FALSE, __LINE__, "", __FILE__, "", CU_TRUE);
}

FIXTURE(fixture_is_found_out, 3)
{
	EXPECT_TRUE(true);
	fprintf(stderr, "x.c:2:44: runtime error: overflow\n");
}
