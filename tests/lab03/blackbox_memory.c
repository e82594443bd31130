// SPDX-License-Identifier: MIT
/* Tasks 3.10, 3.11 and 3.14, from outside: what is RAM, what was written, what was touched. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test.h"

#define REGION 0x400000ULL /* guests/03/touch-pages.s */

TEST("3.10", holes_and_read_only_memory, 3)
{
	struct outcome o = run_guest("03/mmio-hole");

	CONTEXT("the guest writes to RAM, to the ROM and to a hole, and reads back");
	EXPECT_STR(o.out, "ram remembers 5a5a5a5a\nrom unchanged\nhole forgets\n");
	EXPECT_U64(o.status, 0);
	CONTEXT("reading the ROM takes no exit; two writes and the read of the hole take one each");
	EXPECT_EXITS(o, MMIO_WRITE, 2);
	EXPECT_EXITS(o, MMIO_READ, 1);
}

/* A flat guest of a few bytes. */
static const char *flat(const u8 *code, size_t size)
{
	const char *path = test_tmpfile("flat");
	FILE *f = fopen(path, "w");

	if (!f || fwrite(code, 1, size, f) != size || fclose(f))
		test_error("%s cannot be written", path);
	return path;
}

TEST("3.10", the_edge_of_low_memory, 2, .seconds = 0.2) /* four starts of the VMM */
{
	/*
	 * mov $0x9fff, %ax; mov %ax, %ds; movb $0x2a, (15); mov (15), %al; out %al, $0xf4: the last
	 * byte below 640 KiB. Then the same one byte higher, as (16).
	 */
	u8 code[] = { 0xb8, 0xff, 0x9f, 0x8e, 0xd8, 0xc6, 0x06, 0x0f,
		      0x00, 0x2a, 0xa0, 0x0f, 0x00, 0xe6, 0xf4 };
	struct outcome o = run_guest("03/mmio-hole");

	EXPECT_EXITS(o, MMIO_READ, 1); /* or the task is not begun, and this guest says so */
	o = run_vmm(&(struct vmm_run){ .image = flat(code, sizeof(code)) });
	CONTEXT("the last byte of low memory is RAM, at 0x9ffff");
	EXPECT_U64(o.status, 0x2a);
	EXPECT_EXITS(o, MMIO_WRITE, 0);
	code[7] = code[11] = 0x10;
	o = run_vmm(&(struct vmm_run){ .image = flat(code, sizeof(code)) });
	/* mov $0x9fff, %ax; mov %ax, %ds; mov (16), %ax; cmp $0xffff, %ax; then status 0x2b or 1 */
	static const u8 word[] = { 0xb8, 0xff, 0x9f, 0x8e, 0xd8, 0xa1, 0x10, 0x00, 0x3d, 0xff, 0xff,
				   0x75, 0x04, 0xb0, 0x2b, 0xe6, 0xf4, 0xb0, 0x01, 0xe6, 0xf4 };
	CONTEXT("one byte behind it nobody answers: all ones");
	EXPECT_U64(o.status, 0xff);
	EXPECT_EXITS(o, MMIO_WRITE, 1);
	EXPECT_EXITS(o, MMIO_READ, 1);
	o = run_vmm(&(struct vmm_run){ .image = flat(word, sizeof(word)) });
	CONTEXT("two bytes there: all ones, both");
	EXPECT_U64(o.status, 0x2b);
}

/* Bit n: page n of the region is in the list that --dirty-log printed. */
static u64 logged(const char *text)
{
	u64 bits = 0;

	for (const char *at = strstr(text, "dirty pages in slot 1:"); at && *at != '\n'; at++) {
		u64 gpa = strncmp(at, " 0x", 3) ? 0 : strtoull(at, NULL, 16);

		if (gpa >= REGION && gpa < REGION + 64 * 4096)
			bits |= 1ULL << (gpa - REGION) / 4096;
	}
	return bits;
}

TEST("3.11", exactly_the_pages_written, 4)
{
	for (int i = 0; i < 2; i++) {
		struct outcome o = run_guest("03/touch-pages", "--dirty-log");
		char text[40];

		u64 bits = o.nonce ^ 0xa05;

		CONTEXT("page n of 64 is written if bit n of the nonce XOR 0xa05 is set: %d are",
			__builtin_popcountll(bits));
		snprintf(text, sizeof(text), "pages written %02x\n", __builtin_popcountll(bits));
		EXPECT_STR(o.out, text);
		EXPECT_CONTAINS(o.err, "dirty pages in slot 1: ");
		EXPECT_U64(logged(o.err), bits);
	}
}

/* How many pages lazy memory has given, or -1. */
static long given(const struct outcome *o)
{
	const char *at = strstr(o->err, "lazy memory: ");

	return at ? strtol(at + strlen("lazy memory: "), NULL, 10) : -1;
}

TEST("3.14", memory_on_demand, 0)
{
	struct outcome none, some;
	long base;

	none = run_vmm(&(struct vmm_run){
		.guest = "03/touch-pages", .nonce = 1 ^ 0xa05, .args = { "--lazy" } });
	if (strstr(none.err, "userfaultfd needs root"))
		SKIP("userfaultfd serves KVM for root only; ENGINE=svm has it");
	base = given(&none);
	CONTEXT("one page of the region is touched");
	EXPECT_STR(none.out, "pages written 01\n");
	EXPECT_TRUE(base > 0 && base < 64, "%ld pages were given", base);
	some = run_vmm(&(struct vmm_run){
		.guest = "03/touch-pages", .nonce = 0xff00ff ^ 0xa05, .args = { "--lazy" } });
	CONTEXT("sixteen are touched: fifteen pages more");
	EXPECT_STR(some.out, "pages written 10\n");
	EXPECT_U64(given(&some), base + 15);
}

TEST("-", an_image_over_the_hole_is_told_of_it, 0)
{
	/* From 0x1000 on, with a HLT: one byte more than reaches up to 0xa0000. */
	static u8 code[0xa0000 - 0x1000 + 1] = { 0xf4 };
	struct outcome o;

	CONTEXT("more memory would not help, so the message must not ask for it");
	o = run_vmm(&(struct vmm_run){ .image = flat(code, sizeof(code)) });
	EXPECT_U64(o.status, 1);
	EXPECT_CONTAINS(o.err,
			"it covers 0x1000 to 0xa0000, but a PC has no memory from 0xa0000 to "
			"0xfffff: link it as ELF, from 1 MiB on\n");
	CONTEXT("nor may the machine be so small that nothing lies behind the hole");
	o = run_vmm(&(struct vmm_run){ .image = flat(code, sizeof(code)),
				       .args = { "--memory=640K" } });
	EXPECT_CONTAINS(o.err, "but a PC has no memory from 0xa0000 to 0xfffff: ");
	CONTEXT("one byte less");
	o = run_vmm(&(struct vmm_run){ .image = flat(code, sizeof(code) - 1) });
	EXPECT_U64(o.status, 0);
}
