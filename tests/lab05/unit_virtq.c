// SPDX-License-Identifier: MIT
/* Tasks 5.1 and 5.2, the queue itself: what a driver may do, and what it may not. */
#include <errno.h>
#include <sys/mman.h>

#include "ring.h"

static void expect_check(const struct ring *r, struct virtq q, int err, const char *what)
{
	CONTEXT("a queue %s", what);
	EXPECT_ERR(virtq_check(&q, &r->mem), err);
	if (err)
		EXPECT_TRUE(q.why, "no reason in q->why");
}

TEST("5.1", row_21_queue_sizes, 0)
{
	static const u16 bad[] = { 0, 3, 6, 24, 100, 255, 257, 512, 1024, 32768, 65535 };
	struct ring r;
	struct virtq q;

	ring_init(&r, 1);
	q = r.q;
	for (q.size = 1; q.size <= VIRTQ_MAX; q.size *= 2)
		expect_check(&r, q, 0, "whose size is a power of two");
	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
		q.size = bad[i];
		q.why = NULL;
		CONTEXT("a queue of size %u", bad[i]);
		EXPECT_ERR(virtq_check(&q, &r.mem), -EINVAL);
		EXPECT_TRUE(q.why, "no reason in q->why");
	}
}

/* RAM goes on behind its end, in two more slots, and the guest may only read the second of them. */
static void expect_several_slots(void)
{
	static u8 more[0x1000], rom[0x1000];
	struct ring r;
	struct virtq q;

	ring_init(&r, 8);
	r.mem.slot[1] = (struct memslot){
		.gpa = RAM_END + 0x1000, .size = 0x1000, .hva = rom, .readonly = true
	};
	r.mem.slot[2] = (struct memslot){ .gpa = RAM_END, .size = 0x1000, .hva = more };
	r.mem.nslots = 3;
	q = r.q, q.desc = RAM_END - 64;
	expect_check(&r, q, 0, "whose descriptors lie in two slots that touch");
	q = r.q, q.avail = RAM_END - 10;
	expect_check(&r, q, 0, "whose avail ring lies in two slots that touch");
	q = r.q, q.used = RAM_END - 8;
	expect_check(&r, q, 0, "whose used ring lies in two slots that touch");
	q = r.q, q.desc = RAM_END + 0x1000, q.avail = RAM_END + 0x1100;
	expect_check(&r, q, 0, "in read-only memory, but for its used ring");
	q = r.q, q.used = RAM_END + 0x1000;
	expect_check(&r, q, -EINVAL, "whose used ring lies in read-only memory (row 10)");
	q = r.q, q.used = RAM_END + 0x1000 - 64;
	expect_check(&r, q, -EINVAL, "whose used ring ends in read-only memory (row 10)");
	q = r.q, q.desc = RAM_END + 0x2000 - 64;
	expect_check(&r, q, -EINVAL, "whose descriptors end behind all slots (row 24)");
}

TEST("5.1", rows_10_23_24_where_a_queue_lies, 1)
{
	struct ring r;
	struct virtq q;

	ring_init(&r, 8); /* areas of 128, 22 and 70 bytes */
	for (unsigned i = 1; i < 16; i++) {
		q = r.q;
		q.desc += i;
		expect_check(&r, q, -EINVAL, "whose descriptors are not aligned to 16");
	}
	q = r.q, q.avail++;
	expect_check(&r, q, -EINVAL, "whose avail ring is not aligned to 2");
	q = r.q, q.used += 2;
	expect_check(&r, q, -EINVAL, "whose used ring is not aligned to 4");
	q = r.q, q.desc += 16, q.avail += 2, q.used += 4;
	expect_check(&r, q, 0, "whose areas are aligned to 16, 2 and 4, and to nothing more");
	q = r.q, q.desc = RAM_END - 128, q.avail = RAM_END - 22, q.used = RAM_END - 72;
	expect_check(&r, q, 0, "of which each area ends with the RAM");
	q = r.q, q.desc = RAM_END - 112;
	expect_check(&r, q, -EINVAL, "whose descriptors end behind the RAM");
	q = r.q, q.avail = RAM_END - 20;
	expect_check(&r, q, -EINVAL, "whose avail ring has its last field behind the RAM");
	q = r.q, q.used = RAM_END - 68;
	expect_check(&r, q, -EINVAL, "whose used ring has its last field behind the RAM");
	q = r.q, q.desc = 0xfeb00000;
	expect_check(&r, q, -EINVAL, "in a device's registers (row 47)");
	q = r.q, q.used = UINT64_MAX - 3;
	expect_check(&r, q, -EINVAL, "at the end of all addresses");
	expect_several_slots();
}

