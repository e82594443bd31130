// SPDX-License-Identifier: MIT
/* A disk that discards, and that writes zeroes (given): 5.2.6, with a driver of our own. */
#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "blk_clear.h"
#include "fake_driver.h"
#include "host_io.h"

#define SECTORS 4096
#define HEADER	DRIVER_DATA
#define STATUS	(DRIVER_DATA + 0x1000)
#define DATA	(DRIVER_DATA + 0x2000)
#define ALL	(BLK_F_FLUSH | BLK_F_DISCARD | BLK_F_WRITE_ZEROES)

struct disk {
	struct blk blk;
	struct driver d;
	const char *path;
	u8 bytes[SECTORS * BLK_SECTOR]; /* as they must be */
	u16 asked;
	unsigned calls[4];	       /* of the host, by enum host_call */
	int no_hole, no_zero, no_sync; /* what the host says to such a call: errno, or 0 */
	unsigned signals;	       /* so many HOST_SYNC are interrupted first */
};

static int count(void *ctx, enum host_call call, off_t mode)
{
	struct disk *disk = ctx;

	disk->calls[call]++;
	if (call == HOST_SYNC && disk->signals && disk->signals--)
		return EINTR;
	if (call != HOST_ALLOCATE)
		return call == HOST_SYNC ? disk->no_sync : 0;
	EXPECT_TRUE(mode & FALLOC_FL_KEEP_SIZE, "the file may grow by this call");
	return mode & FALLOC_FL_PUNCH_HOLE ? disk->no_hole : disk->no_zero;
}

static struct disk *begin(bool readonly, u64 features)
{
	struct disk *disk = calloc(1, sizeof(*disk));
	struct why why;
	FILE *f;

	if (!disk)
		test_error("no memory");
	disk->path = test_tmpfile("disk");
	memset(disk->bytes, 0x5a, sizeof(disk->bytes));
	f = fopen(disk->path, "w");
	if (!f || fwrite(disk->bytes, sizeof(disk->bytes), 1, f) != 1 || fclose(f))
		test_error("%s cannot be written", disk->path);
	driver_memory(&disk->d);
	EXPECT_ERR(blk_init(&disk->blk, &disk->d.mem, disk->path, readonly, &why), 0);
	driver_start(&disk->d, &disk->blk.virtio, features);
	host_io = (struct host_io){ .before = count, .ctx = disk };
	return disk;
}

/* A request with len bytes of these segments. Returns its status. */
static u8 ask_len(struct disk *disk, u32 type, const struct blk_segment *segment, u32 len)
{
	struct blk_header header = { .type = type };

	memcpy(disk->d.ram + HEADER, &header, sizeof(header));
	memcpy(disk->d.ram + DATA, segment, len);
	disk->d.ram[STATUS] = 0xaa;
	if (len)
		ADD(&disk->d, BLK_QUEUE, R(HEADER, 16), R(DATA, len), W(STATUS, 1));
	else
		ADD(&disk->d, BLK_QUEUE, R(HEADER, 16), W(STATUS, 1));
	driver_notify(&disk->d, BLK_QUEUE);
	EXPECT_U64(driver_used(&disk->d, BLK_QUEUE), ++disk->asked);
	EXPECT_U64(driver_written(&disk->d, BLK_QUEUE, disk->asked - 1), 1);
	return disk->d.ram[STATUS];
}

static u8 ask(struct disk *disk, u32 type, u64 sector, u32 sectors, u32 flags)
{
	const struct blk_segment segment = { sector, sectors, flags };

	return ask_len(disk, type, &segment, sizeof(segment));
}

/* The file is as the test says, and no longer. */
static void expect_file(struct disk *disk)
{
	static u8 now[SECTORS * BLK_SECTOR];
	struct stat st;
	FILE *f = fopen(disk->path, "r");

	if (!f || stat(disk->path, &st) || fread(now, sizeof(now), 1, f) != 1)
		test_error("%s cannot be read", disk->path);
	fclose(f);
	EXPECT_U64(st.st_size, sizeof(now));
	EXPECT_BYTES(now, disk->bytes, sizeof(now));
}

static void zero(struct disk *disk, u64 sector, u64 sectors)
{
	memset(disk->bytes + sector * BLK_SECTOR, 0, sectors * BLK_SECTOR);
}

TEST("-", what_may_be_cleared_at_once, 0)
{
	struct disk *disk = begin(false, ALL);
	const struct virtio_ops *ops = disk->blk.virtio.ops;
	u32 limit[5];
	u8 unmap, before[20];

	ops->config_read(&disk->blk.virtio, 16, before, 20);
	ops->config_read(&disk->blk.virtio, 36, limit, 20);
	ops->config_read(&disk->blk.virtio, 56, &unmap, 1);
	CONTEXT("5.2.4: max_discard_sectors, _seg, discard_sector_alignment, then zeroes");
	EXPECT_U64(limit[0], BLK_CLEAR_SECTORS_MAX);
	EXPECT_U64(limit[1], BLK_CLEAR_SEGMENTS);
	EXPECT_U64(limit[2], BLK_CLEAR_ALIGNMENT);
	EXPECT_U64(limit[3], BLK_CLEAR_SECTORS_MAX);
	EXPECT_U64(limit[4], BLK_CLEAR_SEGMENTS);
	EXPECT_U64(unmap, 1);
	CONTEXT("and what lies between seg_max and these is nobody's, and 0");
	EXPECT_BYTES(before, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20);
}

