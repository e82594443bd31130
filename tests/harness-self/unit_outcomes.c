// SPDX-License-Identifier: MIT
/* Every way in which a test can end, by the fixtures that do. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nonce.h"
#include "self.h"

/* Run a fixture and compare its outcome. */
static struct test_result expect_outcome(const char *fixture, const char *outcome)
{
	struct test_result r;

	self_tree();
	r = self_fixture(fixture);
	CONTEXT("the fixture was %s", fixture);
	EXPECT_STR(outcome_name(r.outcome), outcome);
	EXPECT_U64(r.score, r.outcome == T_PASS ? r.max_score : 0);
	return r;
}

TEST("-", a_good_test_passes, 0)
{
	struct test_result r = expect_outcome("fixture_passes", "pass");

	EXPECT_STR(r.id, "2.5/fixture-passes");
	EXPECT_STR(r.suite, "harness-self/unit");
	EXPECT_U64(r.score, 3);
	EXPECT_TRUE(!r.flaky);
}

TEST("-", a_long_test_is_left_out, 0)
{
	struct test_result r;

	setenv("VMMLAB_LONGEST", "6.5", 1);
	r = expect_outcome("fixture_is_long", "skip");
	EXPECT_STR(r.note, "left out by VMMLAB_LONGEST=6.5 or VMMLAB_WITHOUT");
	setenv("VMMLAB_ALSO", "fixture-is, is-long, fixture-is-longer", 1);
	expect_outcome("fixture_is_long", "skip");
	setenv("VMMLAB_ALSO", "other, fixture-is-long", 1);
	expect_outcome("fixture_is_long", "pass");
	setenv("VMMLAB_ALSO", "2.50, 2.5", 1);
	expect_outcome("fixture_is_long", "pass");
	setenv("VMMLAB_ALSO", "2.50, 2", 1);
	expect_outcome("fixture_is_long", "skip");
	unsetenv("VMMLAB_ALSO");
	setenv("VMMLAB_LONGEST", "7.5", 1);
	expect_outcome("fixture_is_long", "pass");
	setenv("VMMLAB_WITHOUT", "2.50, 2", 1);
	expect_outcome("fixture_is_long", "pass");
	setenv("VMMLAB_WITHOUT", "2.4,2.5", 1);
	expect_outcome("fixture_is_long", "skip");
	unsetenv("VMMLAB_WITHOUT");
}

TEST("-", what_needs_kvm_is_a_part_of_its_own, 0)
{
	setenv("VMMLAB_PART", "kvm", 1);
	EXPECT_STR(expect_outcome("fixture_passes", "skip").note,
		   "left to another place by VMMLAB_PART=kvm");
	EXPECT_STR(expect_outcome("fixture_needs_kvm", "pass").note, "");
	setenv("VMMLAB_PART", "plain", 1);
	expect_outcome("fixture_passes", "pass");
	EXPECT_STR(expect_outcome("fixture_needs_kvm", "skip").note,
		   "left to another place by VMMLAB_PART=plain");
	/* What runs in neither does not wait for the other. */
	setenv("VMMLAB_WITHOUT", "2.5", 1);
	EXPECT_CONTAINS(expect_outcome("fixture_needs_kvm", "skip").note, "VMMLAB_WITHOUT");
	unsetenv("VMMLAB_WITHOUT");
	unsetenv("VMMLAB_PART");
}

TEST("-", a_failure_says_what_was_there, 0)
{
	struct test_result r = expect_outcome("fixture_fails", "fail");

	EXPECT_STR(r.context, "the guest ran   out %al,$0xe9  with AL=0x48");
	EXPECT_STR(r.expected, "byte = 0x48 (72, 'H')");
	EXPECT_STR(r.actual, "byte = 0");
	EXPECT_CONTAINS(r.where, "tests/harness-self/unit_fixtures.c:");
	EXPECT_U64(r.max_score, 3);
}

TEST("-", a_text_failure_shows_where_it_differs, 0)
{
	struct test_result r = expect_outcome("fixture_fails_on_text", "fail");

	EXPECT_CONTAINS(r.expected, "\"Hello, world\\n\"");
	EXPECT_CONTAINS(r.actual, "\"Hello, wurld\\n\"  (byte 8 differs)");
}

/* A long text, where it comes nearest to the part that it should have. */
TEST("-", a_missing_part_shows_what_is_in_its_place, 0)
{
	struct test_result r = expect_outcome("fixture_fails_on_a_part", "fail");

	EXPECT_CONTAINS(r.expected, "in a page of 4 KiB: writable\\n\"");
	EXPECT_CONTAINS(r.actual, "= ...\"");
	EXPECT_CONTAINS(r.actual, "in a page of 4 KiB: read-only\\n\"");
	CONTEXT("nothing in it is like that part");
	r = self_fixture("fixture_fails_without_a_part");
	EXPECT_CONTAINS(r.actual, "= \"task 3.12 is not done yet");
}