/* The readable buffers and the writable ones, and where they are. */
TEST("5.2", chain_of_readable_and_writable, 1)
{
	struct ring r;
	struct chain c;

	ring_init(&r, 8);
	ring_begin_at(&r, 6);
	EXPECT_POP(&r, &c, VQ_EMPTY);
	ring_desc(&r, 7, AT_BUFFER, 16, NEXT, 2);
	ring_desc(&r, 2, AT_BUFFER + 0x100, 1, NEXT | 0xfff8, 5); /* flags that nobody knows */
	ring_desc(&r, 5, AT_BUFFER + 0x200, 512, NEXT | WRITE, 0);
	ring_desc(&r, 0, AT_BUFFER + 0x800, 3, WRITE, 7); /* no NEXT: next is not looked at */
	ring_offer(&r, 7);
	CONTEXT("a chain of descriptors 7, 2 (to be read), 5, 0 (to be written)");
	EXPECT_POP(&r, &c, VQ_OK);
	EXPECT_U64(c.head, 7);
	EXPECT_U64(c.nread, 2);
	EXPECT_U64(c.nwrite, 2);
	EXPECT_U64(c.read_len, 17);
	EXPECT_U64(c.write_len, 515);
	EXPECT_TRUE(c.iov[0].iov_base == ring_at(&r, AT_BUFFER) && c.iov[0].iov_len == 16);
	EXPECT_TRUE(c.iov[1].iov_base == ring_at(&r, AT_BUFFER + 0x100) && c.iov[1].iov_len == 1);
	EXPECT_TRUE(c.iov[2].iov_base == ring_at(&r, AT_BUFFER + 0x200) && c.iov[2].iov_len == 512);
	EXPECT_TRUE(c.iov[3].iov_base == ring_at(&r, AT_BUFFER + 0x800) && c.iov[3].iov_len == 3);
	EXPECT_POP(&r, &c, VQ_EMPTY);
}

/* Some chains each time, or as many as there is room for; over the end of the ring, and of the
 * index. */
TEST("5.2", the_ring_and_its_index_wrap, 1)
{
	struct ring r;
	struct chain c;
	u16 n = 0xffc0;

	ring_init(&r, 4);
	ring_begin_at(&r, n);
	for (u16 i = 0; i < 4; i++)
		ring_desc(&r, i, AT_BUFFER + i, 1, WRITE, 0);
	for (unsigned turn = 0; turn < 80; turn++) {
		unsigned count = 1 + turn % 4;

		for (unsigned i = 0; i < count; i++)
			ring_offer(&r, (u16)(n + 3 * i) % 4);
		CONTEXT("%u chains, the first of which has index 0x%x", count, n);
		for (unsigned i = 0; i < count; i++) {
			EXPECT_POP(&r, &c, VQ_OK);
			EXPECT_U64(c.head, (u16)(n + 3 * i) % 4);
		}
		EXPECT_POP(&r, &c, VQ_EMPTY);
		n += (u16)count;
	}
	EXPECT_U64(n, (u16)(0xffc0 + 200));
}

