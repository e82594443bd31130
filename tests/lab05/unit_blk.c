// SPDX-License-Identifier: MIT
/* Task 5.6: the disk, with a driver of our own. Rows are those of hostile guests. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "blk.h"
#include "edges.h"
#include "fake_driver.h"
#include "host_io.h"

#define SECTORS 64
#define HEADER	DRIVER_DATA
#define STATUS	(DRIVER_DATA + 0x1000)
#define DATA	(DRIVER_DATA + 0x2000)

struct disk {
	struct blk blk;
	struct driver d;
	const char *path;
	u8 bytes[SECTORS * BLK_SECTOR]; /* as the test knows them */
	u16 asked;			/* requests so far */
};

static void make_file(struct disk *disk)
{
	int fd;

	disk->path = test_tmpfile("disk");
	for (unsigned i = 0; i < sizeof(disk->bytes); i++)
		disk->bytes[i] = (u8)(i / BLK_SECTOR + 37 * i);
	fd = open(disk->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, disk->bytes, sizeof(disk->bytes)) != sizeof(disk->bytes))
		test_error("%s cannot be written", disk->path);
	close(fd);
}

static struct disk *begin(bool readonly, u64 features)
{
	struct disk *disk = calloc(1, sizeof(*disk));
	struct why why;

	if (!disk)
		test_error("no memory");
	make_file(disk);
	driver_memory(&disk->d);
	EXPECT_ERR(blk_init(&disk->blk, &disk->d.mem, disk->path, readonly, &why), 0);
	driver_start(&disk->d, &disk->blk.virtio, features);
	return disk;
}

static void put_header(struct disk *disk, u32 type, u64 sector)
{
	struct blk_header header = { .type = type, .sector = sector };

	memcpy(disk->d.ram + HEADER, &header, sizeof(header));
	disk->d.ram[STATUS] = 0xaa;
}

/* Notify; the request that was added must come back. Returns its status; *written as the ring says.
 */
static u8 done(struct disk *disk, u32 *written)
{
	driver_notify(&disk->d, BLK_QUEUE);
	EXPECT_U64(driver_used(&disk->d, BLK_QUEUE), ++disk->asked);
	EXPECT_U64(disk->blk.virtio.state.status & VIRTIO_NEEDS_RESET, 0);
	*written = driver_written(&disk->d, BLK_QUEUE, disk->asked - 1);
	return disk->d.ram[STATUS];
}

/* A request in the three pieces that drivers use. len 0: no data. */
static u8 ask(struct disk *disk, u32 type, u64 sector, u32 len, u32 *written)
{
	put_header(disk, type, sector);
	if (len == 0)
		ADD(&disk->d, BLK_QUEUE, R(HEADER, 16), W(STATUS, 1));
	else if (type == BLK_OUT)
		ADD(&disk->d, BLK_QUEUE, R(HEADER, 16), R(DATA, len), W(STATUS, 1));
	else
		ADD(&disk->d, BLK_QUEUE, R(HEADER, 16), W(DATA, len), W(STATUS, 1));
	return done(disk, written);
}

/* The file must still be as the test knows it. */
static void expect_file(struct disk *disk)
{
	static u8 now[SECTORS * BLK_SECTOR];
	struct stat st;
	int fd = open(disk->path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st) < 0 || read(fd, now, sizeof(now)) != sizeof(now))
		test_error("%s cannot be read", disk->path);
	close(fd);
	EXPECT_U64(st.st_size, sizeof(now));
	EXPECT_BYTES(now, disk->bytes, sizeof(now));
}

static void expect_many_by_one_notification(struct disk *disk)
{
	disk->blk.virtio.irq = edges_line();
	put_header(disk, BLK_IN, 3);
	for (u32 i = 0; i < 9; i++) { /* in the midst of them one without a header */
		if (i == 4)
			ADD(&disk->d, BLK_QUEUE, W(STATUS + 9, 1));
		ADD(&disk->d, BLK_QUEUE, R(HEADER, 16), W(DATA + 512 * i, 512), W(STATUS + i, 1));
	}
	driver_notify(&disk->d, BLK_QUEUE);
	CONTEXT("ten requests, one notification, one interrupt");
	EXPECT_U64(driver_used(&disk->d, BLK_QUEUE), disk->asked + 10);
	EXPECT_U64(edges(&disk->blk.virtio.irq), 1);
	EXPECT_U64_AS("the status byte", disk->d.ram[STATUS + 9], BLK_IOERR);
	for (u32 i = 0; i < 9; i++)
		EXPECT_BYTES_AS("the driver's buffer", disk->d.ram + DATA + 512 * i,
				disk->bytes + 3 * 512, 512);
}

