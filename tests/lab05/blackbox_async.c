// SPDX-License-Identifier: MIT
/* Task 5.8, from outside: the same guests, with notifications and interrupts that pass the vCPU by.
 */
#include <stdio.h>
#include <string.h>

#include "nonce.h"
#include "test.h"

static struct outcome run_rng(const char *guest, u64 nonce, const char *irqchip, const char *notify)
{
	return run_vmm(
		&(struct vmm_run){ .guest = guest,
				   .nonce = nonce,
				   .args = { "--device=rng", "--timeout=5", irqchip, notify } });
}

/* The same guest with each kind of notification: the same output, and so many exits by MMIO writes
 * less. */
static void expect_fewer_writes(const char *guest, u64 nonce, const char *irqchip, u64 notified)
{
	struct outcome by_exit = run_rng(guest, nonce, irqchip, "--notify=exit");
	struct outcome by_eventfd = run_rng(guest, nonce, irqchip, "--notify=eventfd");
	u64 before = run_report_exits(&by_exit.report, "MMIO_WRITE");

	CONTEXT("%s: %s prints the same, however it notifies", irqchip, guest);
	EXPECT_U64(by_exit.status, 0);
	EXPECT_STR(by_eventfd.out, by_exit.out);
	EXPECT_U64(by_eventfd.status, 0);
	CONTEXT("%s: %llu of the %llu writes of %s are notifications, which are no exits now",
		irqchip, (unsigned long long)notified, (unsigned long long)before, guest);
	EXPECT_EXITS(by_eventfd, MMIO_WRITE, before - notified);
	EXPECT_EXITS(by_eventfd, MMIO_READ, run_report_exits(&by_exit.report, "MMIO_READ"));
}

TEST("5.8", notifications_are_no_exits, 1, .seconds = 0.2)
{
	u64 nonce = nonce_random();

	expect_fewer_writes("05/rng", nonce, "--irqchip=user", 2);
	expect_fewer_writes("05/interrupts", nonce, "--irqchip=user", (nonce & 7) + 3);
}

TEST("5.8", notifications_with_kvms_controller, 1, .seconds = 0.2)
{
	u64 nonce = nonce_random();

	expect_fewer_writes("05/rng", nonce, "--irqchip=kernel", 2);
	expect_fewer_writes("05/interrupts", nonce, "--irqchip=kernel", (nonce & 7) + 3);
}

static struct outcome sleep_until_answered(const char *irqchip, u64 nonce)
{
	struct outcome o = run_rng("05/interrupts", nonce, irqchip, "--notify=eventfd");
	unsigned n = (o.nonce & 7) + 2;
	char text[160];

	snprintf(text, sizeof(text),
		 "requests %u\ninterrupts %u\nfor used buffers 1\nacknowledged 0\nnot wanted 0\n",
		 n, n);
	CONTEXT("%s: %u requests, one at a time; the guest sleeps until the I/O thread has done it",
		irqchip, n);
	EXPECT_STR(o.out, text);
	EXPECT_U64(o.status, 0);
	return o;
}

TEST("5.8", woken_by_the_io_thread, 2)
{
	sleep_until_answered("--irqchip=user", 0);
	sleep_until_answered("--irqchip=kernel", 0);
}

TEST("5.8", interrupts_by_irqfd, 1, .seconds = 0.2)
{
	u64 nonce = nonce_random();
	struct outcome o = sleep_until_answered("--irqchip=kernel", nonce);
	u64 writes = run_report_exits(&o.report, "MMIO_WRITE");

	CONTEXT("--irqchip=kernel: HLT is no exit, and the I/O thread need not disturb the vCPU");
	EXPECT_EXITS(o, HLT, 0);
	o = run_rng("05/interrupts", nonce, "--irqchip=kernel", "--notify=exit");
	CONTEXT("--irqchip=kernel: with --notify=exit, each of the %llu requests costs one exit "
		"more",
		(unsigned long long)(nonce & 7) + 3);
	EXPECT_EXITS(o, MMIO_WRITE, writes + (nonce & 7) + 3);
}