TEST("5.2", rows_01_02_index_jumps, 1)
{
	static const u16 jumps[] = { 9, 10, 256, 0x7fff, 0x8000, 0xfffe, 0xffff };
	struct ring r;
	struct chain c;

	ring_init(&r, 8);
	for (u16 i = 0; i < 8; i++)
		ring_desc(&r, i, AT_BUFFER, 1, 0, 0);
	for (unsigned from = 0; from < 0x10000; from += 0x5555) {
		for (unsigned i = 0; i < ARRAY_SIZE(jumps); i++) {
			ring_begin_at(&r, (u16)from);
			*ring_u16(&r, AT_AVAIL + 2) += jumps[i];
			CONTEXT("the index goes from 0x%x to 0x%x in a queue of 8", from,
				*ring_u16(&r, AT_AVAIL + 2));
			r.q.why = NULL;
			EXPECT_POP(&r, &c, VQ_BROKEN);
			EXPECT_TRUE(r.q.why, "no reason in q->why");
		}
		ring_begin_at(&r, (u16)from);
		*ring_u16(&r, AT_AVAIL + 2) += 8;
		CONTEXT("8 chains at once in a queue of 8 are legal");
		EXPECT_POP(&r, &c, VQ_OK);
	}
}

TEST("5.2", rows_03_04_no_such_descriptor, 1)
{
	static const u16 bad[] = { 8, 9, 255, 256, 0x8000, 0xffff };
	struct ring r;
	struct chain c;

	ring_init(&r, 8);
	for (unsigned i = 1; i < 256; i++) /* what lies behind the queue looks like descriptors */
		ring_desc(&r, i, AT_BUFFER, 1, WRITE, 0);
	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
		CONTEXT("head %u in a queue of 8", bad[i]);
		ring_offer(&r, bad[i]);
		r.q.why = NULL;
		EXPECT_POP(&r, &c, VQ_BROKEN);
		EXPECT_TRUE(r.q.why, "no reason in q->why");
		ring_begin_at(&r, r.idx);
		CONTEXT("next %u in a queue of 8", bad[i]);
		ring_desc(&r, 0, AT_BUFFER, 1, NEXT, bad[i]);
		expect_broken(&r);
	}
	CONTEXT("the last descriptor of the queue is there");
	ring_desc(&r, 7, AT_BUFFER, 1, 0, 0);
	ring_offer(&r, 7);
	EXPECT_POP(&r, &c, VQ_OK);
}

/* More pieces than the array has: a queue of 256, each buffer in three slots. */
static void more_pieces_than_iov(void)
{
	static u8 page[3 * 0x1000];
	static struct {
		struct chain chain;
		struct iovec behind[VQ_IOV_MAX]; /* what else lies there is the compiler's affair */
	} c;
	struct ring r;

	ring_init(&r, VIRTQ_MAX);
	for (unsigned i = 0; i < 3; i++)
		r.mem.slot[r.mem.nslots++] = (struct memslot){ .gpa = 0x800000 + i * 0x1000,
							       .size = 0x1000,
							       .hva = page + i * 0x1000 };
	for (unsigned i = 0; i < VIRTQ_MAX; i++)
		ring_desc(&r, i, 0x800fff, 0x1002, (i < 128 ? 0 : WRITE) | (i < 255 ? NEXT : 0),
			  (u16)(i + 1));
	CONTEXT("256 buffers in three pieces each; there is room for %d pieces", VQ_IOV_MAX);
	ring_offer(&r, 0);
	EXPECT_POP(&r, &c.chain, VQ_BROKEN);
	EXPECT_TRUE(r.q.why, "no reason in q->why");
	for (unsigned i = 0; i < ARRAY_SIZE(c.behind); i++)
		EXPECT_TRUE(!c.behind[i].iov_len, "what lies behind iov was written");
	CONTEXT("%d buffers in two pieces each are as many as there is room for", VIRTQ_MAX);
	ring_begin_at(&r, r.idx);
	for (unsigned i = 0; i < VIRTQ_MAX; i++)
		ring_desc(&r, i, 0x800fff, 2, WRITE | (i < 255 ? NEXT : 0), (u16)(i + 1));
	ring_offer(&r, 0);
	EXPECT_POP(&r, &c.chain, VQ_OK);
	EXPECT_U64(c.chain.nwrite, VQ_IOV_MAX);
}

