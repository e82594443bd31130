// SPDX-License-Identifier: MIT
/* Task 5.5: the virtio console, with a driver of our own. Rows are those of hostile guests. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "../common/capture.h"
#include "edges.h"
#include "fake_driver.h"
#include "sink.h"
#include "vconsole.h"

/* What the console has shown, and the terminal's side. */
struct terminal {
	struct vconsole vc;
	u8 shown[65536];
	size_t len;
	u64 total; /* also what had no room in shown */
	unsigned calls, rooms;
	int err; /* what out() shall say */
};

static int out(void *ctx, const void *bytes, size_t len)
{
	struct terminal *t = ctx;
	size_t n = min_u64(len, sizeof(t->shown) - t->len);

	memcpy(t->shown + t->len, bytes, n);
	t->len += n;
	t->total += len;
	t->calls++;
	return t->err;
}

static void room_again(void *ctx)
{
	struct terminal *t = ctx;

	t->rooms++;
}

static void begin(struct terminal *t, struct driver *d)
{
	driver_memory(d);
	memset(t, 0, sizeof(*t));
	vconsole_init(&t->vc, &d->mem);
	t->vc.line.out = out;
	t->vc.line.out_ctx = t->vc.line.room_ctx = t;
	t->vc.line.room_again = room_again;
	driver_start(d, &t->vc.virtio, 0);
	t->vc.virtio.irq = edges_line();
}

/* Row 49 */
static void expect_buffers_back(struct terminal *t)
{
	struct driver d;

	begin(t, &d);
	t->err = -EPIPE;
	for (int i = 0; i < 3; i++)
		ADD(&d, VCONSOLE_TX, R(DRIVER_DATA, 10));
	driver_notify(&d, VCONSOLE_TX);
	CONTEXT("row 49: out() answers -EPIPE; the buffers come back, and it is not asked again");
	EXPECT_U64(driver_used(&d, VCONSOLE_TX), 3);
	EXPECT_U64(t->calls, 1);
	EXPECT_ERR(t->vc.line.err, -EPIPE);
	EXPECT_TRUE(edges(&t->vc.virtio.irq) == 1, "the driver is not told");
	t->vc.line.out = NULL;
	t->vc.line.err = 0;
	ADD(&d, VCONSOLE_TX, R(DRIVER_DATA, 10));
	driver_notify(&d, VCONSOLE_TX);
	EXPECT_U64(driver_used(&d, VCONSOLE_TX), 4);
}

TEST("5.5", row_49_what_is_sent_is_shown, 1)
{
	static struct terminal t;
	struct driver d;

	begin(&t, &d);
	driver_fill(&d, DRIVER_DATA, 3000);
	ADD(&d, VCONSOLE_TX, R(DRIVER_DATA, 1000), R(DRIVER_DATA + 1000, 1),
	    R(DRIVER_DATA + 1001, 999));
	ADD(&d, VCONSOLE_TX, R(DRIVER_DATA + 2000, 1000));
	driver_notify(&d, VCONSOLE_TX);
	CONTEXT("two chains in the transmit queue: of 3 buffers, 2000 bytes in all, and of 1000");
	EXPECT_U64(t.len, 3000);
	EXPECT_BYTES(t.shown, d.ram + DRIVER_DATA, 3000);
	EXPECT_U64(driver_used(&d, VCONSOLE_TX), 2);
	CONTEXT("a device that only reads has written 0 bytes");
	EXPECT_U64(driver_written(&d, VCONSOLE_TX, 0), 0);
	EXPECT_U64(driver_written(&d, VCONSOLE_TX, 1), 0);
	EXPECT_U64(t.vc.virtio.state.interrupt, VIRTIO_INT_QUEUE);
	EXPECT_TRUE(edges(&t.vc.virtio.irq) == 1, "not one interrupt for both");
	expect_buffers_back(&t);
}