TEST("5.6", sectors_are_read_and_written, 1)
{
	struct disk *disk = begin(false, BLK_F_FLUSH);
	u8 *data = disk->d.ram + DATA;
	u32 written;

	CONTEXT("BLK_IN of three sectors from sector 5 on");
	EXPECT_U64(ask(disk, BLK_IN, 5, 1536, &written), BLK_OK);
	EXPECT_U64(written, 1537);
	EXPECT_BYTES(data, disk->bytes + 5 * 512, 1536);
	CONTEXT("BLK_OUT of two sectors to the end of the disk");
	driver_fill(&disk->d, DATA, 1024);
	memcpy(disk->bytes + 62 * 512, data, 1024);
	EXPECT_U64(ask(disk, BLK_OUT, 62, 1024, &written), BLK_OK);
	EXPECT_U64(written, 1);
	expect_file(disk);
	CONTEXT("BLK_FLUSH, and requests without data");
	EXPECT_U64(ask(disk, BLK_FLUSH, 0, 0, &written), BLK_OK);
	EXPECT_U64(written, 1);
	EXPECT_U64(ask(disk, BLK_IN, 64, 0, &written), BLK_OK);
	EXPECT_U64(ask(disk, BLK_OUT, 0, 0, &written), BLK_OK);
	EXPECT_U64(disk->blk.virtio.state.interrupt, VIRTIO_INT_QUEUE);
	expect_file(disk);
	expect_many_by_one_notification(disk);
}

/* Cut the stretch from gpa on at random into at most `most` pieces. */
static unsigned cut(struct piece *piece, unsigned most, u64 gpa, u32 len, bool write)
{
	unsigned n = 0;

	while (len) {
		u32 part = 1 +
			   (u32)(nonce_random() % (nonce_random() % 2 ? len : min_u64(len, 20)));

		if (n + 1 == most)
			part = len;
		piece[n++] = write ? W(gpa, part) : R(gpa, part);
		gpa += part;
		len -= part;
	}
	return n;
}

/* A signal comes before the host has read or written anything, every other time. */
static int interrupt_now_and_then(void *ctx, enum host_call call, off_t off)
{
	unsigned *calls = ctx;

	return call != HOST_SYNC && ++*calls % 2 ? EINTR : 0;
}

TEST("5.6", row_14_cut_anywhere, 1, .seconds = 0.2)
{
	struct disk *disk = begin(false, BLK_F_FLUSH);
	unsigned calls = 0;
	const u64 area = DRIVER_DATA + 0x8000; /* header, data, status: one behind the other */

	for (int round = 0; round < 200; round++) {
		bool out = round & 1;
		u32 sectors = 1 + (u32)(nonce_random() % 8), len = sectors * BLK_SECTOR, written;
		struct blk_header header = { .type = out ? BLK_OUT : BLK_IN,
					     .sector = nonce_random() % (SECTORS - sectors + 1) };
		u8 *data = disk->d.ram + area + sizeof(header);
		struct piece piece[16];
		unsigned n;

		memcpy(disk->d.ram + area, &header, sizeof(header));
		driver_fill(&disk->d, area + sizeof(header), len);
		if (out) {
			memcpy(disk->bytes + header.sector * BLK_SECTOR, data, len);
			n = cut(piece, 12, area, 16 + len, false);
			n += cut(piece + n, 1, area + 16 + len, 1, true);
		} else {
			n = cut(piece, 4, area, 16, false);
			n += cut(piece + n, 12, area + 16, len + 1, true);
		}
		data[len] = 0xaa;
		driver_add(&disk->d, BLK_QUEUE, piece, n);
		if (round == 140)
			host_io = (struct host_io){ interrupt_now_and_then, NULL, &calls, 700 };
		CONTEXT("row 14: %u sectors %s sector %llu, cut into %u buffers%s", sectors,
			out ? "to" : "from", (unsigned long long)header.sector, n,
			round < 140 ? ""
				    : "; the host does 700 bytes by a call at most, and is "
				      "interrupted now and then (EINTR)");
		done(disk, &written);
		EXPECT_U64(data[len], BLK_OK);
		EXPECT_U64(written, out ? 1 : len + 1);
		EXPECT_BYTES(data, disk->bytes + header.sector * BLK_SECTOR, len);
	}
	expect_file(disk);
	EXPECT_TRUE(calls > 60, "the host was called %u times", calls);
}

