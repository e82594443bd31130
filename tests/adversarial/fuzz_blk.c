// SPDX-License-Identifier: MIT
/*
 * A fuzzer for the disk: requests whose buffers and headers the input chooses. A model of the disk
 * and of memory says what each must come to. With a pool (5.12), or without; a request may be in
 * flight when the device is reset.
 */
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "blk_clear.h"
#include "fuzz_device.h"

#define DISK (8 * BLK_SECTOR)

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

struct disk {
	struct blk blk;
	struct fuzz f;
	u8 bytes[DISK];	      /* as they must be */
	pthread_mutex_t lock; /* the device's */
};

static int make_file(const u8 *bytes)
{
	int fd = memfd_create("disk", MFD_CLOEXEC);

	must(fd >= 0 && write(fd, bytes, DISK) == DISK);
	return fd;
}

static void begin(struct disk *disk, bool readonly, bool pool, u64 features)
{
	char path[40];
	struct why why;
	int fd;

	for (unsigned i = 0; i < DISK; i++)
		disk->bytes[i] = (u8)(i * 7 ^ i >> 8);
	fd = make_file(disk->bytes);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	fuzz_begin(&disk->f);
	must(!blk_init(&disk->blk, &disk->f.mem, path, readonly, &why));
	close(fd);
	fuzz_start(&disk->f, &disk->blk.virtio, features);
	pthread_mutex_init(&disk->lock, NULL);
	if (!pool)
		return;
	must(!blk_pool_start(&disk->blk, &disk->lock));
	disk->blk.pool->at_once = 0; /* all requests here are short */
}

/* Is there what the request wants, and nothing more? */
static bool on_disk(u64 sector, u64 len)
{
	return len % BLK_SECTOR == 0 && sector <= DISK / BLK_SECTOR &&
	       sector * BLK_SECTOR + len <= DISK;
}

/* DISCARD and WRITE_ZEROES: where this host clears sectors, they are zeros in both cases. */
static u8 predict_clear(struct disk *disk, const struct request *r, u32 type)
{
	u64 feature = type == BLK_DISCARD ? BLK_F_DISCARD : BLK_F_WRITE_ZEROES;
	u64 len = r->read_len - sizeof(struct blk_header), n = len / sizeof(struct blk_segment);
	struct blk_segment s[BLK_CLEAR_SEGMENTS];

	if (!(disk->blk.virtio.state.accepted & feature))
		return BLK_UNSUPP;
	if (len % sizeof(*s) || !n || n > BLK_CLEAR_SEGMENTS)
		return BLK_IOERR;
	request_copy(&disk->f, r, false, sizeof(struct blk_header), (u8 *)s, len);
	for (u64 i = 0; i < n; i++)
		if (s[i].flags & ~(type == BLK_DISCARD ? 0 : BLK_SEGMENT_UNMAP))
			return BLK_UNSUPP;
	for (u64 i = 0; i < n; i++)
		if (disk->blk.readonly || !on_disk(s[i].sector, (u64)s[i].sectors * BLK_SECTOR))
			return BLK_IOERR;
	for (u64 i = 0; i < n; i++)
		memset(disk->bytes + s[i].sector * BLK_SECTOR, 0, s[i].sectors * BLK_SECTOR);
	return BLK_OK;
}

/* What the request must come to: its status, and in *done what it puts in front of that. */
static u8 predict(struct disk *disk, const struct request *r, u64 *done)
{
	u64 room = r->write_len - 1, len = r->read_len - sizeof(struct blk_header);
	struct blk_header header;

	*done = 0;
	if (r->read_len < sizeof(header))
		return BLK_IOERR;
	request_copy(&disk->f, r, false, 0, (u8 *)&header, sizeof(header));
	switch (header.type) {
	case BLK_IN:
		if (!on_disk(header.sector, room))
			return BLK_IOERR;
		request_copy(&disk->f, r, true, 0, disk->bytes + header.sector * BLK_SECTOR, room);
		*done = room;
		return BLK_OK;
	case BLK_OUT:
		if (disk->blk.readonly || !on_disk(header.sector, len))
			return BLK_IOERR;
		request_copy(&disk->f, r, false, sizeof(header),
			     disk->bytes + header.sector * BLK_SECTOR, len);
		return BLK_OK;
	case BLK_FLUSH:
		return BLK_OK;
	case BLK_GET_ID:
		*done = min_u64(room, BLK_ID_LEN);
		request_copy(&disk->f, r, true, 0, (u8 *)disk->blk.id, *done);
		return BLK_OK;
	case BLK_DISCARD:
	case BLK_WRITE_ZEROES:
		return predict_clear(disk, r, header.type);
	}
	return BLK_UNSUPP;
}

/* Into the readable bytes from byte off on, wherever they are. */
static void put(struct disk *disk, const struct request *r, u64 off, const u8 *at, u64 len)
{
	for (unsigned i = 0; i < r->n; i++)
		for (u32 j = 0; !r->piece[i].write && j < r->piece[i].len; j++) {
			if (off)
				off--;
			else if (len && len--)
				disk->f.model[r->piece[i].gpa + j] = *at++;
		}
}

