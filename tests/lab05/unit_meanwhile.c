// SPDX-License-Identifier: MIT
/* What a driver does meanwhile, on another CPU: what is read twice, and what is seen too early. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "blk.h"
#include "fake_device.h"
#include "fake_driver.h"
#include "watch.h"

/* The ring's RAM anew, at the beginning of a page. */
static void ring_on_pages(struct ring *r)
{
	r->bytes = r->mem.slot[0].hva = watch_pages(RAM_SIZE);
}

/* --- row 20: a driver that changes what we look at --- */

static struct {
	u8 *at;
	unsigned looks;
} trap;

/* Readable or writable, which are legal; of length zero, and of 4 GiB, which are not. */
static void change_descriptor(void)
{
	static const u64 second[] = { 16, 16 | (u64)WRITE << 32, 0, 0xffffffff };

	memcpy(trap.at + 8, &second[trap.looks++ % 4], 8);
}

/* What is wrong with a chain of that one descriptor; NULL: nothing. */
static const char *misfit(const struct ring *r, const struct chain *c)
{
	u64 read = 0, write = 0;

	if (c->nread + c->nwrite != 1)
		return "not one buffer";
	for (unsigned i = 0; i < c->nread + c->nwrite; i++) {
		*(i < c->nread ? &read : &write) += c->iov[i].iov_len;
		if (c->iov[i].iov_base != ring_at(r, AT_BUFFER) || c->iov[i].iov_len != 16)
			return "not the buffer";
	}
	return read == c->read_len && write == c->write_len ? NULL : "lengths that do not fit";
}

TEST("5.2", row_20_descriptor_changes_meanwhile, 1, .traps = true)
{
	const char *wrong = NULL;
	struct ring r;
	struct chain c;

	ring_init(&r, 8);
	ring_on_pages(&r);
	ring_desc(&r, 0, AT_BUFFER, 16, 0, 0);
	trap.at = r.bytes;
	watch.touched = change_descriptor;
	watch_begin(r.bytes, 0x1000); /* the descriptors' page */
	for (unsigned i = 0; i < 64 && !wrong; i++) {
		trap.looks += i % 3; /* begin with another one each time */
		ring_offer(&r, 0);
		if (virtq_pop(&r.q, &r.mem, &c) == VQ_OK)
			wrong = misfit(&r, &c);
		else
			ring_begin_at(&r, r.idx);
	}
	watch_end();
	CONTEXT("length and flags of a descriptor change after each look at it (row 20)");
	EXPECT_TRUE(!wrong, "%s", wrong);
	EXPECT_TRUE(trap.looks > 64, "the descriptor was not looked at");
}

#define SECTORS 8
#define HEADER	0x200000ULL /* on a page of its own, behind the driver's RAM */

/* The disk has the sector; its end, where a write makes the file grow; and far behind it. */
static void change_header(void)
{
	static const u64 sector[] = { 3, SECTORS, 1ULL << 55 };

	memcpy(trap.at + 8, &sector[trap.looks++ % 3], 8);
}

/* A disk of zeros with its driver, who has a header on that page. */
static void begin(struct blk *blk, struct driver *d)
{
	const struct blk_header header = { .type = BLK_OUT, .sector = 3 };
	const char *path = test_tmpfile("disk");
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	struct why why;

	if (fd < 0 || ftruncate(fd, SECTORS * BLK_SECTOR) || close(fd))
		test_error("%s cannot be made", path);
	driver_memory(d);
	trap.at = watch_pages(0x1000);
	memcpy(trap.at, &header, sizeof(header));
	d->mem.slot[d->mem.nslots++] =
		(struct memslot){ .gpa = HEADER, .size = 0x1000, .hva = trap.at };
	EXPECT_ERR(blk_init(blk, &d->mem, path, false, &why), 0);
	driver_start(d, &blk->virtio, BLK_F_FLUSH);
}

/* What is on the disk: n in the first byte of sector 3, and zeros elsewhere. */
static void expect_only(const struct blk *blk, u8 n)
{
	u8 now[SECTORS * BLK_SECTOR + 1] = { 0 }, want[SECTORS * BLK_SECTOR] = { 0 };

	want[3 * BLK_SECTOR] = n;
	EXPECT_U64(pread(blk->fd, now, sizeof(now), 0), sizeof(want));
	EXPECT_BYTES(now, want, sizeof(want));
}