TEST("5.6", row_36_beyond_the_end, 0)
{
	static const u64 sector[] = { SECTORS - 1,	SECTORS,    SECTORS + 1, 1ull << 55,
				      (1ull << 55) + 1, 1ull << 63, UINT64_MAX,	 UINT64_MAX / 512 };
	struct disk *disk = begin(false, BLK_F_FLUSH);
	u32 written;

	driver_fill(&disk->d, DATA, 1024);
	for (unsigned i = 0; i < ARRAY_SIZE(sector); i++) {
		CONTEXT("row 36: two sectors at sector 0x%llx of a disk of %d",
			(unsigned long long)sector[i], SECTORS);
		EXPECT_U64(ask(disk, BLK_OUT, sector[i], 1024, &written), BLK_IOERR);
		EXPECT_U64(ask(disk, BLK_IN, sector[i], 1024, &written), BLK_IOERR);
		EXPECT_U64(written, 0);
	}
	expect_file(disk);
}

TEST("5.6", row_37_parts_of_sectors, 0)
{
	struct disk *disk = begin(false, BLK_F_FLUSH);
	u32 written;

	for (u32 len = 1; len < 1024; len += 74) {
		CONTEXT("row 37: %u bytes of data", len);
		EXPECT_U64(ask(disk, BLK_OUT, 0, len, &written), BLK_IOERR);
		EXPECT_U64(ask(disk, BLK_IN, 0, len, &written), BLK_IOERR);
	}
	expect_file(disk);
}

TEST("5.6", row_38_read_only, 0)
{
	struct disk *disk = begin(true, BLK_F_FLUSH);
	u32 written;

	CONTEXT("row 38: a read-only disk says so, and is not written to");
	EXPECT_TRUE(disk->blk.virtio.offered & BLK_F_RO);
	EXPECT_U64(ask(disk, BLK_OUT, 0, 512, &written), BLK_IOERR);
	EXPECT_U64(written, 1);
	EXPECT_U64(ask(disk, BLK_IN, 7, 512, &written), BLK_OK);
	EXPECT_BYTES_AS("the driver's buffer", disk->d.ram + DATA, disk->bytes + 7 * 512, 512);
	EXPECT_U64(ask(disk, BLK_FLUSH, 0, 0, &written), BLK_OK);
	expect_file(disk);
	/* Not because the file happens to be opened so. */
	blk_destroy(&disk->blk);
	disk = begin(false, BLK_F_FLUSH);
	disk->blk.readonly = true;
	EXPECT_U64(ask(disk, BLK_OUT, 0, 512, &written), BLK_IOERR);
	expect_file(disk);
}

TEST("5.6", row_39_unknown_types, 0)
{
	static const u32 type[] = { 2, 3, 5, 11, 13, 14, 0x80000000, UINT32_MAX };
	struct disk *disk = begin(false, BLK_F_FLUSH);
	u32 written;

	for (unsigned i = 0; i < ARRAY_SIZE(type); i++) {
		CONTEXT("row 39: request type %u", type[i]);
		EXPECT_U64(ask(disk, type[i], 0, 0, &written), BLK_UNSUPP);
		EXPECT_U64(written, 1);
		EXPECT_U64(ask(disk, type[i], 0, 16, &written), BLK_UNSUPP);
		EXPECT_U64(written, 0);
	}
	expect_file(disk);
}

