// SPDX-License-Identifier: MIT
/*
 * Signals to a VMM whose guest spins. The signal is sent when the guest's line has come out, and
 * not after some time: then the guest is known to run.
 */
#include <signal.h>
#include <stdio.h>

#include "bad_host.h"
#include "bad_stdout.h"
#include "signal_run.h"

static struct outcome spin_until(int sig, const char *arg)
{
	return run_vmm(&(struct vmm_run){
		.guest = "02/spin", .args = { arg }, .prepare = signal_after_a_line, .arg = &sig });
}

TEST_KVM("-", sigquit_says_where_the_guest_is, 0)
{
	struct outcome o = spin_until(SIGQUIT, NULL);
	u64 rip = 0;

	EXPECT_TRUE(!o.signalled && !o.timed_out, "killed by a signal: status %d", o.status);
	EXPECT_U64(o.status, 131);
	EXPECT_STR(o.out, "spinning\n");
	EXPECT_CONTAINS(o.err, "vmm: stopped: asked to say where the guest is (SIGQUIT)\n");
	EXPECT_CONTAINS(o.err, "  registers   rip ");
	EXPECT_CONTAINS(o.err, "  last exits  IO_OUT port=0xe9");
	EXPECT_VERDICT(o, limit);
	EXPECT_U64(o.report.status, 131);
	EXPECT_EXITS(o, IO_OUT, strlen("spinning\n"));
	EXPECT_TRUE(run_report_reg(&o.report, "rip", &rip) && rip >= 0x1000 && rip < 0x1100,
		    "rip is %#llx", (unsigned long long)rip);
	expect_nothing_left();
}

TEST_KVM("-", sigquit_works_with_a_time_limit_set, 0)
{
	struct outcome o = spin_until(SIGQUIT, "--timeout=60");

	EXPECT_U64(o.status, 131);
	EXPECT_VERDICT(o, limit);
}

TEST_KVM("-", sigquit_without_a_report, 0)
{
	struct outcome o = run_vmm(&(struct vmm_run){ .guest = "02/spin",
						      .no_report = true,
						      .prepare = signal_after_a_line,
						      .arg = &(int){ SIGQUIT } });

	EXPECT_U64(o.status, 131);
	EXPECT_CONTAINS(o.err, "vmm: stopped: ");
	expect_nothing_left();
}

/*
 * .prepare: stderr is full, and nobody reads it. When the guest has printed, a child sends SIGQUIT,
 * again and again, as somebody who holds down the key.
 */
static void quit_unread(void *arg)
{
	char page[PIPE_LEN] = { 0 };
	pid_t vmm = getpid();
	int err[2], out[2];

	if (pipe(err) || pipe(out) || fcntl(err[1], F_SETPIPE_SZ, PIPE_LEN) != PIPE_LEN ||
	    write(err[1], page, PIPE_LEN) != PIPE_LEN)
		_exit(99);
	switch (fork()) {
	case -1:
		_exit(99);
	case 0:
		close(out[1]);
		for (bool ready = read(out[0], page, 1) == 1; ready && state_of(vmm) != 'Z';) {
			send_signal(vmm, SIGQUIT);
			usleep(100000);
		}
		_exit(0);
	}
	if (dup2(out[1], STDOUT_FILENO) < 0 || dup2(err[1], STDERR_FILENO) < 0)
		_exit(99);
	close(out[1]);
}

TEST_KVM("-", sigquit_once_more_when_nobody_reads, 0, .seconds = 0.4)
{
	struct outcome o = run_vmm(&(struct vmm_run){ .guest = "02/spin", .prepare = quit_unread });

	CONTEXT("the first SIGQUIT waits for who reads its words; the next one ends the VMM");
	EXPECT_TRUE(!o.timed_out);
	EXPECT_U64(o.status, 131);
}

TEST_KVM("-", other_signals_end_the_vmm, 0)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };

	for (unsigned i = 0; i < ARRAY_SIZE(signals); i++) {
		struct outcome o = spin_until(signals[i], NULL);

		CONTEXT("SIG%s while the guest spins", sigabbrev_np(signals[i]));
		EXPECT_TRUE(!o.timed_out);
		EXPECT_U64(o.status, 128 + signals[i]); /* as the shell expects of Ctrl-C */
		EXPECT_STR(o.out, "spinning\n");
		expect_nothing_left();
	}
}

TEST_KVM("-", foreign_signals_are_no_time_limit, 0)
{
	static const int signals[] = { SIGUSR1, SIGUSR2, SIGALRM };

	for (unsigned i = 0; i < ARRAY_SIZE(signals); i++) {
		struct outcome o = spin_until(signals[i], "--timeout=0.3");

		CONTEXT("somebody's SIG%s carries no vCPU and is not our alarm: the VMM runs on, "
			"until its own time limit",
			sigabbrev_np(signals[i]));
		EXPECT_TRUE(!o.signalled);
		EXPECT_U64(o.status, 124);
		EXPECT_VERDICT(o, timeout);
	}
}
