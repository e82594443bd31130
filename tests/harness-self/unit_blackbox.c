// SPDX-License-Identifier: MIT
/* Black-box runs against programs that only pretend to be a VMM. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "self.h"
#include "suite.h"

/* Use a shell script as the program. It gets --report=FILE first, the image last. */
static void vmm_is(const char *script)
{
	static char text[4096];

	snprintf(text, sizeof(text), "#!/bin/sh\nreport=${1#--report=}\n%s", script);
	self_write(test_tmpfile("vmm"), 0755, text);
	suite_opts.vmm = test_tmpfile("vmm");
	setenv("VMMLAB_VMM", suite_opts.vmm, 1); /* for fixture_run, in its own suite */
}

#define GOOD_REPORT                                                                        \
	"cat >$report <<END\nvmmlab-report 1\nverdict exit\nstatus 16\nexits IO_OUT 8\n"   \
	"exits HLT 1\nlast IO_OUT port=0xe9 size=1 count=1 data=48 rip=0x1005\nlast HLT\n" \
	"reg rip 0x1005\nreg cr0 0x60000010\nfuture thing\n"                               \
	"code 0x1003 e6 e9 out %al, \\$0xe9\nEND\n"

TEST("-", a_run_is_captured, 0)
{
	struct outcome o;
	u64 rip;

	vmm_is("printf 'H\\0i'; echo noise >&2\n" GOOD_REPORT "exit 16\n");
	o = run_vmm(&(struct vmm_run){ .image = "picture" });
	EXPECT_U64(o.out_len, 3);
	EXPECT_BYTES(o.out, "H\0i", 4);
	EXPECT_U64(captured_length(o.out), 3); /* a NUL does not hide the rest */
	EXPECT_STR(o.err, "noise\n");
	EXPECT_U64(o.status, 16);
	EXPECT_TRUE(!o.signalled && !o.timed_out);
	EXPECT_TRUE(o.report.found);
	EXPECT_VERDICT(o, exit);
	EXPECT_EXITS(o, IO_OUT, 8);
	EXPECT_EXITS(o, MMIO_READ, 0);
	EXPECT_TRUE(run_report_reg(&o.report, "rip", &rip) && rip == 0x1005);
	EXPECT_TRUE(!run_report_reg(&o.report, "r8", &rip));
	EXPECT_STR(o.report.code, "0x1003 e6 e9 out %al, $0xe9");
}

TEST("-", arguments_and_environment_arrive, 0)
{
	struct outcome o;

	vmm_is("shift; echo \"$*\" $FRUIT\n");
	o = run_vmm(&(struct vmm_run){ .image = "picture",
				       .args = { "--mode=real", "--stats" },
				       .env = { "FRUIT=apple" } });
	EXPECT_STR(o.out, "--mode=real --stats picture apple\n");
	o = run_vmm(&(struct vmm_run){ .no_report = true, .args = { "--help" } });
	EXPECT_STR(o.out, "\n");
}

TEST("-", a_crash_of_the_program_is_seen, 0)
{
	struct outcome o;

	vmm_is("printf 'half a line' >&2; kill -SEGV $$\n");
	o = run_vmm(&(struct vmm_run){ .image = "picture" });
	EXPECT_U64(o.status, 139);
	EXPECT_TRUE(o.signalled);
	CONTEXT("a test that looks at something else fails: the reader is told all the same");
	EXPECT_STR(test_record()->output, "half a line\nvmm: killed by SIGSEGV\n");
	EXPECT_TRUE(!o.report.found);
}

TEST("-", what_a_sanitizer_finds_in_the_program_is_a_failure, 0)
{
	struct test_result r;

	CONTEXT("all that the test asks of this run is there");
	vmm_is("printf H\n" GOOD_REPORT "cat >&2 <<END\nWARNING: ThreadSanitizer: data race\n"
	       "SUMMARY: ThreadSanitizer: data race x.c:1 in f\nvmm: good-bye\nEND\nexit 16\n");
	r = self_fixture("fixture_run");
	EXPECT_STR(outcome_name(r.outcome), "fail");
	EXPECT_STR(r.actual, "SUMMARY: ThreadSanitizer: data race x.c:1 in f");
}

TEST("-", what_the_sandbox_refuses_is_a_failure_and_has_a_name, 0)
{
	struct test_result r;

	CONTEXT("all that the test asks of this run is there, and then the sandbox stops it");
	vmm_is("printf H\n" GOOD_REPORT
	       "echo 'vmm: the sandbox refuses ioctl 0x0000ae01: no running VMM needs it' >&2\n"
	       "exit 159\n");
	r = self_fixture("fixture_run");
	EXPECT_STR(outcome_name(r.outcome), "fail");
	EXPECT_STR(r.actual, "it called ioctl 0x0000ae01");
}