TEST("5.6", row_40_not_a_whole_request, 0)
{
	struct disk *disk = begin(false, BLK_F_FLUSH);
	u32 written;

	driver_fill(&disk->d, DATA, 512);
	CONTEXT("row 40: a header of 15 bytes");
	put_header(disk, BLK_FLUSH, 0);
	ADD(&disk->d, BLK_QUEUE, R(HEADER, 15), W(STATUS, 1));
	EXPECT_U64(done(disk, &written), BLK_IOERR);
	CONTEXT("row 40: the header in a writable buffer");
	put_header(disk, BLK_IN, 0);
	ADD(&disk->d, BLK_QUEUE, W(HEADER, 16), W(DATA, 512), W(STATUS, 1));
	EXPECT_U64(done(disk, &written), BLK_IOERR);
	EXPECT_U64(written, 0);
	CONTEXT("row 40: BLK_OUT and nowhere to put a status: nothing may happen");
	put_header(disk, BLK_OUT, 0);
	ADD(&disk->d, BLK_QUEUE, R(HEADER, 16), R(DATA, 512));
	EXPECT_U64(done(disk, &written), 0xaa);
	EXPECT_U64(written, 0);
	CONTEXT("row 40: the header and nothing else");
	put_header(disk, BLK_OUT, 0);
	ADD(&disk->d, BLK_QUEUE, R(HEADER, 16));
	EXPECT_U64(done(disk, &written), 0xaa);
	EXPECT_U64(written, 0);
	CONTEXT("row 40: one writable byte and nothing else");
	put_header(disk, BLK_IN, 0);
	ADD(&disk->d, BLK_QUEUE, W(STATUS, 1));
	EXPECT_U64(done(disk, &written), BLK_IOERR);
	EXPECT_U64(written, 1);
	CONTEXT("after all this it works as before");
	EXPECT_U64(ask(disk, BLK_IN, 1, 512, &written), BLK_OK);
	EXPECT_BYTES_AS("the driver's buffer", disk->d.ram + DATA, disk->bytes + 512, 512);
	expect_file(disk);
}

TEST("5.6", row_41_get_id, 0)
{
	struct disk *disk = begin(false, BLK_F_FLUSH);
	u8 *data = disk->d.ram + DATA;
	u32 written;

	memcpy(disk->blk.id, "ABCDEFGHIJKLMNOPQRST", BLK_ID_LEN);
	CONTEXT("BLK_GET_ID with room for 20 bytes");
	EXPECT_U64(ask(disk, BLK_GET_ID, 0, 20, &written), BLK_OK);
	EXPECT_U64(written, 21);
	EXPECT_BYTES(data, "ABCDEFGHIJKLMNOPQRST\0", 21);
	CONTEXT("row 41: with room for 64");
	memset(data, 0x55, 64);
	EXPECT_U64(ask(disk, BLK_GET_ID, 0, 64, &written), BLK_OK);
	EXPECT_U64(written, 20);
	EXPECT_BYTES(data + 18, "ST\x55", 3);
	CONTEXT("row 41: with room for 3");
	memset(data, 0x55, 64);
	EXPECT_U64(ask(disk, BLK_GET_ID, 0, 3, &written), BLK_OK);
	EXPECT_U64(written, 4);
	EXPECT_BYTES(data, "ABC\x55", 4);
	CONTEXT("row 41: with no room");
	EXPECT_U64(ask(disk, BLK_GET_ID, 0, 0, &written), BLK_OK);
	EXPECT_U64(written, 1);
}

/* Put another file in the place of the disk's. */
static void swap_file(struct disk *disk, const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC);

	if (fd < 0 || dup2(fd, disk->blk.fd) < 0)
		test_error("%s cannot be opened", path);
	close(fd);
}

TEST("5.6", the_host_cannot, 1)
{
	struct disk *disk = begin(false, BLK_F_FLUSH);
	u32 written;

	CONTEXT("the image has been cut off in the middle of what is read");
	if (truncate(disk->path, 10 * 512 + 100))
		test_error("%s cannot be truncated", disk->path);
	EXPECT_U64(ask(disk, BLK_IN, 20, 1024, &written), BLK_IOERR);
	EXPECT_U64(ask(disk, BLK_IN, 10, 1024, &written), BLK_IOERR);
	EXPECT_U64(written, 100);
	EXPECT_U64(ask(disk, BLK_IN, 0, 1024, &written), BLK_OK);
	CONTEXT("the file system is full");
	swap_file(disk, "/dev/full", O_RDWR);
	EXPECT_U64(ask(disk, BLK_OUT, 0, 512, &written), BLK_IOERR);
	CONTEXT("fdatasync() fails");
	EXPECT_U64(ask(disk, BLK_FLUSH, 0, 0, &written), BLK_IOERR);
	/* Nothing is mapped at the beginning of our own memory: the read fails with EIO. (For marks
	 * no test may open that.)
	 */
	if (access("/proc/self/mem", R_OK | W_OK))
		return;
	CONTEXT("the medium has gone bad (EIO)");
	swap_file(disk, "/proc/self/mem", O_RDWR);
	EXPECT_U64(ask(disk, BLK_IN, 0, 1024, &written), BLK_IOERR);
	EXPECT_U64(written, 0);
	EXPECT_U64(ask(disk, BLK_OUT, 0, 512, &written), BLK_IOERR);
}

