// SPDX-License-Identifier: MIT
/* Tasks 5.3, 5.7 and 5.10: what lies between the queue and a device. And indirect tables. */
#include <errno.h>

#include "../common/capture.h"
#include "fake_device.h"
#include "virtio_mmio.h"

/* --- 5.3 --- */

TEST("5.3", used_buffers_interrupt, 1)
{
	struct fake f;

	fake_init(&f);
	fake_start(&f, 0);
	f.v.state.status = 0x0b;
	fake_push(&f);
	virtio_interrupt(&f.v, 0);
	CONTEXT("before DRIVER_OK there are no interrupts (2.1.2)");
	EXPECT_U64(f.v.state.interrupt, 0);
	EXPECT_U64(f.level, 0);
	fake_start(&f, 0);
	CONTEXT("no chain was used");
	virtio_interrupt(&f.v, 0);
	EXPECT_U64(f.v.state.interrupt, 0);
	CONTEXT("one was");
	fake_push(&f);
	virtio_interrupt(&f.v, 0);
	EXPECT_U64(f.v.state.interrupt, VIRTIO_INT_QUEUE);
	EXPECT_U64(f.level, 1);
	CONTEXT("one was, and the driver said NO_INTERRUPT");
	f.v.state.interrupt = 0;
	virtio_update_irq(&f.v);
	*ring_u16(&f.r, AT_AVAIL) = VQ_AVAIL_NO_INTERRUPT;
	fake_push(&f);
	virtio_interrupt(&f.v, 0);
	EXPECT_U64(f.v.state.interrupt, 0);
	EXPECT_U64(f.level, 0);
	CONTEXT("one was, and a change of the configuration is pending: that stays so");
	*ring_u16(&f.r, AT_AVAIL) = 0;
	virtio_config_changed(&f.v);
	fake_push(&f);
	virtio_interrupt(&f.v, 0);
	EXPECT_U64(f.v.state.interrupt, VIRTIO_INT_QUEUE | VIRTIO_INT_CONFIG);
}

/* --- 5.7: indirect tables --- */

TEST("5.7", rows_17_19_indirect_tables, 1)
{
	struct ring r;
	struct chain c;

	ring_init(&r, 8);
	r.q.indirect = true;
	ring_entry(&r, AT_TABLE, 0, AT_BUFFER, 4, NEXT, 2);
	ring_entry(&r, AT_TABLE, 2, AT_BUFFER + 16, 5, NEXT | WRITE, 1);
	ring_entry(&r, AT_TABLE, 1, AT_BUFFER + 32, 6, WRITE, 0);
	CONTEXT("a table of three descriptors");
	ring_desc(&r, 0, AT_TABLE, 48, INDIRECT, 7);
	ring_offer(&r, 0);
	EXPECT_POP(&r, &c, VQ_OK);
	EXPECT_U64(c.nread, 1);
	EXPECT_U64(c.nwrite, 2);
	EXPECT_U64(c.write_len, 11);
	EXPECT_TRUE(c.iov[1].iov_base == ring_at(&r, AT_BUFFER + 16));
	CONTEXT("WRITE on the descriptor that leads to the table is ignored (row 19)");
	ring_desc(&r, 0, AT_TABLE, 48, INDIRECT | WRITE, 0);
	ring_offer(&r, 0);
	EXPECT_POP(&r, &c, VQ_OK);
	EXPECT_U64(c.nread, 1);
	CONTEXT("two buffers, then a table: legal (row 17, 2.7.5.3.2)");
	ring_desc(&r, 3, AT_BUFFER + 0x100, 1, NEXT, 4);
	ring_desc(&r, 4, AT_BUFFER + 0x200, 2, NEXT, 0);
	ring_offer(&r, 3);
	EXPECT_POP(&r, &c, VQ_OK);
	EXPECT_U64(c.head, 3);
	EXPECT_U64(c.nread, 3);
	EXPECT_U64(c.read_len, 7);
	EXPECT_TRUE(c.iov[2].iov_base == ring_at(&r, AT_BUFFER));
	CONTEXT("a table with as many descriptors as the queue, which is the most that is legal");
	ring_desc(&r, 0, AT_TABLE, 16 * 8, INDIRECT, 0);
	for (u16 i = 0; i < 8; i++)
		ring_entry(&r, AT_TABLE, i, AT_BUFFER, 1, i < 7 ? NEXT : 0, i + 1);
	ring_offer(&r, 0);
	EXPECT_POP(&r, &c, VQ_OK);
	EXPECT_U64(c.nread, 8);
	CONTEXT("a table of 20 descriptors, of which the chain has two");
	ring_desc(&r, 0, AT_TABLE, 16 * 20, INDIRECT, 0);
	ring_entry(&r, AT_TABLE, 0, AT_BUFFER, 1, NEXT, 19);
	ring_entry(&r, AT_TABLE, 19, AT_BUFFER, 1, WRITE, 0);
	ring_offer(&r, 0);
	EXPECT_POP(&r, &c, VQ_OK);
	EXPECT_U64(c.nwrite, 1);
	CONTEXT("INDIRECT together with NEXT (row 17, 2.7.5.3.1)");
	ring_desc(&r, 0, AT_TABLE, 16 * 20, INDIRECT | NEXT, 1);
	ring_desc(&r, 1, AT_BUFFER, 1, WRITE, 0);
	expect_broken(&r);
}