TEST("5.5", what_is_typed_arrives, 1)
{
	static struct terminal t;
	struct driver d;

	begin(&t, &d);
	CONTEXT("no receive buffer: there is no room");
	EXPECT_U64(vconsole_room(&t.vc.line), 0);
	EXPECT_U64(vconsole_receive(&t.vc.line, "x", 1), 0);
	driver_notify(&d, VCONSOLE_RX);
	EXPECT_TRUE(t.rooms == 0, "those who wait were told that there is");
	ADD(&d, VCONSOLE_RX, W(DRIVER_DATA, 4), W(DRIVER_DATA + 0x100, 4));
	ADD(&d, VCONSOLE_RX, W(DRIVER_DATA + 0x200, 100));
	driver_notify(&d, VCONSOLE_RX);
	CONTEXT("two receive chains, of 4 + 4 and of 100 bytes; the driver has notified the queue");
	EXPECT_TRUE(t.rooms == 1);
	EXPECT_U64(vconsole_room(&t.vc.line), 8);
	EXPECT_U64(driver_used(&d, VCONSOLE_RX), 0);
	CONTEXT("ten bytes are typed: eight go into the first chain");
	EXPECT_U64(vconsole_receive(&t.vc.line, "0123456789", 10), 8);
	EXPECT_BYTES_AS("the driver's buffer", d.ram + DRIVER_DATA, "0123", 4);
	EXPECT_BYTES_AS("the driver's buffer", d.ram + DRIVER_DATA + 0x100, "4567\0", 5);
	EXPECT_U64(driver_used(&d, VCONSOLE_RX), 1);
	EXPECT_U64(driver_written(&d, VCONSOLE_RX, 0), 8);
	EXPECT_U64(t.vc.virtio.state.interrupt, VIRTIO_INT_QUEUE);
	CONTEXT("the other two go into the second, which is not full but goes back all the same");
	EXPECT_U64(vconsole_receive(&t.vc.line, "89", 2), 2);
	EXPECT_BYTES_AS("the driver's buffer", d.ram + DRIVER_DATA + 0x200, "89\0", 3);
	EXPECT_U64(driver_written(&d, VCONSOLE_RX, 1), 2);
	EXPECT_U64(vconsole_room(&t.vc.line), 0);
}

TEST("5.5", a_reset_forgets_the_buffer, 1)
{
	static struct terminal t;
	struct driver d;

	begin(&t, &d);
	ADD(&d, VCONSOLE_RX, W(DRIVER_DATA, 16));
	EXPECT_U64(vconsole_room(&t.vc.line), 16);
	t.vc.virtio.state.status |= VIRTIO_NEEDS_RESET;
	CONTEXT("the device holds a receive buffer, and has been given up");
	EXPECT_U64(vconsole_room(&t.vc.line), 0);
	EXPECT_U64(vconsole_receive(&t.vc.line, "x", 1), 0);
	EXPECT_U64_AS("a byte of the driver's buffer", d.ram[DRIVER_DATA], 0);
	t.vc.virtio.state.status &= ~VIRTIO_NEEDS_RESET;
	t.vc.virtio.state.queue[VCONSOLE_RX].ready = false;
	CONTEXT("the device holds a receive buffer, and the driver has stopped the queue");
	EXPECT_U64(vconsole_room(&t.vc.line), 0);
	EXPECT_U64(vconsole_receive(&t.vc.line, "x", 1), 0);
	EXPECT_U64_AS("a byte of the driver's buffer", d.ram[DRIVER_DATA], 0);
	virtio_reset(&t.vc.virtio);
	CONTEXT("row 34: the driver has reset the device while it held a receive buffer");
	EXPECT_U64(vconsole_room(&t.vc.line), 0);
	EXPECT_U64(vconsole_receive(&t.vc.line, "x", 1), 0);
	driver_start(&d, &t.vc.virtio, 0);
	EXPECT_U64(vconsole_room(&t.vc.line), 0);
	ADD(&d, VCONSOLE_RX, W(DRIVER_DATA + 0x100, 16));
	EXPECT_U64(vconsole_receive(&t.vc.line, "x", 1), 1);
	EXPECT_U64_AS("a byte of the driver's buffer", d.ram[DRIVER_DATA], 0);
	EXPECT_U64_AS("a byte of the driver's buffer", d.ram[DRIVER_DATA + 0x100], 'x');
	EXPECT_U64(driver_used(&d, VCONSOLE_RX), 1);
}

TEST("5.5", row_44_four_gigabytes, 1)
{
	static struct terminal t;
	struct piece half[16];
	struct driver d;

	begin(&t, &d);
	for (unsigned i = 0; i < ARRAY_SIZE(half); i++)
		half[i] = R(0, DRIVER_RAM);
	driver_add(&d, VCONSOLE_TX, half, ARRAY_SIZE(half));
	driver_notify(&d, VCONSOLE_TX);
	CONTEXT("row 44: 16 MiB to show in one chain, which could as well be 4 GiB");
	EXPECT_U64(t.total, VCONSOLE_TX_MAX);
	EXPECT_U64(t.vc.dropped, MiB(16) - VCONSOLE_TX_MAX);
	EXPECT_U64(driver_used(&d, VCONSOLE_TX), 1);
	for (unsigned i = 0; i < ARRAY_SIZE(half); i++)
		half[i] = W(DRIVER_DATA, 0x1000);
	driver_add(&d, VCONSOLE_RX, half, ARRAY_SIZE(half));
	CONTEXT("row 44: a receive buffer is filled with what has come, not to its end");
	EXPECT_U64(vconsole_receive(&t.vc.line, "abc", 3), 3);
	EXPECT_BYTES_AS("the driver's buffer", d.ram + DRIVER_DATA, "abc\0", 4);
	EXPECT_U64(driver_written(&d, VCONSOLE_RX, 0), 3);
}

