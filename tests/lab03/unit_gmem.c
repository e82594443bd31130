// SPDX-License-Identifier: MIT
/* Task 3.3: guest-physical memory whose frames lie in any order. */
#include <errno.h>

#include "gmem.h"
#include "memory.h"

#define MACHINE 0x40000ULL /* frame 0x40 */
#define FRAMES	8

/* Guest frames 0 to 7: three that are neighbours in the machine, two behind each other, the rest.
 */
static const u32 table[FRAMES] = { 0x44, 0x45, 0x46, 0x41, 0x40, 0x47, 0x42, 0x43 };

static const u32 high[] = { 0x100040, 0xffffffff, 0 };

static void expect_piece(const struct gmem *g, u64 gpa, u64 want, u64 machine, u64 len)
{
	u64 at = 0, got = want;

	CONTEXT("gpa 0x%llx, %llu bytes wanted", (unsigned long long)gpa, (unsigned long long)want);
	EXPECT_ERR(gmem_machine(g, gpa, &at, &got), len ? 0 : -EFAULT);
	EXPECT_U64(got, len);
	if (len)
		EXPECT_U64(at, machine);
}

TEST("3.3", pieces_of_the_machine, 2)
{
	struct fake_memory f;
	struct gmem g;

	fake_memory(&f, MACHINE, FRAMES * 0x1000, 0);
	gmem_init(&g, &f.mem, table, FRAMES);
	expect_piece(&g, 0, 1, 0x44000, 1);
	expect_piece(&g, 0xfff, 2, 0x44fff, 2);		   /* frames 0 and 1 are neighbours */
	expect_piece(&g, 0x800, 0x10000, 0x44800, 0x2800); /* to the end of frame 2 */
	expect_piece(&g, 0x2fff, 2, 0x46fff, 1);
	expect_piece(&g, 0x3000, 0x2000, 0x41000, 0x1000); /* the next one lies before */
	expect_piece(&g, 0x6123, 0x1234, 0x42123, 0x1234);
	expect_piece(&g, 0x6123, 0x4000, 0x42123, 0x1edd); /* the last frame is the end */
	expect_piece(&g, 0x8000, 1, 0, 0);
	expect_piece(&g, UINT64_MAX, 1, 0, 0);
	expect_piece(&g, 1ULL << 44, 8, 0, 0); /* its frame number does not fit in 32 bits */
	gmem_init(&g, &f.mem, high, 3);
	expect_piece(&g, 0x123, 8, 0x100040123, 8);	      /* above 4 GiB */
	expect_piece(&g, 0x1ff0, 0x100, 0xffffffffff0, 0x10); /* the last frame has no neighbour */
}

TEST("3.3", without_a_table_nothing_changes, 1)
{
	struct fake_memory f;
	struct gmem g;
	u64 len = 4;

	fake_memory(&f, 0x1000, 0x1000, 0x5a);
	gmem_init(&g, &f.mem, NULL, 0);
	expect_piece(&g, 0x1ff0, 0x100, 0x1ff0, 0x100);
	expect_piece(&g, UINT64_MAX - 7, 100, UINT64_MAX - 7, 7);
	CONTEXT("gmem_span() knows only what is RAM");
	EXPECT_TRUE(gmem_span(&g, 0x1ffe, &len) == f.bytes + 0xffe);
	EXPECT_U64(len, 2);
	len = 1;
	EXPECT_TRUE(!gmem_span(&g, 0x2000, &len));
	EXPECT_U64(len, 0);
}

/* What is written through the table lies where the table says, and is read back the same. */
TEST("3.3", copies_through_a_permutation, 2)
{
	struct draw d = draw_begin();
	const u64 size = FRAMES * 0x1000;
	u8 *in = malloc(size), *out = malloc(size);
	struct fake_memory f;
	struct gmem g;

	fake_memory(&f, MACHINE, size, 0);
	gmem_init(&g, &f.mem, table, FRAMES);
	for (u64 i = 0; i < size; i++)
		in[i] = (u8)draw(&d);
	EXPECT_ERR(gmem_write(&g, 0, in, size), 0);
	for (unsigned i = 0; i < FRAMES; i++) {
		CONTEXT("guest frame %u is machine frame 0x%x", i, table[i]);
		EXPECT_BYTES(f.bytes + (table[i] * 0x1000ULL - MACHINE), in + i * 0x1000, 0x1000);
	}
	for (int i = 0; i < 500; i++) {
		u64 at = draw_below(&d, size), len = draw_below(&d, size - at);

		CONTEXT("%llu bytes at 0x%llx", (unsigned long long)len, (unsigned long long)at);
		EXPECT_ERR(gmem_read(&g, at, out, len), 0);
		EXPECT_TRUE(!memcmp(out, in + at, len), "other bytes than were written");
	}
	CONTEXT("past the last frame");
	EXPECT_ERR(gmem_read(&g, size - 4, out, 5), -EFAULT);
	EXPECT_ERR(gmem_write(&g, size, out, 1), -EFAULT);
	EXPECT_ERR(gmem_read(&g, UINT64_MAX - 1, out, 4), -EFAULT);
	free(in);
	free(out);
}

/* A frame of which the machine has no memory: the guest's frame 1, and nothing else. */
TEST("3.3", holes_of_the_machine, 1)
{
	static const u32 frames[] = { 0x40, 0x1000, 0x41 };
	struct fake_memory f;
	struct gmem g;
	u8 byte;

	fake_memory(&f, MACHINE, 0x2000, 7);
	gmem_init(&g, &f.mem, frames, 3);
	EXPECT_ERR(gmem_read(&g, 0xfff, &byte, 1), 0);
	EXPECT_ERR(gmem_read(&g, 0x1000, &byte, 1), -EFAULT);
	EXPECT_ERR(gmem_read(&g, 0x2000, &byte, 1), 0);
}
