// SPDX-License-Identifier: MIT
/*
 * What the specification demands of a device and no other test would notice: see virtio-musts,
 * which names a test for each such sentence, or says why there is none.
 */
#include "../common/capture.h"
#include "blk.h"
#include "fake_device.h"
#include "fake_driver.h"
#include "net.h"
#include "rng.h"
#include "vconsole.h"
#include "verdicts.h"
#include "virtio_mmio.h"

/* One of each kind, each with a driver and memory of its own. */
struct rig {
	struct rng rng;
	struct vconsole console;
	struct blk blk;
	struct net net;
	struct driver d[4];
	struct virtio *v[4];
	char shown[16]; /* by the console */
	size_t len;
	unsigned sent; /* frames */
	struct net_backend backend;
	u8 photo[DRIVER_RAM]; /* see photograph() */
};

static int show(void *ctx, const void *bytes, size_t len)
{
	struct rig *r = ctx;

	memcpy(r->shown + r->len, bytes, min_u64(len, sizeof(r->shown) - r->len));
	r->len += min_u64(len, sizeof(r->shown) - r->len);
	return 0;
}

static void count(struct net_backend *b, const void *frame, size_t len)
{
	container_of(b, struct rig, backend)->sent++;
}

static const u8 mac[6] = { 0x52, 0x54, 0, 0x12, 0x34, 0x56 };

/* A file of 64 sectors, each byte of which is 's'. */
static const char *image(void)
{
	const char *path = test_tmpfile("disk");
	FILE *f = fopen(path, "w");

	for (unsigned i = 0; f && i < 64 * BLK_SECTOR; i++)
		putc('s', f);
	if (!f || fclose(f))
		test_error("%s cannot be written", path);
	return path;
}

/* All of them as after DRIVER_OK. */
static struct rig *rig(void)
{
	struct rig *r = calloc(1, sizeof(*r));
	struct why why;

	if (!r)
		test_error("no memory");
	for (unsigned i = 0; i < 4; i++)
		driver_memory(&r->d[i]);
	rng_init(&r->rng, &r->d[0].mem);
	vconsole_init(&r->console, &r->d[1].mem);
	EXPECT_ERR(blk_init(&r->blk, &r->d[2].mem, image(), false, &why), 0);
	net_init(&r->net, &r->d[3].mem, mac);
	r->console.line.out = show;
	r->console.line.out_ctx = r;
	r->backend.send = count;
	r->net.backend = &r->backend;
	r->v[0] = &r->rng.virtio;
	r->v[1] = &r->console.virtio;
	r->v[2] = &r->blk.virtio;
	r->v[3] = &r->net.virtio;
	for (unsigned i = 0; i < 4; i++)
		driver_start(&r->d[i], r->v[i], i == 2 ? BLK_F_FLUSH : 0);
	return r;
}

/* The ring's own features, and what each device adds; in virtio-musts "not offered" is the rest. */
TEST("-", what_each_device_offers, 0)
{
	const u64 ring = VIRTIO_F_VERSION_1 | VIRTIO_F_INDIRECT_DESC | VIRTIO_F_EVENT_IDX;
	struct rig *r = rig();
	const struct {
		u32 id, nqueues, config_size;
		u64 features;
	} want[4] = {
		{ 4, 1, 0, 0 },
		{ 3, 2, 12, VCONSOLE_F_SIZE | VCONSOLE_F_EMERG },
		{ 2, 1, 60, BLK_F_SEG_MAX | BLK_F_FLUSH | BLK_F_DISCARD | BLK_F_WRITE_ZEROES },
		{ 1, 2, 8, NET_F_MAC | NET_F_STATUS },
	};

	for (unsigned i = 0; i < 4; i++) {
		CONTEXT("the device %s", r->v[i]->ops->name);
		EXPECT_U64(r->v[i]->ops->id, want[i].id);
		EXPECT_U64(r->v[i]->ops->nqueues, want[i].nqueues);
		EXPECT_U64(r->v[i]->ops->config_size, want[i].config_size);
		EXPECT_U64(r->v[i]->offered, ring | want[i].features);
	}
}