TEST("5.10", buffers_of_the_wrong_direction, 0)
{
	static struct terminal t;
	struct capture said;
	struct driver d;
	char *text;

	begin(&t, &d);
	said = capture_begin(2);
	ADD(&d, VCONSOLE_TX, R(DRIVER_DATA, 4), W(DRIVER_DATA, 4));
	driver_notify(&d, VCONSOLE_TX);
	driver_notify(&d, VCONSOLE_TX);
	text = capture_end(&said);
	CONTEXT("a writable buffer in the transmit queue");
	EXPECT_TRUE(t.vc.virtio.state.status & VIRTIO_NEEDS_RESET);
	EXPECT_CONTAINS(text, "console");
	EXPECT_U64(t.len, 0);
	virtio_reset(&t.vc.virtio);
	driver_start(&d, &t.vc.virtio, 0);
	said = capture_begin(2);
	ADD(&d, VCONSOLE_RX, R(DRIVER_DATA, 4), W(DRIVER_DATA, 4));
	driver_notify(&d, VCONSOLE_RX);
	EXPECT_U64(vconsole_receive(&t.vc.line, "x", 1), 0);
	capture_end(&said);
	CONTEXT("a readable buffer in the receive queue");
	EXPECT_TRUE(t.vc.virtio.state.status & VIRTIO_NEEDS_RESET);
	EXPECT_U64(t.rooms, 0);
}

TEST("5.5", the_configuration, 1)
{
	static struct terminal t;
	const struct virtio_ops *ops;
	struct vconsole_config config;
	struct driver d;

	begin(&t, &d);
	ops = t.vc.virtio.ops;
	t.vc.virtio.state.accepted |= VCONSOLE_F_SIZE;
	vconsole_resize(&t.vc, 132, 43);
	CONTEXT("the terminal has another size: the driver is told");
	EXPECT_U64(t.vc.virtio.state.interrupt, VIRTIO_INT_CONFIG);
	EXPECT_U64(t.vc.virtio.state.generation, 1);
	ops->config_read(&t.vc.virtio, 0, &config, sizeof(config));
	EXPECT_U64(config.cols, 132);
	EXPECT_U64(config.rows, 43);
	vconsole_resize(&t.vc, 132, 43);
	EXPECT_U64(t.vc.virtio.state.generation, 1);
	CONTEXT("emerg_wr shows its lower byte; all else in there cannot be written");
	ops->config_write(&t.vc.virtio, 8, "!???", 4);
	ops->config_write(&t.vc.virtio, 0, "????", 4);
	for (u32 off = 9; off < 12; off++)
		ops->config_write(&t.vc.virtio, off, "?", 1);
	EXPECT_U64(t.len, 1);
	EXPECT_U64(t.shown[0], '!');
	EXPECT_U64(t.vc.config.cols, 132);
	CONTEXT("one byte, written to the first of emerg_wr");
	ops->config_write(&t.vc.virtio, 8, ".", 1);
	EXPECT_U64(t.len, 2);
	EXPECT_U64(t.shown[1], '.');
}

/* --- who reads what is shown --- */

struct slow_reader {
	int fd, room; /* bytes in the pipe when it is full */
	bool ending;
};

/* Reads a page when the pipe has been full for a millisecond, and never else. */
static void *read_slowly(void *arg)
{
	struct slow_reader *r = arg;
	u8 page[4096];

	while (!__atomic_load_n(&r->ending, __ATOMIC_SEQ_CST)) {
		int n = 0;

		if (ioctl(r->fd, FIONREAD, &n) == 0 && n == r->room && poll(NULL, 0, 1) == 0)
			n = (int)read(r->fd, page, sizeof(page));
		sched_yield();
	}
	return NULL;
}

TEST("-", a_reader_who_is_slow, 0)
{
	struct run run = { .cut_off = V_TIMEOUT };
	struct sink sink = { .blocks = true, .run = &run };
	static u8 bytes[MiB(1)];
	struct slow_reader r = { .room = KiB(64) };
	int before = dup(STDOUT_FILENO), end[2];
	pthread_t thread;

	EXPECT_TRUE(pipe(end) == 0 && fcntl(end[1], F_SETPIPE_SZ, r.room) == r.room);
	r.fd = end[0];
	EXPECT_TRUE(pthread_create(&thread, NULL, read_slowly, &r) == 0);
	dup2(end[1], STDOUT_FILENO);
	sink_write(&sink, bytes, sizeof(bytes));
	dup2(before, STDOUT_FILENO);
	__atomic_store_n(&r.ending, true, __ATOMIC_SEQ_CST);
	pthread_join(thread, NULL);
	CONTEXT("1 MiB for somebody who makes room for a page whenever the pipe is full; and the "
		"run is over");
	EXPECT_TRUE(sink.lost, "all was written all the same");
}
