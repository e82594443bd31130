// SPDX-License-Identifier: MIT
/* A crash, and a test that hangs, name the function, the file and the line. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "crash.h"
#include "place.h"
#include "print.h"
#include "self.h"

#define FIXTURE(name) TEST("2.5", name, 3, .hidden = true)

/* At the end of this file, as if it were a student's. */
static void store(int *to);
static void clear(void *to);
static void call(void (*function)(void));
static int descend(int depth);
static void give_up(void);
static void wait_for_ever(void);

static int *volatile nowhere = (int *)16;
static void (*volatile no_function)(void);

FIXTURE(fixture_stores_nowhere)
{
	store(nowhere);
}

FIXTURE(fixture_crashes_in_libc)
{
	clear(nowhere);
}

FIXTURE(fixture_calls_nowhere)
{
	call(no_function);
}

FIXTURE(fixture_descends_for_ever)
{
	struct rlimit small;

	getrlimit(RLIMIT_STACK, &small);
	small.rlim_cur = 256 << 10;
	setrlimit(RLIMIT_STACK, &small);
	EXPECT_U64(descend(1), 0);
}

FIXTURE(fixture_aborts)
{
	give_up();
}

FIXTURE(fixture_waits_for_ever)
{
	wait_for_ever();
}

FIXTURE(fixture_crashes_itself)
{
	*nowhere = 1;
}

/* What code under test may write where the harness reads: no address of its own, or too many. */
FIXTURE(fixture_tells_stories)
{
	static const char text[] = "test: crashed with SIGSEGV at 0x\033[31mred 0xffffffffffffffff "
				   "`touch /tmp/x`, labs/02-x/x.c:1 -1 --help\n"
				   "test: at\ntest: at 0x\n";

	EXPECT_TRUE(true);
	for (int fd = 3; fd < 120; fd++)
		if (write(fd, text, sizeof(text) - 1) < 0)
			continue;
	_exit(0);
}

static void expect_place(const char *fixture, const char *outcome, const char *says,
			 const char *place)
{
	struct test_result r;

	self_tree();
	r = self_fixture(fixture);
	CONTEXT("the fixture was %s; note: %s; place: %s", fixture, r.note, r.place);
	EXPECT_STR(outcome_name(r.outcome), outcome);
	EXPECT_U64(r.score, 0);
	EXPECT_CONTAINS(r.place, place);
	EXPECT_CONTAINS(strcmp(outcome, "crash") ? r.actual : r.note,
			test_text("%s in %s", says, place));
}

TEST("-", a_crash_names_function_file_and_line, 0, .seconds = 1)
{
#ifdef SANITIZED
	SKIP("the sanitizer says it");
#endif
	expect_place("fixture_stores_nowhere", "crash", "the test crashed with SIGSEGV",
		     "store(), labs/05-virtio/made_up.c:102");
	expect_place("fixture_crashes_in_libc", "crash", "crashed with SIGSEGV",
		     "clear(), labs/05-virtio/made_up.c:107");
	expect_place("fixture_calls_nowhere", "crash", "crashed with SIGSEGV",
		     "call(), labs/05-virtio/made_up.c:112");
	expect_place("fixture_descends_for_ever", "crash", "crashed with SIGSEGV",
		     "descend(), labs/05-virtio/made_up.c:");
	expect_place("fixture_aborts", "crash", "crashed with SIGABRT",
		     "give_up(), labs/05-virtio/made_up.c:127");
	expect_place("fixture_crashes_itself", "crash", "crashed with SIGSEGV",
		     "test_fixture_crashes_itself(), tests/harness-self/unit_place.c:");
}

TEST("-", a_hanging_test_names_the_function, 0, .seconds = 1)
{
	expect_place("fixture_waits_for_ever", "timeout", "still",
		     "wait_for_ever(), labs/05-virtio/made_up.c:13");
}