TEST("5.7", rows_04_06_16_18_bad_tables, 1)
{
	static const u32 bad_len[] = { 0, 1, 8, 15, 17, 40, 0xffffffff };
	struct ring r;
	struct chain c;

	ring_init(&r, 8);
	r.q.indirect = true;
	ring_entry(&r, AT_TABLE, 0, AT_BUFFER, 1, WRITE, 0);
	CONTEXT("a table of one descriptor is legal");
	ring_desc(&r, 0, AT_TABLE, 16, INDIRECT, 0);
	ring_offer(&r, 0);
	EXPECT_POP(&r, &c, VQ_OK);
	for (unsigned i = 0; i < ARRAY_SIZE(bad_len); i++) {
		CONTEXT("a table of %u bytes (row 18)", bad_len[i]);
		ring_desc(&r, 0, AT_TABLE, bad_len[i], INDIRECT, 0);
		expect_broken(&r);
	}
	CONTEXT("a table outside RAM, and one with only its last descriptor outside (row 18)");
	ring_desc(&r, 0, 0xfeb00000, 32, INDIRECT, 0);
	expect_broken(&r);
	ring_entry(&r, RAM_END - 16, 0, AT_BUFFER, 1, WRITE, 0);
	ring_desc(&r, 0, RAM_END - 16, 32, INDIRECT, 0);
	expect_broken(&r);
	CONTEXT("a table in a table (row 16)");
	ring_desc(&r, 0, AT_TABLE, 32, INDIRECT, 0);
	ring_entry(&r, AT_TABLE, 0, AT_TABLE + 0x100, 16, INDIRECT, 0);
	ring_entry(&r, AT_TABLE + 0x100, 0, AT_BUFFER, 1, WRITE, 0);
	expect_broken(&r);
	CONTEXT("a next that is in the queue, but not in the table of 2 (row 4)");
	ring_entry(&r, AT_TABLE, 0, AT_BUFFER, 1, WRITE | NEXT, 2);
	ring_entry(&r, AT_TABLE, 2, AT_BUFFER, 1, WRITE, 0);
	expect_broken(&r);
	CONTEXT("a loop in the table (row 5), and 9 descriptors in a queue of 8 (row 6)");
	ring_entry(&r, AT_TABLE, 0, AT_BUFFER, 1, WRITE | NEXT, 0);
	expect_broken(&r);
	ring_desc(&r, 0, AT_TABLE, 16 * 9, INDIRECT, 0);
	for (u16 i = 0; i < 9; i++)
		ring_entry(&r, AT_TABLE, i, AT_BUFFER, 1, WRITE | (i < 8 ? NEXT : 0), i + 1);
	expect_broken(&r);
	CONTEXT("a buffer of the queue's own, and 8 in a table: 9 in a queue of 8 (row 6)");
	ring_desc(&r, 0, AT_BUFFER, 1, NEXT, 1);
	ring_desc(&r, 1, AT_TABLE, 16 * 8, INDIRECT, 0);
	ring_entry(&r, AT_TABLE, 7, AT_BUFFER, 1, WRITE, 0);
	expect_broken(&r);
}

