// SPDX-License-Identifier: MIT
/* Task 5.12: a device with requests in flight is reset, or its queue stopped, or the run ends. */
#include <unistd.h>

#include "bus.h"
#include "pool.h"
#include "virtio_mmio.h"

enum end { BY_STATUS, BY_QUEUE_READY, BY_THE_LIMIT };
static const char *const end_name[] = { "Status 0", "QueueReady 0", "the time limit" };

/* The driver takes its memory back in one of these ways. The device's lock is not held. */
static void take_memory_back(struct pool_test *t, enum end how)
{
	static const u32 reg[] = { VIRTIO_MMIO_STATUS, VIRTIO_MMIO_QUEUE_READY };
	struct virtio_mmio window;
	struct bus mmio = { .lock = &t->lock };
	u32 zero = 0;

	if (how == BY_THE_LIMIT) {
		struct run run = { .cut_off = V_TIMEOUT };

		t->blk.virtio.run = &run;
		blk_destroy(&t->blk);
		t->blk.virtio.run = NULL;
	} else {
		EXPECT_ERR(virtio_mmio_init(&window, &mmio, 0, &t->blk.virtio), 0);
		bus_io(&mmio, VIRTIO_MMIO_GPA + reg[how], true, &zero, 4);
	}
	__atomic_store_n(&t->mine, true, __ATOMIC_SEQ_CST);
	/* All of it but the requests' headers, which are as good as before. */
	memset(t->d.ram, 0x77, HEADER);
	memset(t->d.ram + STATUS, 0x77, DRIVER_RAM - STATUS);
}

/* It is as the driver has left it, and nobody has been told anything. */
static void expect_untouched(struct pool_test *t)
{
	for (u64 i = 0; i < DRIVER_RAM; i++)
		if ((i < HEADER || i >= STATUS) && t->d.ram[i] != 0x77)
			EXPECT_U64(i, DRIVER_RAM);
	EXPECT_U64(t->blk.virtio.state.interrupt, 0);
	EXPECT_TRUE(!t->misused, "a request was under way in memory that is the driver's again");
}

/* Four of them: two are being done, and two wait. */
static void in_flight(u32 type, enum host_call call, enum end how)
{
	struct pool_test *t = pool_begin(BLK_F_FLUSH);
	static u8 now[SECTORS * BLK_SECTOR];
	FILE *f;

	for (unsigned n = 0; n < 4; n++) {
		pool_add(t, n, type, n * (LONG / BLK_SECTOR), LONG);
		memset(t->d.ram + DATA(n), 0x11, LONG);
	}
	t->until_stopping = true;
	pool_notify(t);
	pool_entered(t, call, 2);
	CONTEXT("%s with two %s in flight, and two that wait", end_name[how],
		type == BLK_IN ? "reads" : "writes");
	take_memory_back(t, how);
	if (how != BY_THE_LIMIT)
		pool_idle(t);
	expect_untouched(t);
	CONTEXT("%s: those that waited are not done any more", end_name[how]);
	EXPECT_U64(t->entered[call], 2);
	f = fopen(t->path, "r");
	if (!f || fread(now, sizeof(now), 1, f) != 1)
		test_error("%s cannot be read", t->path);
	fclose(f);
	if (type == BLK_OUT)
		memset(t->bytes, 0x11, 2 * LONG);
	CONTEXT("%s: the file has nothing of what the driver has put there since", end_name[how]);
	EXPECT_BYTES(now, t->bytes, sizeof(now));
	pool_end(t);
}

TEST("5.12", row_34_reset_with_reads_in_flight, 0)
{
	in_flight(BLK_IN, HOST_READ, BY_STATUS);
	in_flight(BLK_IN, HOST_READ, BY_QUEUE_READY);
}

TEST("5.12", row_34_reset_with_writes_in_flight, 0)
{
	in_flight(BLK_OUT, HOST_WRITE, BY_STATUS);
	in_flight(BLK_OUT, HOST_WRITE, BY_QUEUE_READY);
}

TEST("5.12", the_time_limit_waits_for_what_is_in_flight, 0)
{
	in_flight(BLK_IN, HOST_READ, BY_THE_LIMIT);
	in_flight(BLK_OUT, HOST_WRITE, BY_THE_LIMIT);
}

