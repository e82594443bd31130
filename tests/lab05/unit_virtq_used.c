// SPDX-License-Identifier: MIT
/* Task 5.3: chains are given back. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>

#include "ring.h"

/* Row 25: the areas lie on top of each other and of the buffer. Nothing is promised but an end. */
TEST("-", row_25_areas_that_overlap, 0)
{
	struct ring r;
	struct chain c;

	ring_init(&r, 8);
	r.q.avail = r.q.used = r.q.desc = AT_DESC;
	for (unsigned i = 0; i < 64; i++)
		*ring_u16(&r, AT_DESC + 2 * i) = (u16)(i * 0x1111 % 9);
	for (unsigned i = 0; i < 1000; i++) {
		enum vq_result result = virtq_pop(&r.q, &r.mem, &c);

		if (result == VQ_OK) {
			chain_write(&c, 0, "overwritten", 11);
			EXPECT_ERR(virtq_push(&r.q, &r.mem, c.head, 11), 0);
		}
		r.q.next_avail = (u16)i;
	}
	EXPECT_TRUE(virtq_check(&r.q, &r.mem) == 0);
}

/* --- 5.3 --- */

TEST("5.3", push_fills_the_used_ring, 1)
{
	struct ring r;

	ring_init(&r, 4);
	ring_begin_at(&r, 0xfffd);
	for (u16 i = 0; i < 6; i++) {
		u16 n = (u16)(0xfffd + i);

		if (i == 4) /* the ring is guest memory, and not where our own numbers are */
			*ring_u16(&r, AT_USED + 2) = 0x1234;
		CONTEXT("used element 0x%x of a queue of 4%s", n,
			i == 4 ? "; the driver has written to the used index" : "");
		EXPECT_ERR(virtq_push(&r.q, &r.mem, i % 4, 0x1000000 + i), 0);
		EXPECT_U64(ring_used_id(&r, n), i % 4);
		EXPECT_U64(ring_used_len(&r, n), 0x1000000 + i);
		EXPECT_U64(ring_used_idx(&r), (u16)(n + 1));
	}
	CONTEXT("flags of the used ring, and what is behind it");
	EXPECT_U64_AS("flags of the used ring", *ring_u16(&r, AT_USED), 0);
	EXPECT_U64_AS("avail_event of the used ring", *ring_u16(&r, AT_USED + 4 + 8 * 4), 0);
	CONTEXT("the entries lie behind the end of RAM, the index before it: the element cannot be "
		"written, and the index must not say that it was");
	r.q.used = RAM_END - 4;
	EXPECT_ERR(virtq_push(&r.q, &r.mem, 1, 16), -EFAULT);
	EXPECT_U64_AS("idx of the used ring", *ring_u16(&r, RAM_END - 2), 0);
	CONTEXT("a used ring that is not in RAM at all, and one of which only the index is not");
	r.q.used = RAM_END;
	EXPECT_ERR(virtq_push(&r.q, &r.mem, 1, 16), -EFAULT);
	r.q.used = RAM - 4;
	EXPECT_ERR(virtq_push(&r.q, &r.mem, 1, 16), -EFAULT);
}

/* An area may cross from one slot of memory into its neighbour, and so may an element. */
TEST("5.3", a_used_element_in_two_slots, 0)
{
	static u8 low[0x1000], high[0x1000];
	const u32 want[2] = { 3, 0x11223344 };
	struct ring r;

	ring_init(&r, 8);
	r.mem.slot[1] = (struct memslot){ .gpa = 0x801000, .size = 0x1000, .hva = high };
	r.mem.slot[2] = (struct memslot){ .gpa = 0x800000, .size = 0x1000, .hva = low };
	r.mem.nslots = 3;
	r.q.used = 0x801000 -
		   8; /* the first element: its head in one slot, its length in the other */
	CONTEXT("the first used element lies in two slots of memory, next to each other");
	EXPECT_ERR(virtq_push(&r.q, &r.mem, (u16)want[0], want[1]), 0);
	EXPECT_BYTES(low + 0x1000 - 4, &want[0], 4);
	EXPECT_BYTES(high, &want[1], 4);
}

