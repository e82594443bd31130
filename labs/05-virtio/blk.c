// SPDX-License-Identifier: MIT
#include "blk.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "blk_clear.h"
#include "blk_file.h"
#include "todo.h"

/* [book:5.6] */
enum blk_status blk_flush(struct blk *blk)
{
	/* TASK 5.6 */
#if SOL >= 506
	int err;

	do
		err = fdatasync(blk->fd);
	while (err && errno == EINTR);
	if (err)
		__atomic_store_n(&blk->lost, true, __ATOMIC_RELAXED);
	return __atomic_load_n(&blk->lost, __ATOMIC_RELAXED) ? BLK_IOERR : BLK_OK;
#else
	return (TODO("5.6"), BLK_IOERR);
#endif
}

/* TASK 5.6 */
#if SOL >= 506
/* The bytes from `off` on, `len` of them, of a row of pieces: a row again. Returns its length. */
static int cut(struct iovec *to, const struct iovec *from, unsigned n, u64 off, u64 len)
{
	int pieces = 0;

	for (unsigned i = 0; i < n && len; i++) {
		u64 part;

		if (off >= from[i].iov_len) {
			off -= from[i].iov_len;
			continue;
		}
		part = min_u64(len, from[i].iov_len - off);
		to[pieces++] = (struct iovec){ (u8 *)from[i].iov_base + off, part };
		len -= part;
		off = 0;
	}
	return pieces;
}

/* 5.2.6.1. No sum and no product of what the driver says: they could wrap. */
static bool on_disk(const struct blk *blk, u64 sector, u64 bytes)
{
	u64 capacity = blk->config.capacity;

	return bytes % BLK_SECTOR == 0 && sector <= capacity &&
	       bytes / BLK_SECTOR <= capacity - sector;
}

static enum blk_status read_sectors(struct blk *blk, const struct chain *c, u64 sector, u64 *done)
{
	u64 len = c->write_len - 1; /* the status is no data */
	struct iovec iov[VQ_IOV_MAX];

	if (!on_disk(blk, sector, len))
		return BLK_IOERR;
	while (*done < len) {
		u64 part = min_u64(len - *done, BLK_PIECE);
		int pieces = cut(iov, c->iov + c->nread, c->nwrite, *done, part);
		ssize_t n;

		if (*done && virtio_is_cut_off(&blk->virtio))
			return BLK_IOERR;
		n = preadv(blk->fd, iov, pieces, (off_t)(sector * BLK_SECTOR + *done));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return BLK_IOERR; /* 0: the file has become shorter */
		*done += n;
	}
	return BLK_OK;
}

static enum blk_status write_sectors(struct blk *blk, const struct chain *c, u64 sector)
{
	u64 len = c->read_len - sizeof(struct blk_header), gone = 0;
	struct iovec iov[VQ_IOV_MAX];

	if (blk->readonly || !on_disk(blk, sector, len))
		return BLK_IOERR;
	while (gone < len) {
		u64 part = min_u64(len - gone, BLK_PIECE);
		int pieces = cut(iov, c->iov, c->nread, sizeof(struct blk_header) + gone, part);
		ssize_t n;

		if (gone && virtio_is_cut_off(&blk->virtio))
			return BLK_IOERR;
		n = pwritev(blk->fd, iov, pieces, (off_t)(sector * BLK_SECTOR + gone));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return BLK_IOERR;
		gone += n;
	}
	return (blk->virtio.state.accepted & BLK_F_FLUSH) ? BLK_OK : blk_flush(blk);
}
#endif

enum blk_status blk_request(struct blk *blk, const struct chain *c, u64 *done)
{
	/* TASK 5.6 */
#if SOL >= 506
	struct blk_header header;

	*done = 0;
	if (chain_read(c, 0, &header, sizeof(header)) < sizeof(header))
		return BLK_IOERR;
	switch (header.type) {
	case BLK_IN:
		return read_sectors(blk, c, header.sector, done);
	case BLK_OUT:
		return write_sectors(blk, c, header.sector);
	case BLK_FLUSH:
		return blk_flush(blk);
	case BLK_GET_ID:
		*done = chain_write(c, 0, blk->id, min_u64(BLK_ID_LEN, c->write_len - 1));
		return BLK_OK;
	case BLK_DISCARD:
	case BLK_WRITE_ZEROES:
		return blk_clear(blk, c, header.type);
	default:
		return BLK_UNSUPP;
	}
#else
	*done = 0;
	return (TODO("5.6"), BLK_UNSUPP);
#endif
}

void blk_finish(struct blk *blk, const struct chain *c, enum blk_status status, u64 done)
{
	/* TASK 5.6 */
#if SOL >= 506
	u8 byte = (u8)status;

	if (c->write_len) {
		chain_write(c, c->write_len - 1, &byte, 1);
		done += done == c->write_len - 1;
	}
	virtio_push(&blk->virtio, BLK_QUEUE, c, (u32)done);
#else
	TODO("5.6");
#endif
}

void blk_do(struct blk *blk, const struct chain *c)
{
	/* TASK 5.6 */
#if SOL >= 506
	enum blk_status status = BLK_IOERR;
	u64 done = 0;

	if (c->write_len)
		status = blk_request(blk, c, &done);
	blk_finish(blk, c, status, done);
#else
	TODO("5.6");
#endif
}

void blk_notify(struct virtio *v, unsigned queue)
{
	/* TASK 5.6 */
#if SOL >= 506
	struct blk *blk = container_of(v, struct blk, virtio);
	struct chain c;

	while (virtio_pop(v, queue, &c))
		blk_do(blk, &c);
	virtio_interrupt(v, queue);
#else
	TODO("5.6");
#endif
}
/* [book:end] */