TEST("5.12", at_the_guests_own_end_all_is_done, 0)
{
	struct pool_test *t = pool_begin(BLK_F_FLUSH);
	struct run run = { .verdict = V_EXIT };

	t->blk.virtio.run = &run;
	t->until_ending = true;
	for (unsigned n = 0; n < 10; n++)
		pool_add(t, n, BLK_OUT, n, LONG);
	pool_notify(t);
	pool_entered(t, HOST_WRITE, 2);
	CONTEXT("ten writes of 128 KiB, of which two are under way, and the guest ends by itself");
	blk_destroy(&t->blk);
	EXPECT_U64(t->entered[HOST_WRITE], 10);
	EXPECT_U64(driver_used(&t->d, BLK_QUEUE), 10);
	pool_end(t);
}

/* If it did, all else would wait for the host's disk, too: the lock is held. */
TEST("5.12", row_34_a_reset_waits_for_no_flush, 0)
{
	struct pool_test *t = pool_begin(BLK_F_FLUSH);

	pool_close(t, HOST_SYNC, true);
	pool_add(t, 0, BLK_FLUSH, 0, 0);
	pool_notify(t);
	pool_entered(t, HOST_SYNC, 1);
	take_memory_back(t, BY_STATUS);
	CONTEXT("the host still syncs, and the driver begins anew");
	driver_start(&t->d, &t->blk.virtio, BLK_F_FLUSH);
	t->mine = false;
	pool_add(t, 1, BLK_IN, 5, LONG);
	pool_notify(t);
	pool_used(t, 1);
	EXPECT_U64_AS("the status byte", t->d.ram[STATUS + 1], BLK_OK);
	EXPECT_BYTES_AS("the driver's buffer", t->d.ram + DATA(1), t->bytes + 5 * BLK_SECTOR, LONG);
	CONTEXT("the flush of before is over: it does not come back");
	pool_close(t, HOST_SYNC, false);
	pool_idle(t);
	EXPECT_U64(driver_used(&t->d, BLK_QUEUE), 1);
	EXPECT_U64_AS("the status byte", t->d.ram[STATUS], 0x77);
	pool_end(t);
}

/* A request may be 4 GiB long. */
TEST("5.12", row_34_a_reset_cuts_long_requests_short, 0)
{
	struct pool_test *t = pool_begin(BLK_F_FLUSH);
	struct blk_header header = { .type = BLK_IN };
	struct piece piece[30] = { R(HEADER, 16) };

	for (unsigned i = 1; i < 29; i++)
		piece[i] = W(KiB(512), KiB(512));
	piece[29] = W(STATUS, 1);
	memcpy(t->d.ram + HEADER, &header, sizeof(header));
	if (truncate(t->path, MiB(14)))
		test_error("%s cannot be made longer", t->path);
	t->blk.config.capacity = MiB(14) / BLK_SECTOR;
	driver_add(&t->d, BLK_QUEUE, piece, 30);
	t->until_stopping = true;
	pool_notify(t);
	pool_entered(t, HOST_READ, 1);
	CONTEXT("a read of 14 MiB is in flight when the device is reset: a piece of it is done");
	take_memory_back(t, BY_STATUS);
	pool_idle(t);
	expect_untouched(t);
	EXPECT_U64(t->entered[HOST_READ], 1);
	pool_end(t);
}

TEST("5.12", row_34_resets_in_a_storm, 0)
{
	struct pool_test *t = pool_begin(BLK_F_FLUSH);

	for (unsigned round = 0; round < 200; round++) {
		CONTEXT("reset number %u, with requests at any stage", round);
		pthread_mutex_lock(&t->lock);
		virtio_reset(&t->blk.virtio);
		driver_start(&t->d, &t->blk.virtio, BLK_F_FLUSH);
		pthread_mutex_unlock(&t->lock);
		for (unsigned n = 0; n < 5; n++)
			pool_add(t, n, n == 2 ? BLK_FLUSH : BLK_IN, 8, n == 2 ? 0 : LONG);
		pool_notify(t);
		if (round % 2)
			pool_used(t, 5);
	}
	EXPECT_BYTES_AS("the driver's buffer", t->d.ram + DATA(4), t->bytes + 8 * BLK_SECTOR, LONG);
	pool_end(t);
}
