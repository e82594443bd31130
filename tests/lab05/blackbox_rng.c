// SPDX-License-Identifier: MIT
/* Tasks 5.4, 5.7 and 5.10, from outside: what a queue is good for, and what it must stand. */
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

TEST("5.4", asked_twice_answered_twice, 3)
{
	static const char *const irqchip[] = { "--irqchip=user", "--irqchip=kernel" };

	for (unsigned i = 0; i < ARRAY_SIZE(irqchip); i++) {
		struct outcome o = run_rng("05/rng", 0, irqchip[i], NULL);
		unsigned len = 16 + (o.nonce & 15);
		char text[160];

		snprintf(text, sizeof(text),
			 "status 0f\nbytes %02x\ninterrupt 1\nacknowledged 0\nbytes again %02x\n"
			 "the same 0\n",
			 len, len);
		CONTEXT("%s: the guest asks twice, for %u bytes each, and waits by polling",
			irqchip[i], len);
		EXPECT_STR(o.out, text);
		EXPECT_U64(o.status, 0);
	}
}

/* The line of hexadecimal digits in what rng-bytes printed. */
static const char *shown(const struct outcome *o, unsigned len)
{
	static char digits[2][120];
	static unsigned turn;
	char head[20], *text = digits[turn++ % 2];

	snprintf(head, sizeof(head), "bytes %02x\n", len);
	EXPECT_CONTAINS(o->out, head);
	snprintf(text, sizeof(digits[0]), "%.*s\nbehind them 5a5a5a5a\n", (int)(2 * len),
		 o->out + strlen(head));
	EXPECT_STR(o->out + strlen(head), text);
	return text;
}

TEST("5.4", bytes_that_nobody_knows, 3)
{
	u64 nonce = nonce_random();
	unsigned len = 16 + (nonce & 31);
	struct outcome a = run_rng("05/rng-bytes", nonce, NULL, NULL);
	struct outcome b = run_rng("05/rng-bytes", nonce, NULL, NULL);
	const char *one, *other;

	CONTEXT("the guest shows %u random bytes, and four behind them that must stay 5a", len);
	one = shown(&a, len);
	other = shown(&b, len);
	CONTEXT("two runs: %u bytes are not twice the same, and not all alike", len);
	EXPECT_TRUE(memcmp(one, other, 2 * len) != 0, "%s", one);
	EXPECT_TRUE(memcmp(one, one + 2, 2 * len - 2) != 0, "%s", one);
	CONTEXT("two runs: nor is the second half of the buffer, which some forget");
	EXPECT_TRUE(memcmp(one + len, other + len, len) != 0, "%s", one);
}

static void sleep_until_answered(const char *irqchip, const char *notify)
{
	struct outcome o = run_rng("05/interrupts", 0, irqchip, notify);
	unsigned n = (o.nonce & 7) + 2;
	char text[160];

	snprintf(text, sizeof(text),
		 "requests %u\ninterrupts %u\nfor used buffers 1\nacknowledged 0\nnot wanted 0\n",
		 n, n);
	CONTEXT("%s %s: %u requests, one at a time; the guest sleeps until an interrupt says that "
		"it is done. Then a request without",
		irqchip, notify, n);
	EXPECT_STR(o.out, text);
	EXPECT_U64(o.status, 0);
}

TEST("5.4", woken_by_an_interrupt, 3)
{
	sleep_until_answered("--irqchip=user", "--notify=exit");
	sleep_until_answered("--irqchip=kernel", "--notify=exit");
}

/* Three chains by one notification, in two orders: each comes back as itself. */
TEST("5.4", each_under_its_own_head, 0)
{
	struct outcome o = run_rng("05/heads", 0, NULL, NULL);
	unsigned six = 8 + (o.nonce & 15), two = 8 + (o.nonce >> 4 & 15);
	unsigned four = 16 + (o.nonce >> 8 & 15);
	char text[300];

	snprintf(text, sizeof(text),
		 "head 00000006 bytes %02x\nhead 00000002 bytes %02x\nhead 00000004 bytes %02x\n"
		 "head 00000004 bytes %02x\nhead 00000006 bytes %02x\nhead 00000002 bytes %02x\n"
		 "where nothing belongs 00000000\n",
		 six, two, four, four, six, two);
	CONTEXT("heads 6, 2 and 4, of %u, %u and %u bytes; then 4, 6 and 2", six, two, four);
	EXPECT_STR(o.out, text);
	EXPECT_U64(o.status, 0);
}

TEST("5.4", rows_22_to_35_and_works_in_the_end, 1)
{
	struct outcome o = run_rng("05/hostile-status", 0, NULL, NULL);

	CONTEXT("notifications that are too early; a queue in use that is changed; resets in "
		"between; the "
		"driver has given up. In the end it asks for 16 bytes as it should");
	EXPECT_CONTAINS(o.out, "\nrow 27: 0000\nrow 22: 1 0001\nrow 34: 00 0 0f\n"
			       "row 35: 8f 0000\nin the end 0f 0001\n");
	EXPECT_U64(o.status, 0);
}

