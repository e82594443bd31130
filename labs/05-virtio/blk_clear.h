/* SPDX-License-Identifier: MIT */
/* Given: requests that clear sectors of a disk: BLK_DISCARD and BLK_WRITE_ZEROES (5.2.6). */
#ifndef BLK_CLEAR_H
#define BLK_CLEAR_H

#include "blk.h"

#define BLK_CLEAR_SECTORS_MAX (1U << 21) /* of one segment: 1 GiB */
#define BLK_CLEAR_SEGMENTS    16	 /* of one request at most */
#define BLK_CLEAR_ALIGNMENT   8 /* sectors: a page, the least of which a host's file frees */

/* 5.2.6: what the data of such a request consist of. */
struct blk_segment {
	u64 sector;
	u32 sectors, flags;
};

#define BLK_SEGMENT_UNMAP                                                       \
	1 /* in flags, of BLK_WRITE_ZEROES only: the sectors may be deallocated \
	   */

/*
 * Do such a request, all but its status. Returns BLK_UNSUPP if the driver has not accepted the
 * feature, and for flags that are not known, of which UNMAP is one in BLK_DISCARD. BLK_IOERR, and
 * nothing is done, if the disk is readonly; if the data are not whole segments, or more than the
 * configuration allows; if a segment is longer than that, or not wholly on the disk. BLK_IOERR,
 * too, for what the host's file cannot do, and if the run is cut off meanwhile.
 *
 * After BLK_WRITE_ZEROES the sectors are zeros; without BLK_F_FLUSH, for good. After BLK_DISCARD
 * they may be anything.
 */
enum blk_status blk_clear(struct blk *blk, const struct chain *c, u32 type);

#endif
