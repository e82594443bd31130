// SPDX-License-Identifier: MIT
/* Task 5.9: the network card, with a driver of our own. Rows are those of hostile guests. */
#include "wire.h"

TEST("5.9", frames_are_sent, 1)
{
	struct wire *w = begin();

	driver_fill(&w->d, FRAME, NET_FRAME_MAX);
	CONTEXT("a header and a frame of 60 bytes, in one buffer");
	ADD(&w->d, NET_TX, R(HEADER, 12 + 60));
	driver_notify(&w->d, NET_TX);
	EXPECT_U64(w->frames, 1);
	EXPECT_U64(w->len, 60);
	EXPECT_BYTES(w->frame, w->d.ram + FRAME, 60);
	EXPECT_U64(driver_used(&w->d, NET_TX), 1);
	EXPECT_U64(driver_written(&w->d, NET_TX, 0), 0);
	EXPECT_U64(w->net.virtio.state.interrupt, VIRTIO_INT_QUEUE);
	CONTEXT("row 14: the same stretch cut elsewhere, and as long as a frame can be");
	ADD(&w->d, NET_TX, R(HEADER, 5), R(HEADER + 5, 8), R(HEADER + 13, NET_FRAME_MAX - 1));
	driver_notify(&w->d, NET_TX);
	EXPECT_U64(w->len, NET_FRAME_MAX);
	EXPECT_BYTES(w->frame, w->d.ram + FRAME, NET_FRAME_MAX);
	EXPECT_U64(w->net.sent, 2);
	CONTEXT("no cable: the frame is lost, its buffer is not");
	w->net.backend = NULL;
	ADD(&w->d, NET_TX, R(HEADER, 12 + 60));
	driver_notify(&w->d, NET_TX);
	EXPECT_U64(driver_used(&w->d, NET_TX), 3);
	EXPECT_U64(w->net.tx_dropped, 1);
	CONTEXT("who sends a frame must not see it change: it is copied first");
	EXPECT_U64(w->not_copied, 0);
	CONTEXT("three frames, one notification, one interrupt");
	edges(&w->net.virtio.irq);
	w->net.backend = &w->backend;
	for (unsigned i = 0; i < 3; i++)
		ADD(&w->d, NET_TX, R(HEADER, 12 + 60));
	driver_notify(&w->d, NET_TX);
	EXPECT_U64(w->frames, 5);
	EXPECT_U64(edges(&w->net.virtio.irq), 1);
}

/* As libslirp does. */
static void answer(struct net_backend *b, const void *frame, size_t len)
{
	keep(b, frame, len);
	net_receive(&container_of(b, struct wire, backend)->net, "an answer of 20 byte", 20);
}

TEST("5.9", an_answer_comes_within_send, 0)
{
	struct wire *w = begin();
	u16 in[3], out[2];

	driver_fill(&w->d, FRAME, 60);
	w->backend.send = answer;
	for (unsigned i = 0; i < 3; i++)
		in[i] = ADD(&w->d, NET_RX, W(ROOM + 0x100 * (u64)i, 50), W(ROOM + 0x1000, 50));
	net_receive(&w->net, "a frame of 20 bytes!", 20);
	for (unsigned i = 0; i < 2; i++)
		out[i] = ADD(&w->d, NET_TX, R(HEADER, 10), R(HEADER + 10, 12 + 60 - 10));
	driver_notify(&w->d, NET_TX);
	CONTEXT("each of two frames is answered before send() returns");
	EXPECT_U64(w->frames, 2);
	EXPECT_BYTES(w->frame, w->d.ram + FRAME, 60);
	EXPECT_U64(driver_used(&w->d, NET_TX), 2);
	EXPECT_U64(driver_used(&w->d, NET_RX), 3);
	for (u16 i = 0; i < 3; i++) {
		EXPECT_U64(driver_used_head(&w->d, NET_RX, i), in[i]);
		EXPECT_U64(driver_written(&w->d, NET_RX, i), 12 + 20);
	}
	for (u16 i = 0; i < 2; i++) {
		EXPECT_U64(driver_used_head(&w->d, NET_TX, i), out[i]);
		EXPECT_U64(driver_written(&w->d, NET_TX, i), 0);
	}
	EXPECT_BYTES_AS("the second frame received", w->d.ram + ROOM + 0x200 + 12,
			"an answer of 20 byte", 20);
}