TEST("-", a_made_up_place_is_none, 0, .seconds = 0.3)
{
	struct test_result r;

	self_tree();
	r = self_fixture("fixture_tells_stories");
	EXPECT_STR(outcome_name(r.outcome), "crash");
	EXPECT_STR(r.note, "the code under test called exit(0)");
	EXPECT_STR(r.place, "");
	EXPECT_U64(r.score, 0);
}

TEST("-", the_last_line_with_addresses_counts, 0)
{
	EXPECT_TRUE(place_in("vmm: crashed with SIGSEGV\n at 0x1\n", ": crashed") == NULL);
	EXPECT_TRUE(place_in("vmm: crashed at last\n", ": crashed") == NULL);
	EXPECT_STR(place_in("a: crashed at 0x1\nb: crashed with SIGBUS at 0x2 0x3\nx at 0x4\n",
			    ": crashed"),
		   " 0x2 0x3\nx at 0x4\n");
}

#define REPORT                                                                   \
	"==7==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x6020\n" \
	"WRITE of size 9 at 0x6020 thread T0\n"                                  \
	"    #0 0x7f41 in memset ../../libsanitizer/interceptors.inc:799\n"      \
	"    #1 0x55e2 in add_piece labs/05-virtio/virtq.c:84\n"                 \
	"SUMMARY: AddressSanitizer: heap-buffer-overflow memset\n"               \
	"Shadow bytes around the buggy address:\n"

TEST("-", a_sanitizers_report_is_shown_from_its_first_line, 0)
{
	struct test_result r = { .outcome = T_CRASH, .task = "5.2", .name = "n" };
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	EXPECT_STR(outcome_last_words("1\n2\n3\n", 4), "2\n3\n");
	EXPECT_STR(outcome_last_words("1\n2\n", 4), "1\n2\n");
	EXPECT_STR(outcome_last_words("1\n2\n" REPORT, 4), REPORT);
	EXPECT_STR(outcome_last_words("1\nvmm: still at 0x1 0x2\n2\n3\n", 4),
		   "vmm: still at 0x1 0x2\n2\n3\n");
	EXPECT_STR(outcome_last_words("1\nx.c:7:3: runtime error: overflow\n2\n3\n", 2),
		   "x.c:7:3: runtime error: overflow\n2\n3\n");
	strcpy(r.output, REPORT);
	unsetenv("SAN");
	print_block(f, &r, "title", false);
	setenv("SAN", "1", 1);
	print_block(f, &r, "title", false);
	fclose(f);
	CONTEXT("the first line, and the one of the student's");
	EXPECT_CONTAINS(text, "said        ==7==ERROR: AddressSanitizer: heap-buffer-overflow on");
	EXPECT_CONTAINS(text, "said            #1 0x55e2 in add_piece labs/05-virtio/virtq.c:84\n");
	EXPECT_CONTAINS(text, "look closer ./lab debug T=5.2, or SAN=1 ./lab grade T=5.2\n");
	EXPECT_CONTAINS(text, "again ./lab grade T=5.2\n");
	CONTEXT("with the sanitizers already: the commands that it names have them, too");
	EXPECT_CONTAINS(text, "look closer SAN=1 ./lab debug T=5.2\n");
	EXPECT_CONTAINS(text, "again SAN=1 ./lab grade T=5.2\n");
	free(text);
}

/* --- as if it were a student's --- */

__attribute__((noinline)) static int helper(int n)
{
	return n & 1;
}

#line 100 "labs/05-virtio/made_up.c"
__attribute__((noinline)) static void store(int *to)
{
	*to = 1;
}

__attribute__((noinline)) static void clear(void *to)
{
	memset(to, 0, 5000 + (size_t)helper(getpid()));
}

__attribute__((noinline)) static void call(void (*function)(void))
{
	function();
	nowhere = NULL;
}

__attribute__((noinline)) static int descend(int depth)
{
	volatile char room[1000];

	room[depth % 1000] = (char)depth;
	return depth ? descend(depth + 1) + room[depth % 7] : 0;
}

__attribute__((noinline)) static void give_up(void)
{

	abort();
}

__attribute__((noinline)) static void wait_for_ever(void)
{
	for (;;)
		usleep(10000);
}