TEST("5.6", a_header_changes_meanwhile, 0, .traps = true)
{
	static struct blk blk;
	struct driver d;
	u8 last = 0;

	begin(&blk, &d);
	watch.touched = change_header;
	for (u8 n = 1; n <= 12; n++) {
		u64 status = DRIVER_DATA + 0x1000;

		trap.looks += n % 4; /* begin with another one each time */
		d.ram[DRIVER_DATA] = n;
		ADD(&d, BLK_QUEUE, R(HEADER, 16), R(DRIVER_DATA, BLK_SECTOR), W(status, 1));
		watch_begin(trap.at, 0x1000);
		driver_notify(&d, BLK_QUEUE);
		watch_end();
		CONTEXT("the sector of a write changes after each look at the header: one of them "
			"is looked at, and written to, or refused");
		EXPECT_U64(driver_used(&d, BLK_QUEUE), n);
		if (d.ram[status] == BLK_OK)
			last = n;
		expect_only(&blk, last);
	}
	EXPECT_TRUE(trap.looks > 12 && last, "no write was done");
	blk_destroy(&blk);
}

/* --- a store, and a look that must not come before it --- */

static struct {
	const u8 *store, *look; /* where */
	bool stored, fenced, looked, in_order;
} order;

/* Does nothing behind this instruction happen before what is in front of it? */
static bool is_fence(const u8 *code)
{
	static const u8 prefix[] = { 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf2, 0xf3 };

	while (memchr(prefix, *code, sizeof(prefix)))
		code++;
	if (*code == 0xf0) /* LOCK */
		return true;
	if ((*code & 0xf0) == 0x40) /* REX */
		code++;
	if (code[0] == 0x86 || code[0] == 0x87) /* XCHG with memory */
		return code[1] < 0xc0;
	return code[0] == 0x0f && code[1] == 0xae && code[2] == 0xf0; /* MFENCE */
}

static void follow(const u8 *code)
{
	order.fenced |= is_fence(code);
}

/* A field of 16 bits; or two of them are taken at once. */
static bool is_at(const u8 *at, const u8 *field)
{
	return at == field || at == field - 2;
}

static void touch(const u8 *at, bool write, const u8 *code)
{
	if (write && is_at(at, order.store)) {
		order.stored = true;
		order.fenced = is_fence(code);
		watch.follows = follow;
	} else if (!write && is_at(at, order.look) && order.stored && !order.looked) {
		order.looked = true;
		order.in_order = order.fenced;
		watch.follows = NULL;
	}
}

/* From now on to expect_order(): the device stores here, and then looks there. */
static void order_begin(struct fake *f, u64 store, u64 look)
{
	order.store = ring_at(&f->r, store);
	order.look = ring_at(&f->r, look);
	watch.touches = touch;
	watch_begin(ring_at(&f->r, AT_AVAIL), 0x2000); /* both rings */
}

static void expect_order(const char *stored, const char *looked)
{
	watch_end();
	CONTEXT("between the store of %s and the look at %s there has to be a full fence, or an "
		"x86 looks before others see what it has stored",
		stored, looked);
	EXPECT_TRUE(order.stored, "nothing was stored there");
	EXPECT_TRUE(order.looked, "nobody looked there afterwards");
	EXPECT_TRUE(order.in_order, "there was none");
}

TEST("5.3", a_fence_before_the_flags, 1, .traps = true)
{
	const struct chain c = { .head = 1 };
	static struct fake f;

	fake_init(&f);
	ring_on_pages(&f.r);
	fake_start(&f, 0);
	order_begin(&f, AT_USED + 2, AT_AVAIL);
	virtio_push(&f.v, 0, &c, 0);
	virtio_interrupt(&f.v, 0);
	expect_order("the used index", "the flags of the avail ring");
}

TEST("5.7", a_fence_before_the_second_look, 0, .traps = true)
{
	static struct fake f;
	struct chain c;

	fake_init(&f);
	ring_on_pages(&f.r);
	fake_start(&f, VIRTIO_F_EVENT_IDX);
	order_begin(&f, AT_USED + 4 + 8 * 8, AT_AVAIL + 2);
	virtio_pop(&f.v, 0, &c);
	expect_order("avail_event", "the avail index");
}