TEST("5.7", indirect_tables, 2)
{
	static const char want[] =
		"a table: bytes 18\nall were written 1\nWRITE is ignored: bytes 18\n"
		"all were written 1\n";
	struct outcome o = run_rng("05/indirect", 0, NULL, NULL);

	CONTEXT("three buffers in a table, not in their order; then the same with a flag too many");
	EXPECT_STR(o.out, want);
	EXPECT_U64(o.status, 0);
	o = run_rng("05/indirect", nonce_random() << 32 | 1, NULL, NULL);
	CONTEXT("row 17: two buffers, and behind them a table");
	EXPECT_CONTAINS(o.out, want);
	EXPECT_STR(o.out + strlen(want), "two buffers and a table: bytes 18\nall were written 1\n");
	EXPECT_U64(o.status, 0);
}

TEST("5.7", told_only_when_asked_for, 2)
{
	struct outcome o = run_rng("05/event-idx", 0, NULL, NULL);
	unsigned quiet = o.nonce & 7;
	char text[800];
	size_t n = (size_t)snprintf(text, sizeof(text), "element 0: interrupt 1 avail_event 1\n");

	for (unsigned i = 0; i <= quiet; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n,
				      "element %u: interrupt %u avail_event %x\n", i + 1,
				      i == quiet, i + 2);
	snprintf(text + n, sizeof(text) - n,
		 "two by one notification: interrupt 1 avail_event %x\nflags 0\n", quiet + 4);
	CONTEXT("used_event says that the driver does not want to hear of %u elements, then of one",
		quiet);
	EXPECT_STR(o.out, text);
	EXPECT_U64(o.status, 0);
}

/* One case of guests/05/hostile-queue.s: its number and its name. */
struct hostile {
	unsigned number;
	const char *name;
};

/* A nonce whose low half is the number: the rest is nobody's business. */
static u64 selecting(unsigned number)
{
	return nonce_random() << 32 | number;
}

static void expect_break_and_recovery(const struct hostile *cases, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct outcome o =
			run_rng("05/hostile-queue", selecting(cases[i].number), NULL, NULL);
		char text[200];

		snprintf(text, sizeof(text),
			 "%s: status 4f told 1 used 0000\n"
			 "after a reset: status 0f told 0 used 0001 bytes 10\n",
			 cases[i].name);
		CONTEXT("the driver breaks a rule (case %u of guests/05/hostile-queue.s): "
			"NEEDS_RESET, an interrupt; a reset mends it",
			cases[i].number);
		EXPECT_STR(o.out, text);
		EXPECT_U64(o.status, 0);
		CONTEXT("one line on stderr says why");
		EXPECT_CONTAINS(o.err, "vmm: rng: ");
		EXPECT_TRUE(strchr(o.err, '\n') == o.err + o.err_len - 1, "%s", o.err);
	}
}

TEST("5.10", rows_01_to_05_rings_and_chains, 3, .seconds = 0.2)
{
	static const struct hostile cases[] = {
		{ 0, "the index jumps" }, { 1, "the index goes back" },
		{ 2, "no such head" },	  { 3, "no such next" },
		{ 4, "a loop" },
	};

	expect_break_and_recovery(cases, ARRAY_SIZE(cases));
}

TEST("5.10", rows_07_to_15_buffers, 3, .seconds = 0.2)
{
	static const struct hostile cases[] = {
		{ 6, "over the end of all addresses" },
		{ 7, "not in memory" },
		{ 8, "in the device itself" },
		{ 9, "4 GiB" },
		{ 10, "length 0" },
		{ 11, "readable behind writable" },
		{ 12, "indirect, not negotiated" },
		{ 18, "nothing to write to" },
		{ 20, "in read-only memory" },
	};

	expect_break_and_recovery(cases, ARRAY_SIZE(cases));
}

TEST("5.10", rows_06_to_18_tables, 2, .seconds = 0.2)
{
	static const struct hostile cases[] = {
		{ 5, "a loop in a table" },	 { 13, "a table in a table" },
		{ 14, "a table with a next" },	 { 15, "an empty table" },
		{ 16, "half a descriptor" },	 { 17, "a table not in memory" },
		{ 21, "longer than the queue" },
	};

	expect_break_and_recovery(cases, ARRAY_SIZE(cases));
}

TEST("5.10", row_25_rings_on_top_of_each_other, 1)
{
	struct outcome o = run_rng("05/hostile-queue", selecting(19), NULL, NULL);
	char want[] = "rings on top of each other\n"
		      "after a reset: status 0f told 0 used 0001 bytes 10\n";

	CONTEXT("one address for all three areas: anything may come of it, but it ends, and a "
		"reset mends it");
	EXPECT_STR(o.out, want);
	EXPECT_U64(o.status, 0);
	o = run_rng("05/hostile-queue", selecting(0), "--irqchip=kernel", "--notify=exit");
	CONTEXT("--irqchip=kernel: broken and mended as well");
	EXPECT_STR(o.out, "the index jumps: status 4f told 1 used 0000\n"
			  "after a reset: status 0f told 0 used 0001 bytes 10\n");
}
