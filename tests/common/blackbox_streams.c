// SPDX-License-Identifier: MIT
/* Bad standard streams, few descriptors, little address space, a report that cannot be written. */
#include <errno.h>
#include <stdlib.h>
#include <linux/close_range.h>
#include <sys/resource.h>

#include "bad_stdout.h"

#define HELLO "Hello from real mode\n"

/* --- .prepare functions; arg is a limit --- */

static void close_all(void *arg)
{
	for (int fd = 0; fd <= 2; fd++)
		close(fd);
}

static void limit_fds(void *arg)
{
	rlim_t n = *(rlim_t *)arg;

	close_range(3, ~0u, CLOSE_RANGE_CLOEXEC); /* whatever else the tests have open */
	setrlimit(RLIMIT_NOFILE, &(struct rlimit){ n, n });
}

static void limit_memory(void *arg)
{
	rlim_t n = *(rlim_t *)arg;

	setrlimit(RLIMIT_AS, &(struct rlimit){ n, n });
}

#define RUN_PREPARED(prepare_, arg_, ...) \
	run_vmm(&(struct vmm_run){        \
		.guest = "02/hello16", .prepare = (prepare_), .arg = (arg_), ##__VA_ARGS__ })

/* --- stdin: no guest of this lab reads it --- */

TEST_KVM("-", stdin_is_bad, 0)
{
	struct outcome o = RUN_PREPARED(close_fd, &(int){ STDIN_FILENO });

	CONTEXT("stdin is closed");
	EXPECT_U64(o.status, 0);
	EXPECT_STR(o.out, HELLO);
	CONTEXT("stdin is a pipe whose writer has gone");
	o = RUN_PREPARED(broken_pipe, &(int){ STDIN_FILENO });
	EXPECT_U64(o.status, 0);
	EXPECT_STR(o.out, HELLO);
	CONTEXT("stdin is /dev/null");
	o = run_guest("02/hello16");
	EXPECT_U64(o.status, 0);
	EXPECT_STR(o.out, HELLO);
}

/* --- stdout --- */

TEST_KVM("-", stdout_takes_nothing, 0)
{
	expect_all_lost((struct vmm_run){ .guest = "02/hello16" });
}

TEST_KVM("-", stdout_is_full_for_half_a_line, 0)
{
	/* mov $'H', %al; out %al, $0xe9; hlt */
	static const u8 code[] = { 0xb0, 'H', 0xe6, 0xe9, 0xf4 };
	struct outcome o =
		run_vmm(&(struct vmm_run){ .image = input_file(INPUT("h"), code, sizeof(code)),
					   .prepare = stdout_is,
					   .arg = "/dev/full" });

	CONTEXT("a byte without a newline behind it");
	expect_lost(&o, "vmm: stdout: No space left on device\n");
}

TEST_KVM("-", stdout_fails_long_before_the_end, 0, .seconds = 1.1)
{
	struct outcome o;

	CONTEXT("spin loses its line, and then never ends: the VMM stops it at once or in time");
	o = run_vmm(&(struct vmm_run){ .guest = "02/spin",
				       .args = { "--timeout=1" },
				       .prepare = stdout_is,
				       .arg = "/dev/full" });
	expect_lost(&o, "vmm: stdout: No space left on device\n");
}

TEST_KVM("-", stdout_is_not_needed_by_a_silent_guest, 0)
{
	struct outcome o = run_vmm(
		&(struct vmm_run){ .guest = "02/halt", .prepare = stdout_is, .arg = "/dev/full" });

	EXPECT_U64(o.status, 0);
	EXPECT_VERDICT(o, halted);
}

TEST_KVM("-", stderr_is_closed, 0)
{
	struct outcome o = RUN_PREPARED(close_fd, &(int){ STDERR_FILENO });

	EXPECT_U64(o.status, 0);
	EXPECT_STR(o.out, HELLO);
	EXPECT_VERDICT(o, halted);
	CONTEXT("the guest dies, and nobody can hear of it: the status still says so");
	o = run_vmm(&(struct vmm_run){
		.guest = "02/triple-fault", .prepare = close_fd, .arg = &(int){ STDERR_FILENO } });
	EXPECT_U64(o.status, 3);
	EXPECT_VERDICT(o, dead);
	EXPECT_STR(o.out, "three faults, and out\n");
}

TEST_KVM("-", all_streams_are_closed, 0)
{
	struct outcome o = RUN_PREPARED(close_all, NULL);

	EXPECT_TRUE(!o.signalled);
	EXPECT_U64(o.status, 1);
	EXPECT_STR(o.out, "");
	EXPECT_STR(o.err, "");
	EXPECT_VERDICT(o, error);
	expect_nothing_left();
}

/* --- stdout is a pipe whose reader is away for a while, or for ever --- */

TEST_KVM("-", nobody_reads_stdout, 0, .seconds = 2.5)
{
	u8 bytes[OUTPUT_LEN];

	expect_ends_unread((struct vmm_run){ .image = speaker(0xe9, bytes) }, false);
}

TEST_KVM("-", stdout_is_read_later, 0)
{
	u8 bytes[OUTPUT_LEN];
	const char *image = speaker(0xe9, bytes);

	expect_all_read_later((struct vmm_run){ .image = image }, false, bytes, OUTPUT_LEN);
}

/* --- limits --- */

/* How many it takes hangs on the lab: the device, the VM, the vCPU; later, what a second thread
 * needs. */
TEST_KVM("-", few_descriptors, 0)
{
	struct outcome o = RUN_PREPARED(limit_fds, &(rlim_t){ 5 }, .no_report = true);
	rlim_t limit;

	expect_refused(&o, 1, "vmm: /dev/kvm: fails: Too many open files; ");
	o = RUN_PREPARED(limit_fds, &(rlim_t){ 6 }, .no_report = true);
	EXPECT_U64(o.status, 1);
	for (limit = 6; limit < 20 && o.status == 1; limit++) {
		CONTEXT("with at most %lu descriptors: one line, or all is well",
			(unsigned long)limit);
		EXPECT_CONTAINS(o.err, ": Too many open files");
		EXPECT_STR(o.out, "");
		o = RUN_PREPARED(limit_fds, &(rlim_t){ limit + 1 }, .no_report = true);
	}
	EXPECT_STR(o.out, HELLO);
	EXPECT_U64(o.status, 0);
}

TEST_KVM("-", little_address_space, 0)
{
	struct outcome o;

#ifdef SANITIZED
	SKIP("a sanitizer takes more address space than that for itself");
#endif
	CONTEXT("32 MiB of address space, 128 MiB for the guest");
	o = RUN_PREPARED(limit_memory, &(rlim_t){ 32 << 20 });
	expect_refused(&o, 1, "vmm: guest memory: Cannot allocate memory\n");
	o = RUN_PREPARED(limit_memory, &(rlim_t){ 32 << 20 }, .args = { "--memory=1M" });
	EXPECT_U64(o.status, 0);
	EXPECT_STR(o.out, HELLO);
}

/* --- the report --- */

static void expect_no_report(const char *arg, const char *out, const char *why)
{
	struct outcome o = run_vmm(
		&(struct vmm_run){ .guest = "02/hello16", .args = { arg }, .no_report = true });

	EXPECT_TRUE(!o.signalled);
	EXPECT_U64(o.status, 1);
	EXPECT_STR(o.out, out);
	EXPECT_CONTAINS(o.err, why);
	expect_nothing_left();
}

TEST_KVM("-", report_cannot_be_written, 0)
{
	const char *path = test_tmpfile("no-directory/r");

	CONTEXT("what cannot be opened is said before the guest runs");
	expect_no_report(test_text("--report=%s", path), "",
			 test_text("vmm: %s: No such file or directory\n", path));
	expect_no_report("--report=/", "", "vmm: /: Is a directory\n");
	CONTEXT("what cannot be written, afterwards");
	expect_no_report("--report=/dev/full", HELLO, "vmm: /dev/full: No space left on device\n");
}

TEST_KVM("-", report_of_a_dead_guest_cannot_be_written, 0)
{
	struct outcome o = run_vmm(&(struct vmm_run){
		.guest = "02/triple-fault", .args = { "--report=/dev/full" }, .no_report = true });

	CONTEXT("the obituary stands, and the report's failure behind it");
	EXPECT_U64(o.status, 1);
	EXPECT_CONTAINS(o.err, "vmm: the guest died: triple fault");
	EXPECT_CONTAINS(o.err, "vmm: /dev/full: No space left on device\n");
}

TEST("-", help_that_does_not_arrive, 0)
{
	struct outcome o = run_vmm(&(struct vmm_run){ .args = { "--help" },
						      .image = test_tmpfile("nonexistent"),
						      .prepare = stdout_is,
						      .arg = "/dev/full" });

	EXPECT_U64(o.status, 2);
	EXPECT_STR(o.err, "vmm: stdout: No space left on device\n");
}