/* A buffer of the right direction in each queue of each device, and all that could use it. */
static void offer_and_provoke(struct rig *r)
{
	static const u8 frame[60] = { 1 };

	for (unsigned i = 0; i < 4; i++) {
		if (i == 0)
			ADD(&r->d[i], RNG_QUEUE, W(DRIVER_DATA + 0x1000, 64));
		else if (i == 2)
			ADD(&r->d[i], BLK_QUEUE, R(DRIVER_DATA, 16), W(DRIVER_DATA + 0x1000, 513));
		else
			ADD(&r->d[i], 0, W(DRIVER_DATA + 0x1000, 2000)),
				ADD(&r->d[i], 1, R(DRIVER_DATA, 72));
		for (u32 queue = 0; queue < 3; queue++)
			virtio_serve(r->v[i], queue);
	}
	vconsole_receive(&r->console.line, "x", 1);
	net_receive(&r->net, frame, sizeof(frame));
}

/* No queue has been looked at, and nobody was told anything. */
static void expect_silence(const struct rig *r)
{
	for (unsigned i = 0; i < 4; i++) {
		EXPECT_U64(r->v[i]->state.interrupt, 0);
		for (unsigned queue = 0; queue < r->v[i]->ops->nqueues; queue++) {
			EXPECT_U64(r->v[i]->state.queue[queue].next_avail, 0);
			EXPECT_U64(driver_used(&r->d[i], queue), 0);
		}
		EXPECT_U64_AS("a byte of the driver's buffer", r->d[i].ram[DRIVER_DATA + 0x1000],
			      0);
	}
	EXPECT_U64(r->len, 0);
	EXPECT_U64(r->sent, 0);
}

/* 2.1.2 */
TEST("5.1", no_buffer_is_used_before_driver_ok, 0)
{
	struct rig *r = rig();

	for (unsigned i = 0; i < 4; i++)
		r->v[i]->state.status = 0x0b;
	offer_and_provoke(r);
	CONTEXT("queues are ready and full, FEATURES_OK is set, and DRIVER_OK is not");
	expect_silence(r);
}

/* 4.2.2.1 */
TEST("5.1", no_queue_is_used_that_is_not_ready, 0)
{
	struct rig *r = rig();

	for (unsigned i = 0; i < 4; i++)
		for (unsigned queue = 0; queue < r->v[i]->ops->nqueues; queue++)
			r->v[i]->state.queue[queue].ready = false;
	offer_and_provoke(r);
	CONTEXT("the driver has stopped all queues (QueueReady 0), in which there are buffers");
	expect_silence(r);
}

/* 4.2.2.1: nor when a request was taken before, and comes back now. */
TEST("5.3", nothing_comes_back_to_a_queue_that_is_not_ready, 0)
{
	const struct chain c = { .head = 1 };
	struct fake f;

	fake_init(&f);
	fake_start(&f, 0);
	virtio_push(&f.v, 0, &c, 0);
	EXPECT_U64(ring_used_idx(&f.r), 1);
	f.v.state.queue[0].ready = false;
	CONTEXT("a used buffer, of which the driver was to be told, and the queue is stopped");
	virtio_interrupt(&f.v, 0);
	EXPECT_U64(f.v.state.interrupt, 0);
	CONTEXT("another buffer comes back: the ring is none any more");
	virtio_push(&f.v, 0, &c, 0);
	EXPECT_U64(ring_used_idx(&f.r), 1);
}

/* 2.7.10.2 */
TEST("5.1", notifications_of_empty_queues, 0)
{
	struct rig *r = rig();

	for (unsigned i = 0; i < 4; i++)
		for (u32 n = 0; n < 9; n++)
			virtio_serve(r->v[i], n % 3);
	CONTEXT("notifications, and no buffer anywhere");
	expect_silence(r);
	for (unsigned i = 0; i < 4; i++)
		EXPECT_U64(r->v[i]->state.status, 0x0f);
}

