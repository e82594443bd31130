// SPDX-License-Identifier: MIT
/* Tasks 4.3 and 4.12, from outside: the same screen by 743 exits, by some, and by none. */
#include <stdio.h>
#include <string.h>

#include "test.h"

#define COLS 80
#define ROWS 25

static u8 screen[ROWS][COLS][2];

static void cells(unsigned row, unsigned col, unsigned n, u8 c, u8 colours)
{
	for (; n--; col++) {
		screen[row][col][0] = c;
		screen[row][col][1] = colours;
	}
}

/* What guests/04/vga-text.s draws. */
static void draw(u64 nonce)
{
	char digits[20];

	for (unsigned row = 0; row < ROWS; row++)
		cells(row, 0, COLS, ' ', 0x07);
	cells(8, 20, 1, 0xc9, 0x1f);
	cells(8, 21, 38, 0xcd, 0x1f);
	cells(8, 59, 1, 0xbb, 0x1f);
	for (unsigned row = 9; row < 12; row++) {
		cells(row, 20, 40, 0xba, 0x1f);
		cells(row, 21, 38, ' ', 0x1f);
	}
	cells(12, 20, 1, 0xc8, 0x1f);
	cells(12, 21, 38, 0xcd, 0x1f);
	cells(12, 59, 1, 0xbc, 0x1f);
	snprintf(digits, sizeof(digits), "%016llx", (unsigned long long)nonce);
	for (unsigned i = 0; i < 16; i++)
		cells(10, 32 + i, 1, (u8)digits[i], 0x1e);
	cells(0, 0, 1, 'H', 0x0f);
	cells(0, 1, 1, 'i', 0x0e);
	cells(24, 76, 4, '.', 0x4f);
	cells(1, 0, 1, ' ', 0x30);
	cells(1, 1, 1, 0xb0, 0x31);
	cells(1, 2, 1, 0xb1, 0x32);
	cells(1, 3, 1, 0xb2, 0x33);
}

/* Run the guest with this kind of screen and compare all of it. */
static struct outcome run_and_compare(const char *vga)
{
	u8 got[ROWS][COLS][2];
	const char *path = test_tmpfile("screen");
	char arg[400], line[80];
	struct outcome o;
	FILE *f;

	snprintf(arg, sizeof(arg), "--screen=%s", path);
	o = run_guest("04/vga-text", vga, arg);
	draw(o.nonce);
	EXPECT_U64(o.status, 0);
	CONTEXT("the guest reads four places of the screen");
	EXPECT_STR(o.out, "read back 0f48 1fcd bb1f 1fbb1fcd\n");
	f = fopen(path, "r");
	EXPECT_TRUE(f && fread(got, 1, sizeof(got), f) == sizeof(got), "no whole screen in %s",
		    path);
	fclose(f);
	for (unsigned row = 0; row < ROWS; row++) {
		CONTEXT("row %u of the screen, of 25: character and colours of each cell", row);
		EXPECT_BYTES(got[row], screen[row], sizeof(screen[row]));
	}
	CONTEXT("the screen is shown as text");
	EXPECT_CONTAINS(o.err, "\nHi\n \u2591\u2592\u2593\n\n");
	snprintf(line, sizeof(line), "\u2551           %016llx           \u2551\n",
		 (unsigned long long)o.nonce);
	EXPECT_CONTAINS(o.err, line);
	CONTEXT("the guest has cleared the screen, which was all zeros: each row has changed");
	EXPECT_CONTAINS(o.err, ": 25 of 25 rows have changed\n");
	return o;
}

TEST("4.3", screen_by_exits, 4)
{
	struct outcome o = run_and_compare("--vga=mmio");

	CONTEXT("each store to the screen is an exit, and four loads");
	EXPECT_EXITS(o, MMIO_WRITE, 743);
	EXPECT_EXITS(o, MMIO_READ, 4);
}