/* 2.7.5.2: the limit is 2^32 bytes, however often they are the same. Nobody touches them. */
static void more_than_4_gib(void)
{
	const u64 base = GiB(4), size = GiB(3);
	struct ring r;
	struct chain c;
	u8 *much = mmap(NULL, size, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (much == MAP_FAILED)
		test_error("no address space");
	ring_init(&r, 8);
	r.mem.slot[r.mem.nslots++] = (struct memslot){ .gpa = base, .size = size, .hva = much };
	ring_desc(&r, 0, base, 0x80000000, NEXT, 1);
	ring_desc(&r, 1, base, 0x80000000, WRITE, 0);
	CONTEXT("2 GiB to be read and 2 GiB to be written are 2^32 bytes: the most that is legal");
	ring_offer(&r, 0);
	EXPECT_POP(&r, &c, VQ_OK);
	EXPECT_U64(c.read_len, 0x80000000);
	EXPECT_U64(c.write_len, 0x80000000);
	CONTEXT("and one byte more");
	ring_desc(&r, 1, base, 0x80000001, WRITE, 0);
	expect_broken(&r);
	ring_desc(&r, 1, base, 0x80000000, WRITE | NEXT, 2);
	ring_desc(&r, 2, base, 1, WRITE, 0);
	expect_broken(&r);
	munmap(much, size);
}

TEST("5.2", rows_05_06_07_loops_and_too_much, 1)
{
	struct ring r;
	struct chain c;

	ring_init(&r, 8);
	for (u16 i = 0; i < 8; i++)
		ring_desc(&r, i, AT_BUFFER, 1, i < 7 ? NEXT : 0, i + 1);
	CONTEXT("a chain of all 8 descriptors is legal");
	ring_offer(&r, 0);
	EXPECT_POP(&r, &c, VQ_OK);
	EXPECT_U64(c.nread, 8);
	CONTEXT("the last one leads back to the first");
	ring_desc(&r, 7, AT_BUFFER, 1, NEXT, 0);
	expect_broken(&r);
	CONTEXT("the last one leads back to itself");
	ring_desc(&r, 7, AT_BUFFER, 1, NEXT, 7);
	expect_broken(&r);
	CONTEXT("a descriptor leads to itself");
	ring_desc(&r, 0, AT_BUFFER, 1, NEXT | WRITE, 0);
	expect_broken(&r);
	more_pieces_than_iov();
	more_than_4_gib();
}

static void expect_forbidden_buffers(struct ring *r)
{
	CONTEXT("a buffer of length zero (row 12)");
	ring_desc(r, 0, AT_BUFFER, 0, 0, 0);
	expect_broken(r);
	ring_desc(r, 0, AT_BUFFER, 1, NEXT, 1);
	ring_desc(r, 1, AT_BUFFER, 0, WRITE, 0);
	expect_broken(r);
	CONTEXT("a readable buffer behind a writable one (row 13)");
	ring_desc(r, 0, AT_BUFFER, 1, NEXT | WRITE, 1);
	ring_desc(r, 1, AT_BUFFER, 1, 0, 0);
	expect_broken(r);
	CONTEXT("an indirect descriptor, which was not negotiated (row 15)");
	ring_entry(r, AT_TABLE, 0, AT_BUFFER, 1, WRITE, 0);
	ring_desc(r, 0, AT_TABLE, 16, INDIRECT, 0);
	expect_broken(r);
	ring_desc(r, 0, AT_TABLE, 16, INDIRECT | NEXT, 1);
	ring_desc(r, 1, AT_BUFFER, 1, WRITE, 0);
	expect_broken(r);
}

TEST("5.2", rows_08_09_10_12_13_15_buffers_that_cannot_be, 1)
{
	static const struct {
		u64 addr;
		u32 len;
		const char *what;
	} bad[] = {
		{ RAM_END, 1, "behind the RAM" },
		{ RAM - 1, 1, "before the RAM" },
		{ RAM - 1, 2, "half before the RAM" },
		{ RAM_END - 1, 2, "with its last byte behind the RAM" },
		{ AT_BUFFER, 0xffffffff, "of 4 GiB" },
		{ UINT64_MAX, 1, "at the last address" },
		{ UINT64_MAX - 15, 0x200000, "that wraps round to the RAM" },
		{ 0xfeb00e00, 4, "in a device's registers (row 47)" },
		{ 0, 4, "at address 0, where there is none" },
	};
	struct ring r;

	ring_init(&r, 8);
	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
		CONTEXT("a buffer %s", bad[i].what);
		ring_desc(&r, 0, bad[i].addr, bad[i].len, 0, 0);
		expect_broken(&r);
		ring_desc(&r, 0, AT_BUFFER, 1, NEXT, 1);
		ring_desc(&r, 1, bad[i].addr, bad[i].len, WRITE, 0);
		expect_broken(&r);
	}
	expect_forbidden_buffers(&r);
}

