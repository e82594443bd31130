// SPDX-License-Identifier: MIT
/*
 * A fuzzer for the disk: requests whose buffers and headers the input chooses. A model of the disk
 * and of memory says what each must come to.
 */
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "blk.h"
#include "fuzz_device.h"

#define DISK (8 * BLK_SECTOR)

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

struct disk {
	struct blk blk;
	struct fuzz f;
	u8 bytes[DISK]; /* as they must be */
};

static int make_file(const u8 *bytes)
{
	int fd = memfd_create("disk", MFD_CLOEXEC);

	must(fd >= 0 && write(fd, bytes, DISK) == DISK);
	return fd;
}

static void begin(struct disk *disk, bool readonly, u64 features)
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
}

/* Is there what the request wants, and nothing more? */
static bool on_disk(u64 sector, u64 len)
{
	return len % BLK_SECTOR == 0 && sector <= DISK / BLK_SECTOR &&
	       sector * BLK_SECTOR + len <= DISK;
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
	}
	return BLK_UNSUPP;
}

static void put_header(struct disk *disk, struct input *in, const struct request *r)
{
	static const u32 type[] = { BLK_IN, BLK_OUT, BLK_OUT, BLK_IN, BLK_FLUSH, BLK_GET_ID };
	u64 how = take(in, 1);
	struct blk_header header = { .type = type[how % ARRAY_SIZE(type)],
				     .sector = take(in, 1) % 10 };
	u8 *at = (u8 *)&header;

	if (how > 0xe0)
		header.type = (u32)take(in, 4);
	if (how > 0xc0)
		header.sector = take(in, 8);
	/* Into the readable bytes, wherever they are. */
	for (unsigned i = 0, k = 0; i < r->n && k < sizeof(header); i++)
		for (u32 j = 0; !r->piece[i].write && j < r->piece[i].len && k < sizeof(header);
		     j++)
			disk->f.model[r->piece[i].gpa + j] = at[k++];
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

static void one_request(struct disk *disk, struct input *in)
{
	struct request r;
	u64 done = 0;

	if (take(in, 1) & 1)
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
	blk_notify(&disk->blk.virtio, BLK_QUEUE);
	must(r.valid == !(disk->blk.virtio.state.status & VIRTIO_NEEDS_RESET));
	fuzz_compare(&disk->f);
	compare_disk(disk);
	if (!r.valid) {
		u64 features = disk->blk.virtio.state.accepted;

		virtio_reset(&disk->blk.virtio);
		fuzz_start(&disk->f, &disk->blk.virtio, features);
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct input in = { data, size };
	u64 how = take(&in, 1);
	struct disk disk;

	begin(&disk, how & 1, how & 2 ? BLK_F_FLUSH : 0);
	for (unsigned i = 0; in.left && i < 40; i++)
		one_request(&disk, &in);
	blk_destroy(&disk.blk);
	fuzz_end(&disk.f);
	return 0;
}