/* 2.4.1, 4.2.2.1 */
TEST("5.1", a_reset_is_the_end_of_all_queues, 0)
{
	struct rig *r = rig();

	for (unsigned i = 0; i < 4; i++) {
		r->v[i]->state.interrupt = VIRTIO_INT_QUEUE | VIRTIO_INT_CONFIG;
		virtio_set_status(r->v[i], 0);
		EXPECT_U64(r->v[i]->state.status, 0);
		for (unsigned queue = 0; queue < VIRTIO_QUEUES_MAX; queue++)
			EXPECT_TRUE(!r->v[i]->state.queue[queue].ready);
	}
	offer_and_provoke(r);
	vconsole_resize(&r->console, 77, 30);
	CONTEXT("after a reset, with buffers in the queues and a terminal of another size");
	expect_silence(r);
}

/* --- 2.7.5.1: where a device may write --- */

/* The driver's memory before the device had its turn. What it may have written is let through. */
static void photograph(struct rig *r, const struct driver *d)
{
	memcpy(r->photo, d->ram, DRIVER_RAM);
}

static void let_through(struct rig *r, const struct driver *d, u64 gpa, u64 len)
{
	memcpy(r->photo + gpa, d->ram + gpa, len);
}

/* A used ring, but for its flags: 0 (2.7.10.2). */
static void let_used_through(struct rig *r, const struct driver *d, unsigned queue)
{
	let_through(r, d, DRIVER_AREA(queue) + 0x2002, 2 + 8 * DRIVER_QUEUE);
}

TEST("5.4", the_rng_writes_only_where_it_may, 0)
{
	struct rig *r = rig();
	struct driver *d = &r->d[0];

	driver_fill(d, DRIVER_DATA, 0x2000);
	ADD(d, RNG_QUEUE, R(DRIVER_DATA, 100), W(DRIVER_DATA + 0x1000, 60));
	photograph(r, d);
	driver_notify(d, RNG_QUEUE);
	CONTEXT("a chain of 100 bytes to be read and 60 to be written");
	EXPECT_U64(driver_used(d, RNG_QUEUE), 1);
	let_used_through(r, d, RNG_QUEUE);
	let_through(r, d, DRIVER_DATA + 0x1000, 60);
	EXPECT_BYTES_AS("the guest's memory", d->ram, r->photo, DRIVER_RAM);
}

TEST("5.5", the_console_writes_only_where_it_may, 0)
{
	struct rig *r = rig();
	struct driver *d = &r->d[1];

	driver_fill(d, DRIVER_DATA, 0x2000);
	ADD(d, VCONSOLE_TX, R(DRIVER_DATA, 10));
	ADD(d, VCONSOLE_RX, W(DRIVER_DATA + 0x1000, 100));
	photograph(r, d);
	driver_notify(d, VCONSOLE_TX);
	EXPECT_U64(vconsole_receive(&r->console.line, "abc", 3), 3);
	CONTEXT("10 bytes to show, and 3 for a buffer of 100");
	EXPECT_U64(driver_used(d, VCONSOLE_TX), 1);
	let_used_through(r, d, VCONSOLE_TX);
	let_used_through(r, d, VCONSOLE_RX);
	let_through(r, d, DRIVER_DATA + 0x1000, 3);
	EXPECT_BYTES_AS("the guest's memory", d->ram, r->photo, DRIVER_RAM);
}

TEST("5.6", the_disk_writes_only_where_it_may, 0)
{
	struct rig *r = rig();
	struct driver *d = &r->d[2];
	struct blk_header header = { .type = BLK_IN };

	driver_fill(d, DRIVER_DATA, 0x4000);
	memcpy(d->ram + DRIVER_DATA, &header, sizeof(header));
	header.type = BLK_OUT;
	memcpy(d->ram + DRIVER_DATA + 0x100, &header, sizeof(header));
	ADD(d, BLK_QUEUE, R(DRIVER_DATA, 16), R(DRIVER_DATA + 0x800, 512),
	    W(DRIVER_DATA + 0x1000, 512), W(DRIVER_DATA + 0x1800, 1));
	ADD(d, BLK_QUEUE, R(DRIVER_DATA + 0x100, 16), R(DRIVER_DATA + 0x2000, 512),
	    W(DRIVER_DATA + 0x1801, 1));
	photograph(r, d);
	driver_notify(d, BLK_QUEUE);
	CONTEXT("a read that has 512 bytes to be read behind its header, too; and a write");
	EXPECT_U64(driver_used(d, BLK_QUEUE), 2);
	EXPECT_BYTES_AS("the driver's buffer", d->ram + DRIVER_DATA + 0x1800, "\0\0", 2);
	let_used_through(r, d, BLK_QUEUE);
	let_through(r, d, DRIVER_DATA + 0x1000, 512);
	let_through(r, d, DRIVER_DATA + 0x1800, 2);
	EXPECT_BYTES_AS("the guest's memory", d->ram, r->photo, DRIVER_RAM);
}