/* A signal comes amid the first two of them. */
static int interrupt_syncs(void *ctx, enum host_call call, off_t off)
{
	unsigned *syncs = ctx;

	return call == HOST_SYNC && ++*syncs <= 2 ? EINTR : 0;
}

TEST("5.6", an_interrupted_flush_has_lost_nothing, 0)
{
	struct disk *disk = begin(false, BLK_F_FLUSH);
	unsigned syncs = 0;
	u32 written;

	host_io = (struct host_io){ .before = interrupt_syncs, .ctx = &syncs };
	CONTEXT("fdatasync() is interrupted twice (EINTR): it is called once more");
	EXPECT_U64(ask(disk, BLK_FLUSH, 0, 0, &written), BLK_OK);
	EXPECT_U64(syncs, 3);
	CONTEXT("and no later flush is told of a loss");
	EXPECT_U64(ask(disk, BLK_FLUSH, 0, 0, &written), BLK_OK);
}

TEST("5.6", without_flush_writes_are_final, 1)
{
	struct disk *disk = begin(false, 0);
	u32 written;

	/* /dev/null takes what is written, and refuses fdatasync(): so we see whether it is asked.
	 */
	swap_file(disk, "/dev/null", O_RDWR);
	CONTEXT("the driver has not accepted BLK_F_FLUSH: a write syncs by itself (5.2.6.2)");
	EXPECT_U64(ask(disk, BLK_OUT, 0, 512, &written), BLK_IOERR);
	disk->blk.virtio.state.accepted |= BLK_F_FLUSH;
	CONTEXT("it has: a write does not");
	EXPECT_U64(ask(disk, BLK_OUT, 0, 512, &written), BLK_OK);
}

TEST("-", disks_that_are_none, 0)
{
	struct driver d;
	struct blk blk;
	struct why why;
	const char *path = test_tmpfile("image");
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	driver_memory(&d);
	CONTEXT("a missing file, a directory, a pipe, an empty file, 513 bytes");
	EXPECT_ERR(blk_init(&blk, &d.mem, test_tmpfile("no/where"), false, &why), -ENOENT);
	EXPECT_U64(blk.fd, -1);
	EXPECT_ERR(blk_init(&blk, &d.mem, test_tmpdir(), false, &why), -EISDIR);
	EXPECT_ERR(blk_init(&blk, &d.mem, test_tmpdir(), true, &why), -EISDIR);
	EXPECT_CONTAINS(why.text, "a directory");
	EXPECT_ERR(blk_init(&blk, &d.mem, "/dev/null", true, &why), -EINVAL);
	EXPECT_CONTAINS(why.text, "neither a file nor");
	EXPECT_ERR(mkfifo(test_tmpfile("fifo"), 0600), 0);
	EXPECT_ERR(blk_init(&blk, &d.mem, test_tmpfile("fifo"), true, &why), -EINVAL);
	EXPECT_ERR(blk_init(&blk, &d.mem, path, false, &why), -EINVAL);
	EXPECT_CONTAINS(why.text, "empty");
	EXPECT_ERR(ftruncate(fd, 513), 0);
	EXPECT_ERR(blk_init(&blk, &d.mem, path, false, &why), -EINVAL);
	EXPECT_CONTAINS(why.text, "513 bytes");
	EXPECT_ERR(ftruncate(fd, 1024), 0);
	EXPECT_ERR(blk_init(&blk, &d.mem, path, false, &why), 0);
	EXPECT_U64(blk.config.capacity, 2);
	blk_destroy(&blk);
	EXPECT_U64(blk.fd, -1);
}