/* The device reads a table, and nobody writes it; it may lie in two slots, too. */
TEST("5.7", where_a_table_may_lie, 0)
{
	static u8 rom[0x1000];
	struct ring r;
	struct chain c;

	ring_init(&r, 8);
	r.q.indirect = true;
	r.mem.slot[r.mem.nslots++] = (struct memslot){
		.gpa = RAM_END, .size = sizeof(rom), .hva = rom, .readonly = true
	};
	ring_entry(&r, RAM_END - 16, 0, AT_BUFFER, 1, NEXT, 1);
	memcpy(rom, ring_at(&r, RAM_END - 16), 14);
	rom[12] = WRITE;
	CONTEXT("a table of two descriptors: one at the end of RAM, one in the read-only memory "
		"behind it");
	ring_desc(&r, 0, RAM_END - 16, 32, INDIRECT, 0);
	ring_offer(&r, 0);
	EXPECT_POP(&r, &c, VQ_OK);
	EXPECT_U64(c.nread, 1);
	EXPECT_U64(c.nwrite, 1);
	CONTEXT("a table that is not aligned: nobody says that it has to be");
	memcpy(rom + 0x103, rom, 16);
	ring_desc(&r, 0, RAM_END + 0x103, 16, INDIRECT, 0);
	ring_offer(&r, 0);
	EXPECT_POP(&r, &c, VQ_OK);
	EXPECT_U64(c.nwrite, 1);
}

/* --- 5.7: EVENT_IDX --- */

/* From one used index to the next, with that used_event: is the driver told? */
static void expect_told(u16 from, u16 to, u16 event, bool told)
{
	struct ring r;

	ring_init(&r, 8);
	ring_begin_at(&r, from);
	r.q.event_idx = true;
	*ring_u16(&r, AT_AVAIL + 4 + 2 * 8) = event;
	*ring_u16(&r, AT_AVAIL) = VQ_AVAIL_NO_INTERRUPT; /* does not count */
	while (r.q.next_used != to)
		EXPECT_ERR(virtq_push(&r.q, &r.mem, 0, 0), 0);
	CONTEXT("used_event 0x%x, and the used index has gone from 0x%x to 0x%x", event, from, to);
	EXPECT_U64(virtq_should_interrupt(&r.q, &r.mem), told);
	EXPECT_TRUE(!virtq_should_interrupt(&r.q, &r.mem), "told twice");
	free(r.bytes);
}

/* A used_event that the driver writes when the element has been asked for comes too late. */
static void expect_nothing_told(void)
{
	u16 event = 7;
	struct ring r;

	ring_init(&r, 8);
	r.q.event_idx = true;
	for (u16 n = 0; n < 6; n++) {
		*ring_u16(&r, AT_AVAIL + 4 + 2 * 8) = event;
		EXPECT_ERR(virtq_push(&r.q, &r.mem, 0, 0), 0);
		CONTEXT("used_event %u, asked after each element, and now after number %u", event,
			n);
		EXPECT_TRUE(!virtq_should_interrupt(&r.q, &r.mem));
		if (n == 1)
			event = 1;
	}
}

TEST("5.7", row_45_used_event, 1)
{
	expect_nothing_told();
	expect_told(0, 1, 0, true); /* the element of number 0 was written */
	expect_told(0, 1, 1, false);
	expect_told(0, 0, 0, false);
	expect_told(0, 3, 2, true);
	expect_told(0, 3, 3, false);
	expect_told(5, 6, 4, false); /* long passed */
	expect_told(5, 6, 0x8005, false);
	expect_told(0xfffe, 1, 0xfffd, false);
	expect_told(0xfffe, 1, 0xfffe, true);
	expect_told(0xfffe, 1, 0xffff, true);
	expect_told(0xfffe, 1, 0, true);
	expect_told(0xfffe, 1, 1, false);
}