/* On each of three hosts: one with all calls, one without ZERO_RANGE, one with none. */
TEST("-", zeroes_are_read_after_write_zeroes, 0)
{
	for (int host = 0; host < 3; host++)
		for (u32 flags = 0; flags < 2; flags++) {
			struct disk *disk = begin(false, ALL);
			const struct blk_segment two[] = { { 7, 1, flags }, { 9, 300, flags } };

			disk->no_zero = host > 0 ? EOPNOTSUPP : 0;
			disk->no_hole = host > 1 ? EOPNOTSUPP : 0;
			CONTEXT("WRITE_ZEROES of sector 7 and of 9 to 308, unmap %u, host %d",
				flags, host);
			EXPECT_U64(ask_len(disk, BLK_WRITE_ZEROES, two, sizeof(two)), BLK_OK);
			zero(disk, 7, 1);
			zero(disk, 9, 300);
			expect_file(disk);
			EXPECT_U64(disk->calls[HOST_SYNC], 0);
			CONTEXT("and of the last sector; and of none");
			EXPECT_U64(ask(disk, BLK_WRITE_ZEROES, SECTORS - 1, 1, flags), BLK_OK);
			EXPECT_U64(ask(disk, BLK_WRITE_ZEROES, SECTORS, 0, flags), BLK_OK);
			zero(disk, SECTORS - 1, 1);
			expect_file(disk);
			blk_destroy(&disk->blk);
		}
}

TEST("-", what_is_discarded_is_given_back, 0)
{
	struct disk *disk = begin(false, ALL);
	struct stat before, after;

	stat(disk->path, &before);
	CONTEXT("DISCARD of sectors 8 to 2055");
	EXPECT_U64(ask(disk, BLK_DISCARD, 8, 2048, 0), BLK_OK);
	zero(disk, 8, 2048); /* by our host; a driver may not count on it */
	expect_file(disk);
	stat(disk->path, &after);
	EXPECT_TRUE(after.st_blocks < before.st_blocks, "it takes up %llu blocks, and took up %llu",
		    (unsigned long long)after.st_blocks, (unsigned long long)before.st_blocks);
	disk->no_hole = EOPNOTSUPP;
	CONTEXT("the host cannot: a discard is a hint, and nothing happens");
	EXPECT_U64(ask(disk, BLK_DISCARD, 4000, 8, 0), BLK_OK);
	expect_file(disk);
	disk->no_hole = EIO;
	CONTEXT("the host fails");
	EXPECT_U64(ask(disk, BLK_DISCARD, 4000, 8, 0), BLK_IOERR);
	EXPECT_U64(ask(disk, BLK_WRITE_ZEROES, 4000, 8, BLK_SEGMENT_UNMAP), BLK_IOERR);
	EXPECT_U64(disk->calls[HOST_WRITE] + disk->calls[HOST_SYNC], 0);
}

/* 5.2.6.2 */
TEST("-", row_39_unknown_flags, 0)
{
	struct disk *disk = begin(false, ALL);

	for (u32 bit = 0; bit < 32; bit++) {
		const struct blk_segment second[] = { { 3, 1, 0 }, { 5, 1, 1U << bit } };

		CONTEXT("row 39: bit %u of the flags of a segment, the second of two", bit);
		EXPECT_U64(ask_len(disk, BLK_DISCARD, second, sizeof(second)), BLK_UNSUPP);
		if (bit)
			EXPECT_U64(ask_len(disk, BLK_WRITE_ZEROES, second, sizeof(second)),
				   BLK_UNSUPP);
	}
	EXPECT_U64(disk->calls[HOST_ALLOCATE], 0);
	expect_file(disk);
	disk->blk.virtio.state.accepted &= ~(BLK_F_DISCARD | BLK_F_WRITE_ZEROES);
	CONTEXT("row 39: features that the driver has not accepted");
	EXPECT_U64(ask(disk, BLK_DISCARD, 0, 8, 0), BLK_UNSUPP);
	EXPECT_U64(ask(disk, BLK_WRITE_ZEROES, 0, 8, 0), BLK_UNSUPP);
	disk->blk.virtio.state.accepted |= BLK_F_DISCARD;
	EXPECT_U64(ask(disk, BLK_WRITE_ZEROES, 0, 8, 0), BLK_UNSUPP);
	expect_file(disk);
}