TEST("5.8", rows_27_to_35_are_heard, 1)
{
	static const char *const irqchip[] = { "--irqchip=user", "--irqchip=kernel" };

	for (unsigned i = 0; i < ARRAY_SIZE(irqchip); i++) {
		struct outcome o = run_rng("05/hostile-status", 0, irqchip[i], "--notify=eventfd");

		CONTEXT("%s: notifications too early, of no queue, of a device that was reset a "
			"thousand "
			"times; in the end one as it should be",
			irqchip[i]);
		EXPECT_CONTAINS(o.out, "\nrow 27: 0000\nrow 22: 1 0001\nrow 34: 00 0 0f\n"
				       "row 35: 8f 0000\nin the end 0f 0001\n");
		EXPECT_U64(o.status, 0);
	}
}

TEST("-", lines_by_level, 0, .seconds = 0.4)
{
	static const char *const how[][2] = { { "--irqchip=user", "--notify=exit" },
					      { "--irqchip=user", "--notify=eventfd" },
					      { "--irqchip=kernel", "--notify=exit" },
					      { "--irqchip=kernel", "--notify=eventfd" } };
	struct outcome o = run_rng("05/level", 0, how[3][0], how[3][1]);

	if (strstr(o.err, "is not done yet"))
		SKIP("tasks 5.4 and 5.8 come first");
	for (unsigned i = 0; i < ARRAY_SIZE(how); i++) {
		o = run_rng("05/level", 0, how[i][0], how[i][1]);
		CONTEXT("%s %s: five requests; the line by edges, by level, and with EOI before "
			"the device is acknowledged (one spurious interrupt each, as in QEMU)",
			how[i][0], how[i][1]);
		EXPECT_STR(o.out, "by edges: interrupts 05 for nothing 00 spurious 00\n"
				  "by level: interrupts 05 for nothing 00 spurious 00\n"
				  "EOI first: interrupts 05 for nothing 00 spurious 05\n");
		EXPECT_U64(o.status, 0);
	}
}

TEST("-", tables_and_event_indices_by_eventfd, 0, .seconds = 0.2)
{
	u64 nonce = nonce_random();
	struct outcome o = run_rng("05/event-idx", nonce, NULL, "--notify=eventfd");

	if (strstr(o.err, "is not done yet"))
		SKIP("tasks 5.7 and 5.8 come first");
	expect_fewer_writes("05/event-idx", nonce, "--irqchip=user", 3 + (nonce & 7));
	expect_fewer_writes("05/event-idx", nonce, "--irqchip=kernel", 3 + (nonce & 7));
	expect_fewer_writes("05/indirect", nonce << 32 | 1, "--irqchip=kernel", 3);
}

TEST("-", a_queue_that_is_never_empty, 0, .seconds = 0.3)
{
	struct outcome o = run_rng("05/never-empty", 0, "--irqchip=user", "--notify=eventfd");

	if (strstr(o.err, "is not done yet"))
		SKIP("tasks 5.4 and 5.8 come first");
	CONTEXT("what was used is available again at once: the timer, which is served by the same "
		"thread, has to tick all the same");
	EXPECT_STR(o.out, "ten ticks\n");
	EXPECT_U64(o.status, 0);
}

TEST("-", hostile_queues_by_eventfd, 0, .seconds = 0.2)
{
	static const char *const name[] = { "the index jumps", "the index goes back",
					    "no such head",    "no such next",
					    "a loop",	       "a loop in a table" };

	for (unsigned i = 0; i < ARRAY_SIZE(name); i++) {
		const char *irqchip = i % 2 ? "--irqchip=user" : "--irqchip=kernel";
		u64 nonce = nonce_random() << 32 | i;
		struct outcome o = run_rng("05/hostile-queue", nonce, irqchip, "--notify=eventfd");
		char text[200];

		if (strstr(o.err, "is not done yet"))
			SKIP("tasks 5.7, 5.8 and 5.10 come first");
		snprintf(text, sizeof(text),
			 "%s: status 4f told 1 used 0000\n"
			 "after a reset: status 0f told 0 used 0001 bytes 10\n",
			 name[i]);
		CONTEXT("%s, case %u of guests/05/hostile-queue.s", irqchip, i);
		EXPECT_STR(o.out, text);
		EXPECT_U64(o.status, 0);
	}
}
