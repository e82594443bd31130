// SPDX-License-Identifier: MIT
/* Task 5.1, from outside: what a driver finds, and how a device begins. No queue works yet. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "disk.h"

/*
 * Until task 5.4 the guest hostile-status waits at its row 22 for an answer that does not come:
 * 2^32 ticks of the TSC, which are more than 2 s where that has less than 2.1 GHz. A test may take
 * 20 times this long, and that is more than the time limit of the run, too.
 */
#define WAITS 0.2

/* What the guest says of the windows: the last one has the first device. */
static char *windows(const u32 (*device)[2], unsigned n)
{
	static char text[8 * 80];
	size_t used = 0;

	for (unsigned i = 0; i < 8; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used,
					 "window %u 74726976 version 2 device %02x config %08x\n",
					 7 - i, i < n ? device[i][0] : 0, i < n ? device[i][1] : 0);
	return text;
}

TEST("5.1", who_is_behind_the_windows, 3)
{
	struct disk *d = disk_random();
	unsigned sectors = 1 + nonce_random() % DISK_SECTORS, first = nonce_random() % 4;
	const char *option[4] = { "--device=rng", d->option, "--device=net", "--device=console" };
	const u32 found[4][2] = { { 4, 0 }, { 2, sectors }, { 1, 0x12005452 }, { 3, 0 } };
	u32 in_order[4][2];
	struct vmm_run run = { .guest = "05/windows" };
	struct outcome o;

	if (truncate(d->path, sectors * SECTOR))
		test_error("%s cannot be cut", d->path);
	for (unsigned i = 0; i < 4; i++) {
		run.args[i] = option[(first + i) % 4];
		memcpy(in_order[i], found[(first + i) % 4], sizeof(in_order[i]));
	}
	o = run_vmm(&run);
	CONTEXT("a disk of %u sectors, a card with the address 52:54:00:12:34:56, and two more",
		sectors);
	EXPECT_STR(o.out, windows(in_order, 4));
	EXPECT_U64(o.status, 0);
	CONTEXT("each access to a register is an exit");
	EXPECT_EXITS(o, MMIO_READ, 8 * 4);
	o = run_guest("05/windows");
	CONTEXT("without --device: the windows are there, and nothing is behind them");
	EXPECT_STR(o.out, windows(in_order, 0));
	EXPECT_U64(o.status, 0);
}

/* The line of the guest hostile-status that begins with this name. */
static char *row(const struct outcome *o, const char *name)
{
	static char line[4][100];
	static unsigned turn;
	char *text = line[turn++ % ARRAY_SIZE(line)], *at = strstr(o->out, name);

	snprintf(text, sizeof(line[0]), "%.*s", at ? (int)strcspn(at, "\n") : 0, at ? at : "");
	return text;
}

TEST("5.1", rows_31_to_33_status_and_features, 2, .seconds = WAITS)
{
	struct outcome o = run_guest("05/hostile-status", "--device=rng", "--timeout=3");

	CONTEXT("after a reset: DRIVER alone; all bits; NEEDS_RESET. Then step by step, one left "
		"out, bits cleared, and a bit of no meaning");
	EXPECT_STR(row(&o, "row 31"), "row 31: 00 00 00 03 03 0b 0b 0b");
	CONTEXT("FEATURES_OK with a feature that was not offered; without VERSION_1");
	EXPECT_STR(row(&o, "row 32"), "row 32: 03 03");
	CONTEXT("features from 64 on there are none; after FEATURES_OK they stay as they are");
	EXPECT_STR(row(&o, "row 33"), "row 33: 00000000 0b");
}

TEST("5.1", rows_21_to_26_queues_that_cannot_be, 2, .seconds = WAITS)
{
	struct outcome o = run_guest("05/hostile-status", "--device=rng", "--timeout=3");

	CONTEXT("queue 1 of a device that has queue 0 only: QueueNumMax and QueueReady");
	EXPECT_STR(row(&o, "row 26"), "row 26: 00000000 00000000");
	CONTEXT("QueueReady of a queue of size 0, 12, 0x10008");
	EXPECT_STR(row(&o, "row 21"), "row 21: 0 0 0");
	CONTEXT("QueueReady with an area that is not aligned");
	EXPECT_STR(row(&o, "row 23"), "row 23: 0 0");
	CONTEXT("QueueReady with an area that does not lie in memory");
	EXPECT_STR(row(&o, "row 24"), "row 24: 0 0");
}