TEST("5.9", frames_are_received, 1)
{
	static const u8 header[12] = { [10] = 1 };
	struct wire *w = begin();
	u8 frame[NET_FRAME_MAX];

	for (unsigned i = 0; i < sizeof(frame); i++)
		frame[i] = (u8)nonce_random();
	memset(w->d.ram + ROOM, 0x55, 0x1000);
	ADD(&w->d, NET_RX, W(ROOM, 7), W(ROOM + 7, 2000));
	driver_notify(&w->d, NET_RX);
	CONTEXT("a buffer of 7 + 2000 bytes, and a frame of 100");
	net_receive(&w->net, frame, 100);
	EXPECT_U64(driver_used(&w->d, NET_RX), 1);
	EXPECT_U64(driver_written(&w->d, NET_RX, 0), 112);
	EXPECT_BYTES_AS("the received frame's header", w->d.ram + ROOM, header, 12);
	EXPECT_BYTES_AS("the frame received", w->d.ram + ROOM + 12, frame, 100);
	EXPECT_U64_AS("the byte behind the frame received", w->d.ram[ROOM + 112], 0x55);
	EXPECT_U64(w->net.virtio.state.interrupt, VIRTIO_INT_QUEUE);
	CONTEXT("a buffer that just holds the longest frame");
	ADD(&w->d, NET_RX, W(ROOM, 12 + NET_FRAME_MAX));
	net_receive(&w->net, frame, sizeof(frame));
	EXPECT_U64(driver_written(&w->d, NET_RX, 1), 12 + NET_FRAME_MAX);
	EXPECT_BYTES_AS("the frame received", w->d.ram + ROOM + 12, frame, sizeof(frame));
	EXPECT_U64(w->net.received, 2);
	EXPECT_U64(w->net.rx_dropped, 0);
	CONTEXT("row 43: a buffer that is a byte too small comes back, and nothing is in there");
	memset(w->d.ram + ROOM, 0x55, 0x1000);
	ADD(&w->d, NET_RX, W(ROOM, 12), W(ROOM + 12, 99));
	edges(&w->net.virtio.irq);
	net_receive(&w->net, frame, 100);
	EXPECT_U64(driver_used(&w->d, NET_RX), 3);
	EXPECT_TRUE(edges(&w->net.virtio.irq) == 1, "the driver is not told");
	EXPECT_U64(driver_written(&w->d, NET_RX, 2), 0);
	for (unsigned i = 0; i < 111; i++)
		EXPECT_TRUE(w->d.ram[ROOM + i] == 0x55, "byte %u was written", i);
	EXPECT_U64(w->net.rx_dropped, 1);
}

TEST("5.9", row_42_frames_that_are_none, 1)
{
	static const u8 wish[][2] = { { 1, 0 }, { 0x81, 0 }, { 0, 1 },
				      { 0, 3 }, { 0, 4 },    { 0, 0x80 } };
	struct wire *w = begin();
	struct piece large[20];
	unsigned asked = 0;

	driver_fill(&w->d, FRAME, 2000);
	CONTEXT("row 42: headers and frames that are too short, and none at all");
	for (u32 len = 1; len < 12 + NET_FRAME_MIN; len++, asked++)
		ADD(&w->d, NET_TX, R(HEADER, len));
	driver_notify(&w->d, NET_TX);
	ADD(&w->d, NET_TX, W(HEADER, 100));
	CONTEXT("row 42: a frame that is too long by one byte, and one of 80 KiB");
	ADD(&w->d, NET_TX, R(HEADER, 12 + NET_FRAME_MAX + 1));
	driver_notify(&w->d, NET_TX);
	for (unsigned i = 0; i < ARRAY_SIZE(large); i++)
		large[i] = R(HEADER, 4096);
	driver_add(&w->d, NET_TX, large, ARRAY_SIZE(large));
	driver_notify(&w->d, NET_TX);
	asked += 3;
	CONTEXT("row 42: flags and gso_type that were not negotiated");
	for (unsigned i = 0; i < ARRAY_SIZE(wish); i++, asked++) {
		memcpy(w->d.ram + HEADER, wish[i], 2);
		ADD(&w->d, NET_TX, R(HEADER, 72));
		driver_notify(&w->d, NET_TX);
	}
	EXPECT_U64(w->frames, 0);
	EXPECT_U64(w->net.tx_dropped, asked);
	EXPECT_U64(driver_used(&w->d, NET_TX), asked);
	EXPECT_U64(w->net.virtio.state.status & VIRTIO_NEEDS_RESET, 0);
	CONTEXT("row 42: hdr_len, gso_size and csum_start lie; nobody needs them");
	memset(w->d.ram + HEADER, 0, 2);
	memset(w->d.ram + HEADER + 2, 0xff, 10);
	ADD(&w->d, NET_TX, R(HEADER, 72));
	driver_notify(&w->d, NET_TX);
	EXPECT_U64(w->frames, 1);
	EXPECT_BYTES(w->frame, w->d.ram + FRAME, 60);
}

