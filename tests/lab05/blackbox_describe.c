// SPDX-License-Identifier: MIT
/* When the devices of a run are shown, and when they are not. */
#include <signal.h>

#include "../common/signal_run.h"
#include "suite.h"

#define UNDONE "is not done yet"

static struct outcome typewriter(const char *irqchip)
{
	return run_vmm(&(struct vmm_run){ .guest = "05/console-echo",
					  .args = { "--device=console", irqchip },
					  .prepare = signal_after_a_line,
					  .arg = &(int){ SIGQUIT } });
}

TEST("-", sigquit_shows_what_the_devices_wait_for, 0, .seconds = 0.4)
{
	struct outcome o = typewriter("--irqchip=user");

	if (strstr(o.err, UNDONE))
		SKIP("tasks up to 5.5 come first");
	EXPECT_U64(o.status, 131);
	EXPECT_CONTAINS(o.err, "vmm: stopped: asked to say where the guest is (SIGQUIT)\n");
	EXPECT_CONTAINS(o.err, "\n  CPU         IF 0, ");
	EXPECT_CONTAINS(o.err, "\n  8259        INT is low\n              master  IRR 00 ");
	EXPECT_CONTAINS(o.err, "\n  UART        IER 00 ");
	EXPECT_CONTAINS(o.err, "\n  console     window 7, status 0x0f, InterruptStatus 0x00\n"
			       "              ACKNOWLEDGE DRIVER FEATURES_OK DRIVER_OK\n"
			       "              queue size  avail.idx");
	o = typewriter("--irqchip=kernel");
	if (strstr(o.err, UNDONE))
		SKIP("task 4.8 comes first");
	CONTEXT("KVM's own chips, asked from within the sandbox");
	EXPECT_U64(o.status, 131);
	EXPECT_CONTAINS(o.err, "\n  CPU         IF 0\n  8259 (KVM)  master  IRR ");
	EXPECT_CONTAINS(o.err, "\n  8254        ");
	EXPECT_CONTAINS(o.err, "\n  console     window 7, status 0x0f, ");
}

TEST("-", a_time_limit_shows_them_too, 0, .seconds = 0.4)
{
	struct outcome o = run_guest("05/console-echo", "--device=console", "--device=rng",
				     "--device=net,user", "--timeout=2");

	if (strstr(o.err, UNDONE))
		SKIP("tasks up to 5.5 come first");
	EXPECT_U64(o.status, 124);
	EXPECT_CONTAINS(o.err, "chain avail.ring[0] was taken and has not come back\n");
	CONTEXT("what a failed test keeps of it begins before its first line");
	EXPECT_CONTAINS(test_record()->output, "vmm: time limit: ");
}

TEST("-", a_broken_queue_shows_where_if_it_is_asked_to, 0, .seconds = 0.4)
{
	/* The low half of the nonce says what it does: its index jumps. */
	struct vmm_run run = { .guest = "05/hostile-queue",
			       .args = { "--device=rng", "--verbose" },
			       .nonce = 1ULL << 32 };
	struct outcome o = run_vmm(&run);

	if (strstr(o.err, UNDONE))
		SKIP("task 5.10 comes first");
	EXPECT_U64(o.status, 0);
	EXPECT_CONTAINS(o.err, "vmm: rng: the driver has given us an available index that has "
			       "jumped\n"
			       "  rng         window 7, status 0x4f, InterruptStatus 0x02\n");
	EXPECT_CONTAINS(o.err, "\n              queue 0 is broken: the driver has given us\n"
			       "              an available index that has jumped\n");
	run.args[1] = NULL;
	o = run_vmm(&run);
	CONTEXT("without --verbose, and the guest leaves with status 0");
	EXPECT_CONTAINS(o.err, "vmm: rng: the driver has given us ");
	EXPECT_TRUE(!strstr(o.err, "window 7"), "%s", o.err);
}