TEST("-", row_36_nothing_beyond_the_end_is_cleared, 0)
{
	static const struct blk_segment beyond[] = {
		{ SECTORS, 1, 0 },	  { SECTORS - 1, 2, 0 },
		{ 0, SECTORS + 1, 0 },	  { UINT64_MAX, 1, 0 },
		{ UINT64_MAX, 2, 0 },	  { 1ULL << 55, 1, 0 },
		{ 0, UINT32_MAX, 0 },	  { 1, BLK_CLEAR_SECTORS_MAX, 0 },
		{ UINT64_MAX - 3, 8, 0 },
	};
	struct disk *disk = begin(false, ALL);

	for (unsigned i = 0; i < 2 * ARRAY_SIZE(beyond); i++) {
		const struct blk_segment *s = &beyond[i / 2];
		const struct blk_segment second[] = { { 3, 1, 0 }, *s };
		u32 type = i % 2 ? BLK_DISCARD : BLK_WRITE_ZEROES;

		CONTEXT("row 36: type %u of %u sectors at 0x%llx, on a disk of %d", type,
			s->sectors, (unsigned long long)s->sector, SECTORS);
		EXPECT_U64(ask(disk, type, s->sector, s->sectors, 0), BLK_IOERR);
		EXPECT_U64(ask_len(disk, type, second, sizeof(second)), BLK_IOERR);
	}
	disk->blk.config.capacity = 1ULL << 40;
	CONTEXT("a large disk, and a segment that is longer than max_..._sectors");
	EXPECT_U64(ask(disk, BLK_DISCARD, 0, BLK_CLEAR_SECTORS_MAX + 1, 0), BLK_IOERR);
	EXPECT_U64(ask(disk, BLK_WRITE_ZEROES, 0, BLK_CLEAR_SECTORS_MAX + 1, 0), BLK_IOERR);
	EXPECT_U64(disk->calls[HOST_ALLOCATE] + disk->calls[HOST_WRITE], 0);
	expect_file(disk);
}

TEST("-", row_40_segments_that_are_none, 0)
{
	static const struct blk_segment segment[BLK_CLEAR_SEGMENTS + 1] = { { 3, 1, 0 } };
	static const u32 bad[] = { 0, 1, 15, 17, 31, 16 * (BLK_CLEAR_SEGMENTS + 1) };
	struct disk *disk = begin(false, ALL);

	for (unsigned i = 0; i < 2 * ARRAY_SIZE(bad); i++) {
		u32 type = i % 2 ? BLK_DISCARD : BLK_WRITE_ZEROES;

		CONTEXT("row 40: type %u with %u bytes of segments", type, bad[i / 2]);
		EXPECT_U64(ask_len(disk, type, segment, bad[i / 2]), BLK_IOERR);
	}
	expect_file(disk);
	CONTEXT("as many segments as the configuration allows");
	EXPECT_U64(ask_len(disk, BLK_WRITE_ZEROES, segment, 16 * BLK_CLEAR_SEGMENTS), BLK_OK);
	zero(disk, 3, 1);
	expect_file(disk);
}

TEST("-", row_38_nothing_is_cleared_on_a_readonly_disk, 0)
{
	struct disk *disk = begin(true, ALL);

	CONTEXT("row 38: a readonly disk does not offer it");
	EXPECT_U64(disk->blk.virtio.offered & (BLK_F_DISCARD | BLK_F_WRITE_ZEROES), 0);
	EXPECT_U64(disk->blk.config.write_zeroes_may_unmap, 0);
	blk_destroy(&disk->blk);
	disk = begin(false, ALL);
	disk->blk.readonly = true;
	CONTEXT("nor does it, if it is asked all the same");
	EXPECT_U64(ask(disk, BLK_DISCARD, 0, 8, 0), BLK_IOERR);
	EXPECT_U64(ask(disk, BLK_WRITE_ZEROES, 0, 8, 0), BLK_IOERR);
	EXPECT_U64(disk->calls[HOST_ALLOCATE], 0);
	expect_file(disk);
}

/* 5.2.6.2: zeroes are a write. */
TEST("-", without_flush_zeroes_are_final, 0)
{
	struct disk *disk = begin(false, ALL & ~BLK_F_FLUSH);

	CONTEXT("the driver has not accepted BLK_F_FLUSH: zeroes sync by themselves");
	EXPECT_U64(ask(disk, BLK_WRITE_ZEROES, 0, 8, 0), BLK_OK);
	EXPECT_U64(disk->calls[HOST_SYNC], 1);
	CONTEXT("what is discarded is nothing to be kept");
	EXPECT_U64(ask(disk, BLK_DISCARD, 0, 8, 0), BLK_OK);
	EXPECT_U64(disk->calls[HOST_SYNC], 1);
	disk->signals = 2;
	CONTEXT("fdatasync() is interrupted twice (EINTR): it is called once more");
	EXPECT_U64(ask(disk, BLK_WRITE_ZEROES, 0, 8, 0), BLK_OK);
	EXPECT_U64(disk->calls[HOST_SYNC], 4);
	disk->no_sync = EIO;
	CONTEXT("zeroes that the host has lost: it says so but once, and we to all who ask later");
	EXPECT_U64(ask(disk, BLK_WRITE_ZEROES, 0, 8, 0), BLK_IOERR);
	disk->no_sync = 0;
	EXPECT_U64(blk_flush(&disk->blk), BLK_IOERR);
}
