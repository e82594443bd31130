// SPDX-License-Identifier: MIT
/* Task 5.12: the disk's pool: what is done at a time, by whom, and in which order it comes back. */
#include <errno.h>

#include "blk_clear.h"
#include "pool.h"

static const u8 *file_at(const struct pool_test *t, u64 sector)
{
	return t->bytes + sector * BLK_SECTOR;
}

TEST("5.12", two_requests_at_a_time, 0)
{
	struct pool_test *t = pool_begin(BLK_F_FLUSH);

	pool_close(t, HOST_READ, true);
	pool_add(t, 0, BLK_IN, 3, LONG);
	pool_add(t, 1, BLK_IN, 300, LONG);
	CONTEXT("two reads of 128 KiB by one notification, which the host holds up");
	EXPECT_U64(pool_notify(t), 0);
	pool_entered(t, HOST_READ, 2);
	CONTEXT("both are under way, and nobody holds the device's lock");
	expect_unlocked(t);
	pool_add(t, 2, BLK_GET_ID, 0, 20);
	CONTEXT("a short request meanwhile: it is done at once, and comes back first");
	EXPECT_U64(pool_notify(t), 1);
	EXPECT_U64(pool_head(t, 0), 6);
	EXPECT_U64_AS("the status byte", t->d.ram[STATUS + 2], BLK_OK);
	EXPECT_U64_AS("the status byte", t->d.ram[STATUS], 0xaa);
	pool_close(t, HOST_READ, false);
	pool_used(t, 3);
	CONTEXT("the host goes on: what was read, and lengths");
	EXPECT_BYTES_AS("the driver's buffer", t->d.ram + DATA(0), file_at(t, 3), LONG);
	EXPECT_BYTES_AS("the driver's buffer", t->d.ram + DATA(1), file_at(t, 300), LONG);
	EXPECT_BYTES_AS("the status bytes", t->d.ram + STATUS, "\0\0\0", 3);
	EXPECT_U64(pool_head(t, 1) + pool_head(t, 2), 3);
	EXPECT_U64(driver_written(&t->d, BLK_QUEUE, 1), LONG + 1);
	EXPECT_U64(driver_written(&t->d, BLK_QUEUE, 2), LONG + 1);
	pool_end(t);
}

TEST("5.12", a_long_write_and_a_short_one, 0)
{
	struct pool_test *t = pool_begin(BLK_F_FLUSH);
	static u8 now[LONG];
	FILE *f;

	pool_add(t, 0, BLK_OUT, 8, LONG);
	driver_fill(&t->d, DATA(0), LONG);
	memcpy(now, t->d.ram + DATA(0), LONG);
	CONTEXT("a write of 128 KiB");
	EXPECT_U64(pool_notify(t), 0);
	pool_used(t, 1);
	EXPECT_U64_AS("the status byte", t->d.ram[STATUS], BLK_OK);
	EXPECT_U64(driver_written(&t->d, BLK_QUEUE, 0), 1);
	f = fopen(t->path, "r");
	if (!f || fseek(f, 8L * BLK_SECTOR, SEEK_SET) || fread(t->bytes, LONG, 1, f) != 1)
		test_error("%s cannot be read", t->path);
	fclose(f);
	EXPECT_BYTES(t->bytes, now, LONG);
	EXPECT_U64(t->entered[HOST_SYNC], 0);
	pool_add(t, 1, BLK_OUT, 8, 512);
	CONTEXT("one of 512 bytes is done by who serves the queue");
	EXPECT_U64(pool_notify(t), 2);
	t->blk.virtio.state.accepted &= ~BLK_F_FLUSH;
	pool_close(t, HOST_SYNC, true);
	pool_add(t, 2, BLK_OUT, 8, 512);
	CONTEXT("the same, but it syncs by itself (5.2.6.2): not with the lock held");
	EXPECT_U64(pool_notify(t), 2);
	pool_entered(t, HOST_SYNC, 1);
	expect_unlocked(t);
	EXPECT_U64_AS("the status byte", t->d.ram[STATUS + 2], 0xaa);
	pool_close(t, HOST_SYNC, false);
	pool_used(t, 3);
	EXPECT_U64_AS("the status byte", t->d.ram[STATUS + 2], BLK_OK);
	pool_end(t);
}

TEST("5.12", one_flush_is_for_all_that_wait, 0)
{
	struct pool_test *t = pool_begin(BLK_F_FLUSH);

	pool_close(t, HOST_SYNC, true);
	for (unsigned n = 0; n < 10; n++)
		pool_add(t, n, BLK_FLUSH, 0, 0);
	CONTEXT("ten flushes by one notification");
	EXPECT_U64(pool_notify(t), 0);
	pool_entered(t, HOST_SYNC, 1);
	CONTEXT("the host syncs, and nobody holds the device's lock");
	expect_unlocked(t);
	for (unsigned n = 10; n < 12; n++)
		pool_add(t, n, BLK_FLUSH, 0, 0);
	CONTEXT("two more: what was written since the first began is not in it");
	EXPECT_U64(pool_notify(t), 0);
	pool_entered(t, HOST_SYNC, 2);
	for (unsigned n = 12; n < 15; n++)
		pool_add(t, n, BLK_FLUSH, 0, 0);
	CONTEXT("and three, while both threads are at it");
	EXPECT_U64(pool_notify(t), 0);
	pool_close(t, HOST_SYNC, false);
	pool_used(t, 15);
	CONTEXT("fifteen flushes in all, three of the host's");
	EXPECT_U64(t->entered[HOST_SYNC], 3);
	for (unsigned n = 0; n < 15; n++)
		EXPECT_U64_AS("the status byte", t->d.ram[STATUS + n], BLK_OK);
	t->err = EIO;
	for (unsigned n = 0; n < 3; n++)
		pool_add(t, n, BLK_FLUSH, 0, 0);
	CONTEXT("one that fails has failed for all");
	pool_notify(t);
	pool_used(t, 18);
	EXPECT_U64(t->entered[HOST_SYNC], 4);
	EXPECT_BYTES_AS("the status bytes", t->d.ram + STATUS, "\1\1\1", 3);
	t->err = 0;
	driver_start(&t->d, &t->blk.virtio, BLK_F_FLUSH);
	pool_add(t, 0, BLK_FLUSH, 0, 0);
	CONTEXT("and for all later ones: the host tells of what it has lost but once");
	pool_notify(t);
	pool_used(t, 1);
	EXPECT_U64_AS("the status byte", t->d.ram[STATUS], BLK_IOERR);
	pool_end(t);
}