static void put_header(struct disk *disk, struct input *in, const struct request *r)
{
	static const u32 type[] = { BLK_IN,    BLK_OUT,	    BLK_OUT,	      BLK_IN,
				    BLK_FLUSH, BLK_DISCARD, BLK_WRITE_ZEROES, BLK_GET_ID };
	u64 how = take(in, 1);
	struct blk_header header = { .type = type[how % ARRAY_SIZE(type)],
				     .sector = take(in, 1) % 10 };

	if (how > 0xe0)
		header.type = (u32)take(in, 4);
	if (how > 0xc0)
		header.sector = take(in, 8);
	put(disk, r, 0, (u8 *)&header, sizeof(header));
	if (header.type != BLK_DISCARD && header.type != BLK_WRITE_ZEROES)
		return;
	for (u64 off = sizeof(header); off + sizeof(struct blk_segment) <= r->read_len && in->left;
	     off += sizeof(struct blk_segment)) {
		struct blk_segment s = { take(in, 1) % 10, (u32)take(in, 1) % 10, 0 };

		s.flags = take(in, 1) % 8 == 7 ? (u32)take(in, 4) : (u32)in->left % 2;
		put(disk, r, off, (u8 *)&s, sizeof(s));
	}
}

static void compare_disk(const struct disk *disk)
{
	u8 now[DISK];
	struct stat st;

	must(!fstat(disk->blk.fd, &st) && st.st_size == DISK);
	must(pread(disk->blk.fd, now, DISK, 0) == DISK && !memcmp(now, disk->bytes, DISK));
}

static void add_piece(struct input *in, struct request *r, bool write, u32 len)
{
	u64 gpa = DATA_GPA + take(in, 2) % (RAM_SIZE - DATA_GPA - len);

	if (len)
		r->piece[r->n++] = (struct piece){ .gpa = gpa, .len = len, .write = write };
}

/* Whole sectors, or nearly so: header, data and perhaps a status, cut in two here and there. */
static void take_sectors(struct input *in, struct request *r)
{
	u64 how = take(in, 1);
	u32 len = (u32)(how >> 1 & 3) * BLK_SECTOR, cut = (u32)(take(in, 1) % 16);
	bool in_data = how & 8; /* where the status is the last byte of the data's buffer */

	r->n = 0;
	add_piece(in, r, false, cut);
	add_piece(in, r, false, 16 - cut);
	cut = min_u64(take(in, 2), len);
	add_piece(in, r, how & 1, cut);
	add_piece(in, r, how & 1, len - cut + (how & 1 && in_data));
	if (how & 0x70 && !(how & 1 && in_data))
		add_piece(in, r, true, 1);
	request_check(r);
}

/* Until no thread is at work. */
static void wait_idle(struct disk *disk)
{
	bool busy = disk->blk.pool;

	while (busy) {
		busy = false;
		pthread_mutex_lock(&disk->lock);
		for (unsigned i = 0; i < BLK_POOL_JOBS; i++)
			busy |= disk->blk.pool->job[i].state != JOB_FREE;
		pthread_mutex_unlock(&disk->lock);
		if (busy)
			sched_yield();
	}
}

/*
 * The device is reset, with a request in flight perhaps, and the driver's memory is its own again.
 * The request has been done or has not: the disk is what it is now.
 */
static void reset(struct disk *disk, u64 features)
{
	pthread_mutex_lock(&disk->lock);
	virtio_reset(&disk->blk.virtio);
	fuzz_start(&disk->f, &disk->blk.virtio, features);
	must(pread(disk->blk.fd, disk->bytes, DISK, 0) == DISK);
	pthread_mutex_unlock(&disk->lock);
	wait_idle(disk);
	fuzz_compare(&disk->f);
	compare_disk(disk);
}

static void one_request(struct disk *disk, struct input *in)
{
	u64 features = disk->blk.virtio.state.accepted, how = take(in, 1);
	struct request r;
	u64 done = 0;

	if (how & 1)
		take_pieces(in, &r);
	else
		take_sectors(in, &r);
	if (r.valid)
		put_header(disk, in, &r);
	request_add(&disk->f, BLK_QUEUE, &r);
	fuzz_load(&disk->f);
	if (r.valid) {
		if (r.write_len) {
			u8 status = predict(disk, &r, &done);

			request_copy(&disk->f, &r, true, r.write_len - 1, &status, 1);
			done += done == r.write_len - 1;
		}
		request_used(&disk->f, BLK_QUEUE, (u32)done);
	}
	pthread_mutex_lock(&disk->lock);
	virtio_serve(&disk->blk.virtio, BLK_QUEUE);
	must(r.valid == !(disk->blk.virtio.state.status & VIRTIO_NEEDS_RESET));
	pthread_mutex_unlock(&disk->lock);
	if (how > 0xf0) {
		reset(disk, features);
		return;
	}
	wait_idle(disk);
	fuzz_compare(&disk->f);
	compare_disk(disk);
	if (!r.valid)
		reset(disk, features);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct input in = { data, size };
	u64 how = take(&in, 1);
	struct disk disk;

	begin(&disk, how & 1, how & 4,
	      (how & 2 ? BLK_F_FLUSH : 0) | (how & 8 ? 0 : BLK_F_DISCARD | BLK_F_WRITE_ZEROES));
	for (unsigned i = 0; in.left && i < 40; i++)
		one_request(&disk, &in);
	blk_destroy(&disk.blk);
	fuzz_end(&disk.f);
	return 0;
}