TEST("5.7", asking_for_notifications, 1)
{
	struct ring r;

	ring_init(&r, 8);
	ring_begin_at(&r, 0xfff3);
	CONTEXT("without EVENT_IDX it is in the flags of the used ring");
	virtq_want_notify(&r.q, &r.mem, false);
	EXPECT_U64_AS("flags of the used ring", *ring_u16(&r, AT_USED), VQ_USED_NO_NOTIFY);
	virtq_want_notify(&r.q, &r.mem, true);
	EXPECT_U64_AS("flags of the used ring", *ring_u16(&r, AT_USED), 0);
	EXPECT_U64_AS("avail_event of the used ring", *ring_u16(&r, AT_USED + 4 + 8 * 8), 0);
	CONTEXT("with EVENT_IDX it is avail_event: the entry that is taken next");
	r.q.event_idx = true;
	virtq_want_notify(&r.q, &r.mem, true);
	EXPECT_U64_AS("avail_event of the used ring", *ring_u16(&r, AT_USED + 4 + 8 * 8), 0xfff3);
	r.q.next_avail++;
	virtq_want_notify(&r.q, &r.mem, false);
	EXPECT_U64_AS("avail_event of the used ring", *ring_u16(&r, AT_USED + 4 + 8 * 8), 0xfff3);
	EXPECT_U64_AS("flags of the used ring", *ring_u16(&r, AT_USED), 0);
}

TEST("5.7", event_idx_is_negotiated, 0)
{
	struct fake f;
	struct chain c;

	fake_init(&f);
	EXPECT_U64(f.v.offered, FAKE_FEATURES | VIRTIO_F_VERSION_1 | VIRTIO_F_EVENT_IDX |
					VIRTIO_F_INDIRECT_DESC);
	fake_start(&f, 0);
	EXPECT_TRUE(!f.v.state.queue[0].event_idx && !f.v.state.queue[0].indirect);
	fake_start(&f, VIRTIO_F_INDIRECT_DESC);
	EXPECT_TRUE(!f.v.state.queue[0].event_idx && f.v.state.queue[0].indirect);
	fake_start(&f, VIRTIO_F_EVENT_IDX);
	EXPECT_TRUE(f.v.state.queue[0].event_idx && !f.v.state.queue[0].indirect);
	ring_desc(&f.r, 0, AT_BUFFER, 1, WRITE, 0);
	for (u16 i = 1; i < 4; i++) {
		ring_offer(&f.r, 0);
		EXPECT_TRUE(virtio_pop(&f.v, 0, &c));
		CONTEXT("%u chains taken, and no more there: avail_event must be %u", i, i);
		EXPECT_TRUE(!virtio_pop(&f.v, 0, &c));
		EXPECT_U64_AS("avail_event of the used ring", *ring_u16(&f.r, AT_USED + 4 + 8 * 8),
			      i);
	}
}

/* --- 5.10 --- */

TEST("5.10", broken_and_recovered, 1)
{
	struct capture cap = capture_begin(2);
	struct fake f;
	struct chain c;
	unsigned resets;
	char *text;

	fake_init(&f);
	fake_start(&f, 0);
	resets = f.resets;
	ring_desc(&f.r, 0, AT_BUFFER, 0, WRITE, 0);
	for (unsigned i = 0; i < 3; i++)
		ring_offer(&f.r, 0);
	EXPECT_TRUE(!virtio_pop(&f.v, 0, &c));
	CONTEXT("a buffer of length zero: the device is broken, and says so");
	EXPECT_U64(f.v.state.status, 0x4f);
	EXPECT_U64(f.v.state.interrupt, VIRTIO_INT_CONFIG);
	EXPECT_U64(f.level, 1);
	CONTEXT("nothing else has changed: all that is left to a reset");
	EXPECT_TRUE(f.v.state.queue[0].ready);
	EXPECT_U64(f.v.state.queue[0].size, f.r.q.size);
	EXPECT_U64(f.v.state.queue[0].next_avail, 1);
	EXPECT_U64(f.v.state.accepted, VIRTIO_F_VERSION_1);
	EXPECT_U64(f.resets, resets);
	CONTEXT("then no queue is looked at any more");
	ring_desc(&f.r, 0, AT_BUFFER, 1, WRITE, 0);
	EXPECT_TRUE(!virtio_pop(&f.v, 0, &c));
	virtio_push(&f.v, 0, &c, 1);
	EXPECT_U64(ring_used_idx(&f.r), 0);
	virtio_notify(&f.v, 0);
	EXPECT_U64(f.notified, 0);
	for (unsigned i = 0; i < 3; i++)
		virtio_break(&f.v, "something");
	text = capture_end(&cap);
	CONTEXT("it is said once, not each time");
	EXPECT_CONTAINS(text, "fake");
	EXPECT_TRUE(strchr(text, '\n') == strrchr(text, '\n'), "%s", text);
	CONTEXT("after a reset it works again");
	fake_start(&f, 0);
	EXPECT_U64(f.v.state.status, 0x0f);
	ring_begin_at(&f.r, 0);
	ring_offer(&f.r, 0);
	virtio_notify(&f.v, 0);
	EXPECT_U64(f.notified, 1);
	EXPECT_TRUE(virtio_pop(&f.v, 0, &c));
}