TEST("-", other_failures_show_values_too, 0, .seconds = 0.4)
{
	struct test_result r = expect_outcome("fixture_fails_on_errno", "fail");

	EXPECT_STR(r.expected, "err = -EFAULT (-14, Bad address)");
	EXPECT_STR(r.actual, "err = -ENOSYS (-38, Function not implemented)");
	r = self_fixture("fixture_fails_on_a_device");
	EXPECT_STR(r.expected, "bench.uart.err = -EFAULT (-14, Bad address)");
	r = self_fixture("fixture_fails_on_a_register");
	EXPECT_STR(r.expected, "f.v.status = 0x7c (124, '|')");
	EXPECT_STR(r.actual, "f.v.status = 3");
	r = self_fixture("fixture_fails_on_a_signed_number");
	EXPECT_STR(r.expected, "bits.small = 1");
	EXPECT_STR(r.actual, "bits.small = -1");
	r = self_fixture("fixture_fails_on_an_unsigned_number");
	EXPECT_CONTAINS(r.actual, "the mask = 0xffffffffffffffff (");
	r = self_fixture("fixture_fails_on_bytes");
	EXPECT_CONTAINS(r.expected, "from byte 2 = 03");
	EXPECT_CONTAINS(r.actual, "from byte 2 = 02");
	r = self_fixture("fixture_fails_on_condition");
	EXPECT_STR(r.expected, "2 + 2 == 5");
	EXPECT_STR(r.actual, "the sum is 4");
}

TEST("-", a_seed_repeats_the_random_numbers, 0, .seconds = 0.3)
{
	struct test_result one = self_fixture("fixture_fails_on_random_numbers"), other;

	EXPECT_TRUE(!strncmp(one.seed, "0x", 2), "the failure names no seed: %s", one.seed);
	other = self_fixture("fixture_fails_on_random_numbers");
	EXPECT_TRUE(strcmp(one.seed, other.seed) != 0 && strcmp(one.actual, other.actual) != 0,
		    "another run draws the same numbers");
	setenv(NONCE_SEED, one.seed, 1);
	other = self_fixture("fixture_fails_on_random_numbers");
	unsetenv(NONCE_SEED);
	EXPECT_STR(other.seed, one.seed);
	EXPECT_STR(other.actual, one.actual);
	CONTEXT("who draws none has no seed");
	EXPECT_STR(self_fixture("fixture_fails").seed, "");
}

TEST("-", a_test_without_assertions_fails, 0)
{
	struct test_result r = expect_outcome("fixture_asserts_nothing", "fail");

	EXPECT_STR(r.note, "the test made no assertion");
}

TEST("-", exit_0_in_a_test_is_a_crash, 0)
{
	struct test_result r = expect_outcome("fixture_exits_0", "crash");

	EXPECT_CONTAINS(r.note, "exit(0)");
}

TEST("-", a_signal_is_a_crash, 0)
{
	struct test_result r = expect_outcome("fixture_segfaults", "crash");

	EXPECT_CONTAINS(r.note, "SIGSEGV");
	EXPECT_STR(r.context, "the test read address 16");
	EXPECT_CONTAINS(r.output, "last words");
}

TEST("-", hidden_tests_need_their_whole_name, 0)
{
	char *argv[] = { "/proc/self/exe", "--filter=fixture*", "--shuffle=1", "--repeat=2", NULL };
	struct proc_result p = self_run(argv, NULL);

	EXPECT_CONTAINS(p.out, "0 passed, 0 failed, 0 skipped");
}

TEST("-", a_hanging_test_times_out, 0, .seconds = 1)
{
	struct test_result r = expect_outcome("fixture_hangs", "timeout");

	EXPECT_STR(r.expected, "an end within 0.2 s");
}

TEST("-", a_hanging_test_can_say_where, 0, .seconds = 1)
{
	struct test_result r = expect_outcome("fixture_hangs_with_a_hook", "timeout");

	EXPECT_STR(r.context, "it hung in state 7");
}

TEST("-", a_deaf_test_is_killed, 0, .seconds = 1)
{
	struct test_result r = expect_outcome("fixture_hangs_deaf", "timeout");

	EXPECT_CONTAINS(r.actual, "deaf to SIGQUIT");
}