TEST("5.9", the_card_writes_only_where_it_may, 0)
{
	struct rig *r = rig();
	struct driver *d = &r->d[3];
	u8 frame[60];

	memset(frame, 0x55, sizeof(frame));
	driver_fill(d, DRIVER_DATA + 12, 0x2000);
	ADD(d, NET_TX, R(DRIVER_DATA, 12 + 60));
	ADD(d, NET_RX, R(DRIVER_DATA + 0x800, 500), W(DRIVER_DATA + 0x1000, 500));
	photograph(r, d);
	driver_notify(d, NET_TX);
	net_receive(&r->net, frame, sizeof(frame));
	CONTEXT("a frame out; and one in, into a chain that begins with 500 bytes to be read");
	EXPECT_U64(r->sent, 1);
	EXPECT_U64(driver_used(d, NET_RX), 1);
	let_used_through(r, d, NET_TX);
	let_used_through(r, d, NET_RX);
	let_through(r, d, DRIVER_DATA + 0x1000, 12 + 60);
	EXPECT_BYTES_AS("the guest's memory", d->ram, r->photo, DRIVER_RAM);
}

/* --- what belongs to one device --- */

/* 5.1.6.3.2: without MRG_RXBUF a frame is never spread over two. */
TEST("5.9", a_frame_takes_one_buffer, 0)
{
	struct rig *r = rig();
	u8 frame[60] = { 1 };

	for (unsigned i = 0; i < 3; i++)
		ADD(&r->d[3], NET_RX, W(DRIVER_DATA + 0x100 * (u64)i, i < 2 ? 50 : 72));
	net_receive(&r->net, frame, sizeof(frame));
	CONTEXT("a frame of 60 bytes, and two buffers of 50: it fits into neither, and is lost");
	EXPECT_U64(driver_used(&r->d[3], NET_RX), 1);
	EXPECT_U64(driver_written(&r->d[3], NET_RX, 0), 0);
	net_receive(&r->net, frame, sizeof(frame));
	EXPECT_U64(driver_used(&r->d[3], NET_RX), 2);
	net_receive(&r->net, frame, sizeof(frame));
	CONTEXT("and a third of 72: header and frame are in there");
	EXPECT_U64(driver_used(&r->d[3], NET_RX), 3);
	EXPECT_U64(driver_written(&r->d[3], NET_RX, 2), 72);
	EXPECT_U64(r->net.rx_dropped, 2);
}

/* 5.3.5.1, and 2.5.2: through the transport, for a driver that has done nothing before. */
TEST("5.5", the_configuration_before_all_else, 0)
{
	const u64 config = VIRTIO_MMIO_GPA + VIRTIO_MMIO_CONFIG;
	struct rig *r = rig();
	struct virtio_mmio window;
	struct bus mmio = { 0 };
	u32 value = '!';

	virtio_reset(&r->console.virtio);
	r->console.config.cols = 77;
	EXPECT_ERR(virtio_mmio_init(&window, &mmio, 0, &r->console.virtio), 0);
	CONTEXT("the status is 0: emerg_wr shows what is written, and the size can be read");
	EXPECT_V(bus_io(&mmio, config + 8, true, &value, 4), V_RESUME);
	EXPECT_U64(r->len, 1);
	EXPECT_U64(r->shown[0], '!');
	EXPECT_V(bus_io(&mmio, config, false, &value, 2), V_RESUME);
	EXPECT_U64(value & 0xffff, 77);
	r->console.virtio.state.status = 0x4f;
	CONTEXT("after NEEDS_RESET emerg_wr is what is left to a kernel");
	value = '?';
	EXPECT_V(bus_io(&mmio, config + 8, true, &value, 4), V_RESUME);
	EXPECT_U64(r->shown[1], '?');
}