/* What the guest itself may only read, no device may write for it. */
static void expect_read_only_memory(void)
{
	static u8 rom[0x1000];
	struct ring r;
	struct chain c;

	ring_init(&r, 8);
	r.mem.slot[r.mem.nslots++] = (struct memslot){
		.gpa = RAM_END, .size = sizeof(rom), .hva = rom, .readonly = true
	};
	CONTEXT("a buffer for the device to write, in read-only memory (row 10)");
	ring_desc(&r, 0, RAM_END, 16, WRITE, 0);
	expect_broken(&r);
	CONTEXT("one that begins in RAM and ends in read-only memory");
	ring_desc(&r, 0, RAM_END - 16, 17, WRITE, 0);
	expect_broken(&r);
	CONTEXT("for the device to read, it may lie there");
	ring_desc(&r, 0, RAM_END - 16, 32, 0, 0);
	ring_offer(&r, 0);
	EXPECT_POP(&r, &c, VQ_OK);
	EXPECT_U64(c.read_len, 32);
}

/* What is legal at the edges: the last byte, and two slots that are neighbours. */
TEST("5.2", rows_10_11_edges_of_memory, 1)
{
	static u8 low[0x1000], high[0x1000];
	struct ring r;
	struct chain c;

	ring_init(&r, 8);
	r.mem.slot[1] = (struct memslot){ .gpa = 0x801000, .size = 0x1000, .hva = high };
	r.mem.slot[2] = (struct memslot){ .gpa = 0x800000, .size = 0x1000, .hva = low };
	r.mem.nslots = 3;
	CONTEXT("a buffer that ends with the last byte of RAM (row 11)");
	ring_desc(&r, 0, RAM_END - 16, 16, WRITE, 0);
	ring_offer(&r, 0);
	EXPECT_POP(&r, &c, VQ_OK);
	EXPECT_TRUE(c.iov[0].iov_base == r.bytes + RAM_SIZE - 16 && c.iov[0].iov_len == 16);
	CONTEXT("a buffer that lies in two slots, next to each other (row 10)");
	ring_desc(&r, 0, 0x800fff, 0x1001, WRITE, 0);
	ring_offer(&r, 0);
	EXPECT_POP(&r, &c, VQ_OK);
	EXPECT_U64(c.nwrite, 2);
	EXPECT_U64(c.write_len, 0x1001);
	EXPECT_TRUE(c.iov[0].iov_base == low + 0xfff && c.iov[0].iov_len == 1);
	EXPECT_TRUE(c.iov[1].iov_base == high && c.iov[1].iov_len == 0x1000);
	CONTEXT("and one byte more than both have");
	ring_desc(&r, 0, 0x800fff, 0x1002, WRITE, 0);
	expect_broken(&r);
	expect_read_only_memory();
}
