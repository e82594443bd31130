/* SPDX-License-Identifier: MIT */
/*
 * Task 5.6: a disk (virtio 1.2, 5.2). Its sectors lie in a file of the host; they travel between
 * that and the driver's buffers without a copy in between.
 */
#ifndef BLK_H
#define BLK_H

#include "blk_pool.h"
#include "virtio.h"
#include "why.h"

#define BLK_ID	   2
#define BLK_QUEUE  0
#define BLK_SECTOR 512 /* bytes; the unit of sector numbers, of capacity and of data */
#define BLK_ID_LEN 20
#define BLK_PIECE  MiB(4) /* bytes that one preadv() or pwritev() moves at most */

#define BLK_F_SEG_MAX	   (1ULL << 2)
#define BLK_F_RO	   (1ULL << 5)
#define BLK_F_FLUSH	   (1ULL << 9)
#define BLK_F_DISCARD	   (1ULL << 13)
#define BLK_F_WRITE_ZEROES (1ULL << 14)

/* What a request is about, and how it went (5.2.6). */
enum blk_type {
	BLK_IN = 0,
	BLK_OUT = 1,
	BLK_FLUSH = 4,
	BLK_GET_ID = 8,
	BLK_DISCARD = 11,
	BLK_WRITE_ZEROES = 13,
};
enum blk_status { BLK_OK = 0, BLK_IOERR = 1, BLK_UNSUPP = 2 };

/* 5.2.6: the beginning of each request. Data follow, and a status byte that we write. */
struct blk_header {
	u32 type, reserved;
	u64 sector;
};

/* 5.2.4, as far as our features go. */
struct blk_config {
	u64 capacity; /* sectors */
	u32 size_max;
	u32 seg_max;   /* pieces of data in one request */
	u32 others[5]; /* of features that we do not have */
	u32 max_discard_sectors, max_discard_seg;
	u32 discard_sector_alignment; /* sectors */
	u32 max_write_zeroes_sectors, max_write_zeroes_seg;
	u8 write_zeroes_may_unmap, unused[3];
};
#define BLK_CONFIG_SIZE 60
_Static_assert(offsetof(struct blk_config, unused) + 3 == BLK_CONFIG_SIZE, "5.2.4");

struct blk {
	struct virtio virtio;
	struct blk_config config;
	int fd; /* of the file; -1: none */
	bool readonly;
	bool lost;	       /* atomic: a flush has failed */
	char id[BLK_ID_LEN];   /* padded with zeros, without one behind it if it is that long */
	bool wants_pool;       /* threads=2: blk_pool_start() is due when all files are open */
	struct blk_pool *pool; /* NULL: who serves the queue does all requests */
};

/*
 * Given: open the file, or block device, at path as this disk. Its length is the disk's. While we
 * have it, it can be nobody else's disk, but any number of readonly ones: blk_file_lock(). Returns
 * 0, or a negative errno with the reason in why; fd is -1 then.
 */
int blk_init(struct blk *blk, struct mem *mem, const char *path, bool readonly, struct why *why);
void blk_destroy(struct blk *blk);

/*
 * [task 5.6] All that was written is there for good: fdatasync(), once more if that was interrupted
 * (EINTR). BLK_OK or BLK_IOERR. [task 5.12] The host tells of a write that it has lost but once, to
 * one of those who ask: so this is noted in blk->lost, and from then on each flush fails. Two
 * threads may be here at a time.
 */
enum blk_status blk_flush(struct blk *blk);

/*
 * [task 5.6] Do one request, all but its status byte: c->write_len is at least 1, and the last of
 * those bytes is the status's. The header is the first 16 readable bytes, and data is what remains
 * of the readable or of the writable part. How the driver has cut that into buffers means nothing
 * (2.7.4.1). *done: bytes of the writable part, from its beginning, that have been written.
 *
 * BLK_IN, BLK_OUT: read or write config.capacity's sectors at sector. Data are a whole number of
 * sectors, wholly inside the disk. Where the host does a part of it, or is interrupted (EINTR), it
 * goes on; where its file cannot do it, is shorter than it was, or full, that is BLK_IOERR. Nothing
 * is written if the disk is readonly. If the driver has not accepted BLK_F_FLUSH, a write is on the
 * disk for good before it is done (5.2.6.2).
 *
 * [task 5.12] Two threads may be here at a time, without the device's lock: so this changes nothing
 * but the chain's memory and the file. No static buffer, and no position in the file (lseek(2)).
 * BLK_FLUSH: blk_flush().
 * BLK_GET_ID: id, cut off where the room for data ends.
 * BLK_DISCARD, BLK_WRITE_ZEROES: blk_clear(), which is given.
 *
 * A request may be 4 GiB long: one call of the host's moves at most BLK_PIECE bytes of it, and if
 * virtio_is_cut_off() before another such piece, that is BLK_IOERR.
 *
 * Returns BLK_OK; BLK_IOERR for what cannot be done, and for a request without a whole header;
 * BLK_UNSUPP for a type that we do not know.
 */
enum blk_status blk_request(struct blk *blk, const struct chain *c, u64 *done);

/*
 * [task 5.6] A request has been done: write its status and give the chain back. Of what was written
 * to it only what is there from the beginning counts: the status only if data fill all before it.
 * Without room for a status none is written, and nothing counts.
 */
void blk_finish(struct blk *blk, const struct chain *c, enum blk_status status, u64 done);

/*
 * [task 5.6] Do this request, and blk_finish() it. Without room for a status nothing is done, and
 * it goes back all the same.
 */
void blk_do(struct blk *blk, const struct chain *c);

/*
 * [task 5.6] The driver has notified the queue: blk_do() each request there is. One interrupt for
 * all. (A disk with a pool has blk_pool_notify() instead.)
 */
void blk_notify(struct virtio *v, unsigned queue);

#endif