TEST("-", a_pass_at_the_second_try_is_flaky, 0, .seconds = 1)
{
	struct test_result r = expect_outcome("fixture_flaky", "pass");

	EXPECT_TRUE(r.flaky);
	EXPECT_CONTAINS(r.note, "at first: ");
}

TEST("-", a_failure_has_a_second_try_only_where_the_caller_says_so, 0)
{
	struct test_result r;

	unsetenv("VMMLAB_SECOND_TRY");
	r = expect_outcome("fixture_fails_once", "fail");
	EXPECT_TRUE(!r.flaky);
	setenv("VMMLAB_SECOND_TRY", "1", 1);
	expect_outcome("fixture_fails", "fail");
}

TEST("-", what_failed_once_is_flaky_and_says_why, 0)
{
	struct test_result r;

	setenv("VMMLAB_SECOND_TRY", "1", 1);
	r = expect_outcome("fixture_fails_once", "pass");
	EXPECT_TRUE(r.flaky);
	EXPECT_CONTAINS(r.note, "at first: ");
}

TEST("-", what_a_sanitizer_finds_has_no_second_try, 0)
{
	setenv("VMMLAB_SECOND_TRY", "1", 1);
	EXPECT_TRUE(!expect_outcome("fixture_races_once", "crash").flaky);
}

TEST("-", what_ubsan_finds_has_no_second_try, 0)
{
	setenv("VMMLAB_SECOND_TRY", "1", 1);
	EXPECT_TRUE(!expect_outcome("fixture_overflows_once", "fail").flaky);
}

TEST("-", a_skip_says_why, 0)
{
	EXPECT_STR(expect_outcome("fixture_skips", "skip").note, "there is no moon");
}

TEST("-", a_missing_kvm_is_a_skip, 0)
{
	char *argv[] = { "/proc/self/exe", "--filter=fixture_needs_kvm", "--no-kvm=no kvm here",
			 NULL };
	struct proc_result p = self_run(argv, NULL);

	EXPECT_CONTAINS(p.out, "environment: no kvm here");
	EXPECT_CONTAINS(p.out, "0 passed, 0 failed, 1 skipped");
}

TEST("-", a_todo_of_the_task_is_not_implemented, 0)
{
	struct test_result r = expect_outcome("fixture_todo", "not_implemented");

	EXPECT_STR(r.todos, "2.5");
}

TEST("-", a_todo_of_a_task_before_is_not_implemented, 0)
{
	struct test_result r;

	self_tree();
	self_write("labs/02-small/tasks", 0644,
		   "2.1 1 a.c f - one\n2.4 1 a.c g 2.1 two\n"
		   "2.5 1 a.c h 2.4 three\n2.9 1 a.c i 2.5 four\n");
	r = self_fixture("fixture_todo_before");
	EXPECT_STR(outcome_name(r.outcome), "not_implemented");
	EXPECT_STR(r.todos, "2.1");
}

TEST("-", a_todo_elsewhere_is_a_failure, 0)
{
	EXPECT_STR(expect_outcome("fixture_todo_elsewhere", "fail").todos, "2.9");
}

TEST("-", a_fault_of_the_tests_is_an_error, 0)
{
	EXPECT_STR(expect_outcome("fixture_cannot_be_judged", "error").note, "the moon is missing");
}

TEST("-", files_of_a_test_are_removed, 0)
{
	struct test_result r = expect_outcome("fixture_leaves_a_file", "fail");
	char *end = strchr(r.output, '\n');

	if (!end)
		test_error("it did not print its directory");
	*end = 0;
	EXPECT_CONTAINS(r.output, "/vmmlab-");
	EXPECT_TRUE(access(r.output, F_OK) != 0, "%s is still there", r.output);
}

TEST("-", without_fork_it_judges_and_tidies_too, 0)
{
	char *argv[] = { "/proc/self/exe", "--no-fork", "--filter=fixture_leaves_a_file", NULL };
	struct proc_result p = self_run(argv, NULL);

	EXPECT_U64(proc_exit_code(&p), 1);
	EXPECT_CONTAINS(p.out, "0 passed, 1 failed, 0 skipped");
	p.out[strcspn(p.out, "\n")] = 0;
	EXPECT_CONTAINS(p.out, "/vmmlab-");
	EXPECT_TRUE(access(p.out, F_OK) != 0, "%s is still there", p.out);
}

TEST("-", wrong_options_are_usage_errors, 0)
{
	char *argv[] = { "/proc/self/exe", "--no-such-option", NULL };
	struct proc_result p = self_run(argv, NULL);

	EXPECT_U64(proc_exit_code(&p), 64);
	EXPECT_CONTAINS(p.err, "usage:");
}