/* A driver can reset and break the device as often as it likes; it cannot fill our disk. */
TEST("5.10", broken_for_ever, 0)
{
	struct capture cap = capture_begin(2);
	unsigned lines = 0;
	struct fake f;

	fake_init(&f);
	for (unsigned i = 0; i < 1000; i++) {
		fake_start(&f, 0);
		virtio_break(&f.v, "nothing good");
		EXPECT_U64(f.v.state.status, 0x4f);
	}
	for (const char *at = capture_end(&cap); (at = strstr(at, "nothing good\n")); at++)
		lines++;
	CONTEXT("a thousand resets, and after each of them a broken rule");
	EXPECT_U64(lines, VIRTIO_TOLD_MAX);
}

/* 2.7.7.2: each used buffer is told of, and after NEEDS_RESET nobody does. */
TEST("5.10", what_was_used_before_is_told, 0)
{
	struct capture cap = capture_begin(2);
	struct fake f;

	fake_init(&f);
	fake_start(&f, 0);
	fake_push(&f);
	virtio_break(&f.v, "nothing good");
	CONTEXT("a buffer has come back; the interrupt was to follow, and then a rule was broken");
	EXPECT_U64(f.v.state.status, 0x4f);
	EXPECT_U64(f.v.state.interrupt, VIRTIO_INT_QUEUE | VIRTIO_INT_CONFIG);
	CONTEXT("the same, of queue 1");
	fake_start(&f, 0);
	f.v.state.queue[1] = f.v.state.queue[0];
	EXPECT_ERR(virtq_push(&f.v.state.queue[1], &f.r.mem, 0, 0), 0);
	virtio_break(&f.v, "nothing good");
	EXPECT_U64(f.v.state.interrupt, VIRTIO_INT_QUEUE | VIRTIO_INT_CONFIG);
	CONTEXT("a driver that wants no interrupts for used buffers gets none");
	fake_start(&f, 0);
	*ring_u16(&f.r, AT_AVAIL) = VQ_AVAIL_NO_INTERRUPT;
	fake_push(&f);
	virtio_break(&f.v, "nothing good");
	capture_end(&cap);
	EXPECT_U64(f.v.state.interrupt, VIRTIO_INT_CONFIG);
}

TEST("5.10", broken_before_the_driver_was_ready, 0)
{
	static const u8 status[] = { 0x01, 0x0b };

	for (unsigned i = 0; i < ARRAY_SIZE(status); i++) {
		struct capture cap = capture_begin(2);
		struct fake f;

		fake_init(&f);
		fake_start(&f, 0);
		f.v.state.status = status[i];
		virtio_break(&f.v, "nothing good");
		capture_end(&cap);
		CONTEXT("NEEDS_RESET, but no interrupt before DRIVER_OK");
		EXPECT_U64(f.v.state.status, status[i] | 0x40);
		EXPECT_U64(f.v.state.interrupt, 0);
		EXPECT_U64(f.level, 0);
	}
}

/* The transport's part of it: a queue that cannot be is not only left as it was (rows 21 to 24). */
TEST("5.10", broken_by_a_queue_that_cannot_be, 0)
{
	struct capture cap = capture_begin(2);
	struct virtio_mmio window;
	struct bus mmio = { 0 };
	struct fake f;

	fake_init(&f);
	EXPECT_ERR(virtio_mmio_init(&window, &mmio, 0, &f.v), 0);
	virtio_set_status(&f.v, 1);
	virtio_set_status(&f.v, 3);
	virtio_mmio_write(&window, VIRTIO_MMIO_QUEUE_NUM, 3);
	virtio_mmio_write(&window, VIRTIO_MMIO_QUEUE_READY, 1);
	CONTEXT("QueueReady of a queue of size 3: NEEDS_RESET, and a line that says why");
	EXPECT_CONTAINS(capture_end(&cap), "vmm: fake: the driver has given us ");
	EXPECT_U64(f.v.state.status, 0x43);
	EXPECT_TRUE(!f.v.state.queue[0].ready);
}