TEST("5.1", rows_29_and_30_other_accesses, 1, .seconds = WAITS)
{
	struct outcome o = run_guest("05/hostile-status", "--device=rng", "--timeout=3");

	CONTEXT("registers take 32-bit accesses only: others change nothing and read 0");
	EXPECT_STR(row(&o, "row 29"), "row 29: 00000000 0000 00 0f 74726976");
	CONTEXT("an entropy device has no configuration: it reads 0");
	EXPECT_STR(row(&o, "row 30"), "row 30: 00000000 00000000");
}

/* How many of the lines on stderr say this. */
static unsigned lines(const struct outcome *o, const char *what)
{
	unsigned n = 0;

	for (const char *at = o->err; (at = strstr(at, what)); at += strlen(what))
		n++;
	return n;
}

TEST("-", verbose_says_what_is_refused, 0, .seconds = 2 * WAITS)
{
	static const char *const notify[] = { "--notify=exit", "--notify=eventfd" };
	struct outcome o = run_guest("05/hostile-status", "--device=rng", "--notify=eventfd");

	if (strstr(o.err, "is not done yet"))
		SKIP("tasks 5.4, 5.8 and 5.10 come first");
	CONTEXT("without --verbose");
	EXPECT_U64(lines(&o, "rng in window 7: "), 0);
	for (unsigned i = 0; i < ARRAY_SIZE(notify); i++) {
		o = run_guest("05/hostile-status", "--device=rng", "--verbose", notify[i]);
		CONTEXT("%s --verbose: features that are not offered; without VERSION_1; a "
			"notification "
			"of a queue that there is not, or that is not ready",
			notify[i]);
		EXPECT_U64(lines(&o, "rng in window 7: FEATURES_OK is refused: the driver accepts "
				     "features that are not offered: 0\n"),
			   1);
		EXPECT_U64(lines(&o, "rng in window 7: FEATURES_OK is refused: the driver does "
				     "not accept bit 32 (VERSION_1)"),
			   1);
		EXPECT_U64(
			lines(&o,
			      "rng in window 7: a notification of queue 1 is ignored: the device "
			      "has 1, counted from 0\n"),
			1);
		/* An eventfd is looked at later, and the queue may be another one by then. */
		if (i == 0)
			EXPECT_U64(lines(&o, "rng in window 7: a notification of queue 0 is "
					     "ignored: it is "
					     "not ready\n"),
				   1);
		CONTEXT("a thousand wrong things, and each kind of them is said once");
		EXPECT_TRUE(lines(&o, "rng in window 7: ") < 20, "%u lines",
			    lines(&o, "rng in window 7: "));
		o = run_guest("05/rng", "--device=rng", "--verbose", notify[i]);
		CONTEXT("%s --verbose: a driver as it should be", notify[i]);
		EXPECT_U64(lines(&o, "rng in window 7: "), 0);
		EXPECT_U64(o.status, 0);
	}
}

TEST("-", nine_devices, 0)
{
	const char *nine[10] = { 0 };
	struct vmm_run run = { .guest = "05/windows" };
	struct outcome o;

	for (unsigned i = 0; i < 9; i++)
		nine[i] = "--device=rng";
	memcpy(run.args, nine, sizeof(nine));
	o = run_vmm(&run);
	CONTEXT("there are eight windows");
	EXPECT_U64(o.status, 2);
	EXPECT_STR(o.out, "");
	EXPECT_CONTAINS(o.err, "vmm: --device: at most 8\n");
	run.args[8] = NULL;
	o = run_vmm(&run);
	if (strstr(o.err, "is not done yet"))
		SKIP("task 5.1 comes first");
	CONTEXT("eight devices");
	EXPECT_U64(o.status, 0);
	EXPECT_CONTAINS(o.out, "window 0 74726976 version 2 device 04 config 00000000\n");
	for (unsigned i = 0; i < 8; i++)
		run.args[i] = "--device=net,user";
	run.args[8] = "--notify=eventfd";
	o = run_vmm(&run);
	if (strstr(o.err, "is not done yet"))
		SKIP("task 5.8 comes first");
	CONTEXT("eight network cards: each has sockets and notifications to wait for");
	EXPECT_U64(o.status, 0);
}