TEST("4.3", screen_without_exits, 3)
{
	struct outcome o = run_and_compare("--vga=ram");

	CONTEXT("the screen is memory: no exit at all");
	EXPECT_EXITS(o, MMIO_WRITE, 0);
	EXPECT_EXITS(o, MMIO_READ, 0);
}

TEST("-", without_a_screen, 0)
{
	struct outcome o = run_guest("04/vga-text");

	CONTEXT("nobody is at 0xb8000: all ones");
	EXPECT_STR(o.out, "read back ffff ffff ffff ffffffff\n");
	EXPECT_U64(o.status, 0);
}

/* Is --vga=coalesced what this KVM has? */
static bool coalesces(void)
{
	struct outcome o = run_guest("04/vga-text", "--vga=coalesced");

	return !strstr(o.err, "--vga: Operation not supported");
}

/*
 * The ring has 170 places, one of which stays free. (KVM of Linux 6.1 says "full" at 85: it counts
 * modulo 170 with numbers that wrap at 2^32.) A store that finds it full is an exit.
 */
TEST("4.12", screen_by_few_exits, 0)
{
	struct outcome o;
	u64 writes;

	if (!coalesces())
		SKIP("this KVM does not coalesce stores (KVM_CAP_COALESCED_MMIO)");
	o = run_and_compare("--vga=coalesced");
	writes = run_report_exits(&o.report, "MMIO_WRITE");
	CONTEXT("of 743 stores, only those that find the ring full are exits; loads are, as ever");
	EXPECT_TRUE(writes <= 743 / 85, "%u stores were exits", (unsigned)writes);
	EXPECT_EXITS(o, MMIO_READ, 4);
}

TEST("4.12", each_store_behind_the_one_before, 0)
{
	struct outcome o;
	unsigned stores;
	char text[120];
	u64 writes;

	if (!coalesces())
		SKIP("this KVM does not coalesce stores (KVM_CAP_COALESCED_MMIO)");
	o = run_guest("04/store-order", "--vga=coalesced");
	stores = 512 + (o.nonce & 255);
	snprintf(text, sizeof(text),
		 "last %08x of %08x\nevery 40: 00000000\noverlap 33221144\nby string 00000100\n",
		 stores, stores);
	CONTEXT("%u stores to one cell, then a load; a load behind each 40th; stores that overlap",
		stores);
	EXPECT_STR(o.out, text);
	EXPECT_U64(o.status, 0);
	writes = run_report_exits(&o.report, "MMIO_WRITE");
	EXPECT_TRUE(writes <= (2 * stores + 3 + 256) / 85, "%u stores were exits",
		    (unsigned)writes);
}

/* Nothing but the time limit brings this guest out. */
TEST("4.12", a_store_is_seen_at_the_next_exit, 0, .seconds = 0.4)
{
	/*
	 * sti; mov $0xb800, %ax; mov %ax, %es; movb $'A', %es:0; jmp .
	 * Without STI no timer of the host gets through to it in the vmx engine.
	 */
	static const char code[] = "\xfb\xb8\x00\xb8\x8e\xc0\x26\xc6\x06\x00\x00\x41\xeb\xfe";
	const char *path = test_tmpfile("flat");
	FILE *f = fopen(path, "w");
	struct outcome o;

	if (!f || fwrite(code, 1, sizeof(code) - 1, f) != sizeof(code) - 1 || fclose(f))
		test_error("%s cannot be written", path);
	if (!coalesces())
		SKIP("this KVM does not coalesce stores (KVM_CAP_COALESCED_MMIO)");
	o = run_vmm(
		&(struct vmm_run){ .image = path, .args = { "--vga=coalesced", "--timeout=0.3" } });
	CONTEXT("the guest stores one character and runs on; the time limit comes");
	EXPECT_U64(o.status, 124);
	EXPECT_EXITS(o, MMIO_WRITE, 0);
	EXPECT_CONTAINS(o.err, "the text screen, as MMIO: 1 of 25 rows have changed\nA\n");
}