TEST("5.12", a_flush_stays_a_flush, 0)
{
	struct pool_test *t = pool_begin(BLK_F_FLUSH);
	struct blk_header header = { .type = BLK_FLUSH };

	pool_close(t, HOST_READ, true);
	pool_add(t, 0, BLK_IN, 0, LONG);
	pool_add(t, 1, BLK_IN, 0, LONG);
	pool_notify(t);
	pool_entered(t, HOST_READ, 2);
	memcpy(t->d.ram + HEADER + 32, &header, sizeof(header));
	ADD(&t->d, BLK_QUEUE, R(HEADER + 32, 16), W(DATA(2), LONG), W(STATUS + 2, 1));
	CONTEXT("a flush waits for a thread, and its header becomes that of a read");
	EXPECT_U64(pool_notify(t), 0);
	header.type = BLK_IN;
	memcpy(t->d.ram + HEADER + 32, &header, sizeof(header));
	pool_close(t, HOST_READ, false);
	pool_used(t, 3);
	EXPECT_U64(t->entered[HOST_READ], 2);
	EXPECT_U64(t->entered[HOST_SYNC], 1);
	pool_end(t);
}

static void clear_in_the_background(u32 type, u64 feature)
{
	const struct blk_segment segment = { .sector = 8, .sectors = 16 };
	struct pool_test *t = pool_begin(BLK_F_FLUSH | feature);

	pool_close(t, HOST_ALLOCATE, true);
	pool_add(t, 0, type, 0, sizeof(segment));
	memcpy(t->d.ram + DATA(0), &segment, sizeof(segment));
	CONTEXT("a request of type %u, with which the host takes its time", type);
	EXPECT_U64(pool_notify(t), 0);
	pool_entered(t, HOST_ALLOCATE, 1);
	expect_unlocked(t);
	pool_close(t, HOST_ALLOCATE, false);
	pool_used(t, 1);
	EXPECT_U64_AS("the status byte", t->d.ram[STATUS], BLK_OK);
	pool_end(t);
}

TEST("5.12", what_the_host_clears_is_handed_on, 0)
{
	clear_in_the_background(BLK_DISCARD, BLK_F_DISCARD);
	clear_in_the_background(BLK_WRITE_ZEROES, BLK_F_WRITE_ZEROES);
}

TEST("5.12", more_requests_than_jobs, 0)
{
	struct pool_test *t = pool_begin(BLK_F_FLUSH);

	pool_close(t, HOST_SYNC, true);
	for (unsigned n = 0; n < BLK_POOL_JOBS; n++)
		pool_add(t, n % 16, BLK_FLUSH, 0, 0);
	pool_notify(t);
	pool_entered(t, HOST_SYNC, 1);
	for (unsigned n = 0; n < 8; n++)
		pool_add(t, n, BLK_FLUSH, 0, 0);
	CONTEXT("32 flushes are under way, and 8 more are offered: they stay in the queue");
	EXPECT_U64(pool_notify(t), 0);
	EXPECT_U64(t->blk.virtio.state.queue[BLK_QUEUE].next_avail, BLK_POOL_JOBS);
	pool_close(t, HOST_SYNC, false);
	pool_used(t, BLK_POOL_JOBS + 8);
	CONTEXT("their turn comes without another notification");
	EXPECT_U64(t->entered[HOST_SYNC], 2);
	pool_end(t);
}

TEST("5.12", rows_36_to_40_on_another_thread, 0)
{
	struct pool_test *t = pool_begin(BLK_F_FLUSH);

	CONTEXT("rows 36, 37, 40: long reads and writes beyond the end, and parts of sectors");
	pool_add(t, 0, BLK_IN, SECTORS - 1, LONG);
	pool_add(t, 1, BLK_OUT, UINT64_MAX, LONG);
	pool_add(t, 2, BLK_IN, 0, LONG - 1);
	pool_add(t, 3, 77, 0, LONG);
	pool_notify(t);
	pool_used(t, 4);
	EXPECT_BYTES_AS("the status bytes", t->d.ram + STATUS, "\1\1\1\2", 4);
	EXPECT_U64(t->entered[HOST_READ] + t->entered[HOST_WRITE], 0);
	CONTEXT("row 40: a long request without room for a status: at once, and nothing is done");
	pool_add(t, 5, BLK_OUT, 0, 0);
	ADD(&t->d, BLK_QUEUE, R(HEADER + 16 * 5, 16), R(DATA(0), LONG));
	pool_notify(t);
	pool_used(t, 6);
	EXPECT_U64(t->entered[HOST_WRITE], 0);
	CONTEXT("row 38: a readonly disk");
	t->blk.readonly = true;
	pool_add(t, 6, BLK_OUT, 0, LONG);
	pool_notify(t);
	pool_used(t, 7);
	EXPECT_U64_AS("the status byte", t->d.ram[STATUS + 6], BLK_IOERR);
	EXPECT_U64(t->entered[HOST_WRITE], 0);
	pool_end(t);
}
