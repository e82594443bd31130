// SPDX-License-Identifier: MIT
#include "blk_clear.h"

#include <errno.h>
#include <unistd.h>

#include "blk_file.h"

/* The segments of the request, each copied once. Returns how many; 0: the data are not such. */
static unsigned segments(const struct chain *c, struct blk_segment segment[BLK_CLEAR_SEGMENTS])
{
	u64 len = c->read_len - sizeof(struct blk_header);

	if (len % sizeof(*segment) || len > sizeof(*segment) * BLK_CLEAR_SEGMENTS)
		return 0;
	return (unsigned)(chain_read(c, sizeof(struct blk_header), segment, len) /
			  sizeof(*segment));
}

static bool on_disk(const struct blk *blk, const struct blk_segment *s)
{
	u64 capacity = blk->config.capacity;

	return s->sectors <= BLK_CLEAR_SECTORS_MAX && s->sector <= capacity &&
	       s->sectors <= capacity - s->sector;
}

/* For a host that has no call for it. */
static enum blk_status write_zeros(struct blk *blk, u64 off, u64 len)
{
	static const u8 zeros[KiB(64)];

	for (u64 gone = 0; gone < len;) {
		u64 part = min_u64(len - gone, sizeof(zeros));
		ssize_t n;

		if (gone && virtio_is_cut_off(&blk->virtio))
			return BLK_IOERR;
		n = pwrite(blk->fd, zeros, part, (off_t)(off + gone));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return BLK_IOERR;
		gone += n;
	}
	return BLK_OK;
}

static enum blk_status clear(struct blk *blk, const struct blk_segment *s, u32 type)
{
	u64 off = s->sector * BLK_SECTOR, len = (u64)s->sectors * BLK_SECTOR;
	int err;

	if (len == 0)
		return BLK_OK;
	if (type == BLK_DISCARD)
		err = blk_file_discard(blk->fd, off, len);
	else if (!blk_file_zero(blk->fd, off, len, s->flags & BLK_SEGMENT_UNMAP, &err))
		return write_zeros(blk, off, len);
	return err ? BLK_IOERR : BLK_OK;
}

/* What blk_flush() does; but that calls nothing here, and so this calls nothing there. */
static enum blk_status for_good(struct blk *blk)
{
	int err;

	do
		err = fdatasync(blk->fd);
	while (err && errno == EINTR);
	if (!err)
		return BLK_OK;
	__atomic_store_n(&blk->lost, true, __ATOMIC_RELAXED);
	return BLK_IOERR;
}

enum blk_status blk_clear(struct blk *blk, const struct chain *c, u32 type)
{
	u64 accepted = blk->virtio.state.accepted;
	struct blk_segment segment[BLK_CLEAR_SEGMENTS];
	unsigned n = segments(c, segment);
	enum blk_status status = BLK_OK;

	if (!(accepted & (type == BLK_DISCARD ? BLK_F_DISCARD : BLK_F_WRITE_ZEROES)))
		return BLK_UNSUPP;
	for (unsigned i = 0; i < n; i++)
		if (segment[i].flags & ~(type == BLK_DISCARD ? 0 : BLK_SEGMENT_UNMAP))
			return BLK_UNSUPP;
	if (blk->readonly || n == 0)
		return BLK_IOERR;
	for (unsigned i = 0; i < n; i++)
		if (!on_disk(blk, &segment[i]))
			return BLK_IOERR;
	for (unsigned i = 0; i < n && status == BLK_OK; i++) {
		if (i && virtio_is_cut_off(&blk->virtio))
			return BLK_IOERR;
		status = clear(blk, &segment[i], type);
	}
	if (status == BLK_OK && type == BLK_WRITE_ZEROES && !(accepted & BLK_F_FLUSH))
		return for_good(blk);
	return status;
}
