// SPDX-License-Identifier: MIT
/* Task 5.6: requests that are long, and a run that ends meanwhile. */
#include <fcntl.h>
#include <unistd.h>

#include "blk.h"
#include "fake_driver.h"
#include "host_io.h"

#define HEADER	DRIVER_DATA
#define STATUS	(DRIVER_DATA + 0x1000)
#define BUFFER	KiB(512) /* the second half of memory */
#define BUFFERS 28	 /* the same one, so often */
#define LONG	(BUFFERS * BUFFER)
#define PIECES	((LONG + BLK_PIECE - 1) / BLK_PIECE)

struct disk {
	struct blk blk;
	struct driver d;
	struct run run;
	unsigned pieces, over_at; /* that were moved so far; and the run ends with this one */
};

/* The end of a run can come while a piece is moved. */
static int moved(void *ctx, enum host_call call, off_t off)
{
	struct disk *disk = ctx;

	if (++disk->pieces == disk->over_at)
		run_end(&disk->run, V_TIMEOUT, 0, NULL);
	return 0;
}

/* As long as the request is, and all zeros. */
static struct disk *begin(unsigned over_at)
{
	const char *path = test_tmpfile("disk");
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	struct disk *disk = calloc(1, sizeof(*disk));
	struct why why;

	if (!disk || fd < 0 || ftruncate(fd, LONG))
		test_error("%s cannot be made", path);
	close(fd);
	driver_memory(&disk->d);
	EXPECT_ERR(blk_init(&disk->blk, &disk->d.mem, path, false, &why), 0);
	driver_start(&disk->d, &disk->blk.virtio, BLK_F_FLUSH);
	disk->over_at = over_at;
	disk->blk.virtio.run = &disk->run;
	return disk;
}

/* Returns its status. */
static u8 ask(struct disk *disk, u32 type)
{
	struct blk_header header = { .type = type };
	struct piece piece[BUFFERS + 2] = { R(HEADER, 16) };

	memcpy(disk->d.ram + HEADER, &header, sizeof(header));
	memset(disk->d.ram + DRIVER_RAM - BUFFER, 0x5a, BUFFER);
	disk->d.ram[STATUS] = 0xaa;
	for (unsigned i = 1; i <= BUFFERS; i++)
		piece[i] = (struct piece){ DRIVER_RAM - BUFFER, BUFFER, type == BLK_IN };
	piece[BUFFERS + 1] = W(STATUS, 1);
	driver_add(&disk->d, BLK_QUEUE, piece, BUFFERS + 2);
	host_io = (struct host_io){ .before = moved, .ctx = disk };
	driver_notify(&disk->d, BLK_QUEUE);
	host_io.before = NULL;
	EXPECT_U64(driver_used(&disk->d, BLK_QUEUE), 1);
	return disk->d.ram[STATUS];
}

/* How much of the file has been written: 5a from its beginning, then zeros. */
static u64 file_written(struct disk *disk)
{
	static u8 now[LONG];
	u64 n = 0, zeros;

	if (pread(disk->blk.fd, now, LONG, 0) != LONG)
		test_error("the disk cannot be read");
	while (n < LONG && now[n] == 0x5a)
		n++;
	for (zeros = n; zeros < LONG && !now[zeros]; zeros++)
		;
	EXPECT_U64(zeros, LONG);
	return n;
}

TEST("5.6", long_requests, 1, .seconds = 0.2)
{
	struct disk *disk = begin(UINT32_MAX);

	CONTEXT("BLK_IN of 14 MiB, into one piece of memory again and again");
	EXPECT_U64(ask(disk, BLK_IN), BLK_OK);
	EXPECT_U64(driver_written(&disk->d, BLK_QUEUE, 0), LONG + 1);
	EXPECT_U64(disk->d.ram[DRIVER_RAM - 1], 0);
	EXPECT_TRUE(disk->pieces >= PIECES, "it moved more than 4 MiB by one call");
	blk_destroy(&disk->blk);
	disk = begin(UINT32_MAX);
	CONTEXT("BLK_OUT of 14 MiB");
	EXPECT_U64(ask(disk, BLK_OUT), BLK_OK);
	EXPECT_U64(driver_written(&disk->d, BLK_QUEUE, 0), 1);
	EXPECT_U64(file_written(disk), LONG);
	EXPECT_TRUE(disk->pieces >= PIECES, "it moved more than 4 MiB by one call");
}

TEST("5.6", long_requests_end_with_the_run, 0, .seconds = 0.3)
{
	for (unsigned k = 1; k < PIECES; k++) {
		struct disk *disk = begin(k);
		u64 n;

		CONTEXT("BLK_IN of 14 MiB; the run ends while piece %u is moved", k);
		EXPECT_U64(ask(disk, BLK_IN), BLK_IOERR);
		n = driver_written(&disk->d, BLK_QUEUE, 0);
		EXPECT_TRUE(n > 0 && n <= k * BLK_PIECE, "%llu bytes", (unsigned long long)n);
		blk_destroy(&disk->blk);
		disk = begin(k);
		CONTEXT("BLK_OUT of 14 MiB; the run ends while piece %u is moved", k);
		EXPECT_U64(ask(disk, BLK_OUT), BLK_IOERR);
		EXPECT_U64(driver_written(&disk->d, BLK_QUEUE, 0), 1);
		n = file_written(disk);
		EXPECT_TRUE(n > 0 && n <= k * BLK_PIECE, "%llu bytes", (unsigned long long)n);
		blk_destroy(&disk->blk);
	}
}