TEST("5.3", should_notify_by_flags, 1)
{
	struct ring r;

	ring_init(&r, 4);
	*ring_u16(&r, AT_AVAIL + 4 + 2 * 4) = 77; /* used_event: not negotiated, not looked at */
	CONTEXT("nothing was used yet");
	EXPECT_TRUE(!virtq_should_interrupt(&r.q, &r.mem));
	for (unsigned i = 0; i < 5; i++)
		EXPECT_ERR(virtq_push(&r.q, &r.mem, 0, 0), 0);
	CONTEXT("5 chains were used");
	EXPECT_TRUE(virtq_should_interrupt(&r.q, &r.mem));
	CONTEXT("and none since the driver was told");
	EXPECT_TRUE(!virtq_should_interrupt(&r.q, &r.mem));
	EXPECT_ERR(virtq_push(&r.q, &r.mem, 0, 0), 0);
	*ring_u16(&r, AT_AVAIL) = VQ_AVAIL_NO_INTERRUPT;
	CONTEXT("one more, but the driver wants no interrupts");
	EXPECT_TRUE(!virtq_should_interrupt(&r.q, &r.mem));
	*ring_u16(&r, AT_AVAIL) = 0;
	CONTEXT("it wants them again, but none was used since this was asked last");
	EXPECT_TRUE(!virtq_should_interrupt(&r.q, &r.mem));
	EXPECT_ERR(virtq_push(&r.q, &r.mem, 0, 0), 0);
	CONTEXT("one more, and it wants them again");
	EXPECT_TRUE(virtq_should_interrupt(&r.q, &r.mem));
	*ring_u16(&r, AT_AVAIL) = (u16)~VQ_AVAIL_NO_INTERRUPT;
	EXPECT_ERR(virtq_push(&r.q, &r.mem, 0, 0), 0);
	CONTEXT("one more, and in flags all other bits are set, which mean nothing");
	EXPECT_TRUE(virtq_should_interrupt(&r.q, &r.mem));
	ring_begin_at(&r, 0xfffe);
	for (unsigned i = 0; i < 4; i++)
		EXPECT_ERR(virtq_push(&r.q, &r.mem, 0, 0), 0);
	CONTEXT("4 more, and the index has wrapped");
	EXPECT_TRUE(virtq_should_interrupt(&r.q, &r.mem));
}

/* A driver on another CPU: when it sees the index, it must see the element. */
struct watcher {
	const struct ring *r;
	unsigned wrong;
	u32 seen;
	bool over; /* there will be no more */
};

#define PUSHES 50000

static void *watch(void *arg)
{
	struct watcher *w = arg;

	for (u32 n = 0; n < PUSHES; n++) {
		while (ring_used_idx(w->r) == (u16)n) {
			if (__atomic_load_n(&w->over, __ATOMIC_RELAXED))
				return NULL;
			sched_yield();
		}
		if (ring_used_len(w->r, (u16)n) != n)
			w->wrong++;
		__atomic_store_n(&w->seen, n + 1, __ATOMIC_RELEASE);
	}
	return NULL;
}

TEST("-", element_is_seen_before_index, 0, .seconds = 0.5)
{
	struct ring r;
	struct watcher w = { .r = &r };
	pthread_t thread;

	ring_init(&r, 4);
	if (pthread_create(&thread, NULL, watch, &w))
		test_error("no thread");
	for (u32 n = 0; n < PUSHES; n++) {
		while (n - __atomic_load_n(&w.seen, __ATOMIC_ACQUIRE) == 4)
			sched_yield();
		if (virtq_push(&r.q, &r.mem, 0, n))
			break;
	}
	__atomic_store_n(&w.over, ring_used_idx(&r) != (u16)PUSHES, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	CONTEXT("a thread takes the used elements as soon as the index says that they are there");
	EXPECT_U64(w.wrong, 0);
}

TEST("-", chains_are_copied_in_pieces, 0)
{
	struct ring r;
	struct chain c;
	char text[12] = "";

	ring_init(&r, 8);
	memcpy(ring_at(&r, AT_BUFFER), "abc", 3);
	memcpy(ring_at(&r, AT_BUFFER + 0x100), "defgh", 5);
	ring_desc(&r, 0, AT_BUFFER, 3, NEXT, 1);
	ring_desc(&r, 1, AT_BUFFER + 0x100, 5, NEXT, 2);
	ring_desc(&r, 2, AT_BUFFER + 0x200, 2, NEXT | WRITE, 3);
	ring_desc(&r, 3, AT_BUFFER + 0x300, 2, WRITE, 0);
	ring_offer(&r, 0);
	EXPECT_POP(&r, &c, VQ_OK);
	EXPECT_U64(chain_read(&c, 0, text, sizeof(text)), 8);
	EXPECT_STR(text, "abcdefgh");
	EXPECT_U64(chain_read(&c, 2, text, 2), 2);
	EXPECT_BYTES(text, "cd", 2);
	EXPECT_U64(chain_read(&c, 8, text, 1), 0);
	EXPECT_U64(chain_read(&c, UINT64_MAX, text, 1), 0);
	EXPECT_U64(chain_write(&c, 1, "WXYZ", 4), 3);
	EXPECT_BYTES(ring_at(&r, AT_BUFFER + 0x200), "\0W", 2);
	EXPECT_BYTES(ring_at(&r, AT_BUFFER + 0x300), "XY\0", 3);
}