TEST("-", a_limit_of_the_run_is_reported, 0, .seconds = 0.5)
{
	struct outcome o;

	vmm_is("trap 'echo dump >&2; exit 131' QUIT; while :; do sleep 0.02; done\n");
	o = run_vmm(&(struct vmm_run){ .image = "picture", .limit = 0.2 });
	EXPECT_TRUE(o.timed_out);
	EXPECT_U64(o.status, 131);
	EXPECT_STR(o.err, "dump\n");
}

TEST("-", an_endless_run_times_the_test_out, 0, .seconds = 1)
{
	struct test_result r;

	vmm_is("trap 'echo vmm: it spins >&2; exit 131' QUIT\n" GOOD_REPORT
	       "while :; do sleep 0.02; done\n");
	r = self_fixture("fixture_run");
	EXPECT_STR(outcome_name(r.outcome), "timeout");
	EXPECT_STR(r.code, "0x1003 e6 e9 out %al, $0xe9");
	EXPECT_CONTAINS(r.last, "IO_OUT port=0xe9");
	EXPECT_CONTAINS(r.output, "it spins");
	EXPECT_STR(r.context, "the command was   vmm --mode=real picture");
}

TEST("-", a_failing_run_shows_the_last_exits, 0)
{
	struct test_result r;

	vmm_is(GOOD_REPORT "exit 3\n");
	r = self_fixture("fixture_run");
	EXPECT_STR(outcome_name(r.outcome), "fail");
	EXPECT_STR(r.expected, "exit status = 16");
	EXPECT_STR(r.actual, "exit status = 3 (the guest died)");
	EXPECT_STR(r.exits, "IO_OUT 8 HLT 1");
	EXPECT_STR(r.code, ""); /* the guest has ended as it wished */
}

TEST("-", an_extra_nul_does_not_pass, 0)
{
	struct test_result r;

	vmm_is("printf 'H\\0'\n" GOOD_REPORT "exit 16\n");
	r = self_fixture("fixture_run");
	EXPECT_STR(outcome_name(r.outcome), "fail");
	EXPECT_STR(r.expected, "console = 48   \"H\"");
	EXPECT_STR(r.actual, "console = 48 00   \"H\\0\"");
}

TEST("-", a_missing_report_is_said, 0)
{
	struct test_result r;

	vmm_is("exit 16\n");
	r = self_fixture("fixture_run");
	EXPECT_STR(r.expected, "verdict exit");
	EXPECT_CONTAINS(r.actual, "wrote no report");
}

TEST("-", a_todo_of_the_program_is_not_implemented, 0)
{
	struct test_result r;

	vmm_is("echo task 2.5 is not done yet: labs/02-small/README.md >&2; exit 1\n");
	r = self_fixture("fixture_run");
	EXPECT_STR(outcome_name(r.outcome), "not_implemented");
	EXPECT_STR(r.todos, "2.5");
}

TEST("-", a_missing_program_is_an_error, 0)
{
	struct test_result r;

	setenv("VMMLAB_VMM", "./no-such-vmm", 1);
	r = self_fixture("fixture_run");
	EXPECT_STR(outcome_name(r.outcome), "error");
	EXPECT_CONTAINS(r.note, "./no-such-vmm");
}

/* A flat image, loaded at 0x1000, with the nonce in its bytes 4 to 11. */
static void make_guest(void)
{
	self_tree();
	setenv("VMMLAB_BUILD", ".", 1);
	self_mkdir("guests");
	self_mkdir("guests/02");
	self_write("guests/02/n.bin", 0644, "xxxx");
	if (truncate("guests/02/n.bin", 16))
		test_error("truncate: %s", strerror(errno));
	self_write("guests/02/n.sym", 0644, "00001004 d nonce\n");
}

TEST("-", each_run_gets_a_nonce_of_its_own, 0)
{
	struct outcome a, b;

	make_guest();
	vmm_is("for image; do :; done; cat \"$image\"; echo \"$image\" >&2\n");
	a = run_guest("02/n");
	b = run_guest("02/n");
	EXPECT_U64(a.out_len, 16);
	EXPECT_BYTES(a.out, "xxxx", 4);
	EXPECT_BYTES(a.out + 4, &a.nonce, 8);
	EXPECT_BYTES(b.out + 4, &b.nonce, 8);
	EXPECT_TRUE(a.nonce && b.nonce && a.nonce != b.nonce);
	a.err[strcspn(a.err, "\n")] = 0;
	EXPECT_TRUE(access(a.err, F_OK) != 0, "the copy %s is still there", a.err);
	EXPECT_U64(strlen(nonce_text(&a)), 17);
	EXPECT_U64(nonce_status(&a), 16 + (a.nonce & 63));
}

TEST("-", a_guest_without_a_nonce_runs_as_it_is, 0)
{
	struct outcome o;

	make_guest();
	self_write("guests/02/n.sym", 0644, "00001000 t start\n");
	vmm_is("for image; do :; done; echo \"$image\"\n");
	o = run_guest("02/n");
	EXPECT_STR(o.out, "./guests/02/n.bin\n");
	EXPECT_U64(o.nonce, 0);
}