/* 5.1.6.2.2: there may be more of them one day, and a frame that sets them is one all the same. */
TEST("5.9", row_42_flags_that_nobody_knows, 0)
{
	struct wire *w = begin();

	driver_fill(&w->d, FRAME, 60);
	for (unsigned bit = 0x02; bit <= 0x80; bit *= 2) {
		CONTEXT("row 42: a frame whose header has 0x%02x in flags", bit);
		w->d.ram[HEADER] = (u8)bit;
		ADD(&w->d, NET_TX, R(HEADER, 72));
		w->frames = 0;
		driver_notify(&w->d, NET_TX);
		EXPECT_U64(w->frames, 1);
		EXPECT_BYTES(w->frame, w->d.ram + FRAME, 60);
	}
	EXPECT_U64(w->net.tx_dropped, 0);
}

TEST("5.9", row_43_no_room_for_frames, 0)
{
	struct wire *w = begin();
	u8 frame[NET_FRAME_MAX + 1] = { 1 };

	CONTEXT("row 43: no buffer, a buffer of 20 bytes, one that is not writable");
	net_receive(&w->net, frame, 60);
	EXPECT_U64(w->net.rx_dropped, 1);
	ADD(&w->d, NET_RX, W(ROOM, 20));
	net_receive(&w->net, frame, 60);
	EXPECT_U64(w->net.rx_dropped, 2);
	EXPECT_U64(driver_used(&w->d, NET_RX), 1);
	EXPECT_U64(driver_written(&w->d, NET_RX, 0), 0);
	EXPECT_U64_AS("the first byte of the frame", w->d.ram[ROOM + 12], 0);
	ADD(&w->d, NET_RX, R(ROOM, 2000));
	net_receive(&w->net, frame, 60);
	EXPECT_U64(w->net.rx_dropped, 3);
	EXPECT_U64(driver_used(&w->d, NET_RX), 2);
	CONTEXT("a frame that is longer than any costs no buffer");
	ADD(&w->d, NET_RX, W(ROOM, 4000));
	net_receive(&w->net, frame, sizeof(frame));
	EXPECT_U64(w->net.rx_dropped, 4);
	EXPECT_U64(driver_used(&w->d, NET_RX), 2);
	net_receive(&w->net, frame, 60);
	EXPECT_U64(driver_used(&w->d, NET_RX), 3);
	CONTEXT("the driver has reset the device");
	virtio_reset(&w->net.virtio);
	net_receive(&w->net, frame, 60);
	EXPECT_U64(w->net.rx_dropped, 5);
}

/* A driver that never lets the queue become empty: others want their turn. */
TEST("-", a_budget_is_spent, 0)
{
	struct wire *w = begin();
	struct budget budget = { .queue = NET_TX, .chains = 5 };

	for (unsigned i = 0; i < 12; i++)
		ADD(&w->d, NET_TX, R(HEADER, 72));
	w->net.virtio.budget = &budget;
	CONTEXT("12 frames, of which 5 may be taken at a stretch, then 6, then as many as "
		"there are");
	driver_notify(&w->d, NET_TX);
	if (!driver_used(&w->d, NET_TX))
		SKIP("task 5.9 comes first");
	EXPECT_U64(driver_used(&w->d, NET_TX), 5);
	EXPECT_TRUE(budget.spent);
	budget = (struct budget){ .queue = NET_TX, .chains = 6 };
	driver_notify(&w->d, NET_TX);
	EXPECT_U64(driver_used(&w->d, NET_TX), 11);
	budget = (struct budget){ .queue = NET_TX, .chains = 6 };
	driver_notify(&w->d, NET_TX);
	EXPECT_U64(driver_used(&w->d, NET_TX), 12);
	EXPECT_TRUE(!budget.spent);
	CONTEXT("the budget of another queue is no limit for this one");
	budget = (struct budget){ .queue = NET_RX };
	ADD(&w->d, NET_TX, R(HEADER, 72));
	driver_notify(&w->d, NET_TX);
	EXPECT_U64(driver_used(&w->d, NET_TX), 13);
}

TEST("-", the_address_is_in_the_configuration, 0)
{
	struct wire *w = begin();
	const struct virtio_ops *ops = w->net.virtio.ops;
	u8 read[6];

	EXPECT_U64(ops->config_size, 8);
	ops->config_read(&w->net.virtio, 0, read, 6);
	EXPECT_BYTES(read, mac, 6);
	ops->config_read(&w->net.virtio, 5, read, 1);
	EXPECT_U64(read[0], mac[5]);
}

TEST("-", the_link_is_in_the_configuration, 0)
{
	struct wire *w = begin();
	u16 status;

	for (unsigned up = 2; up-- > 0;) {
		net_plug(&w->net, up ? &w->backend : NULL);
		w->net.virtio.ops->config_read(&w->net.virtio, 6, &status, sizeof(status));
		CONTEXT("the cable is %s", up ? "plugged in" : "pulled out");
		EXPECT_U64(status, up ? NET_S_LINK_UP : 0);
	}
}
