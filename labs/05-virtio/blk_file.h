/* SPDX-License-Identifier: MIT */
/* Given: the host's side of a disk: its file, who else may have that, and how parts of it go. */
#ifndef BLK_FILE_H
#define BLK_FILE_H

#include "types.h"
#include "why.h"

/*
 * Open the file, or block device, at path. Its length in bytes, whole sectors, goes to *bytes.
 * While it is open it can be nobody else's disk, but any number of readonly ones: neither ours nor
 * QEMU's, whose locks it takes (blk_file_lock()). Returns the descriptor, or a negative errno with
 * the reason in why.
 */
int blk_file_open(const char *path, bool readonly, u64 *bytes, struct why *why);

/*
 * Lock what fd is open on as QEMU does: a read lock (F_OFD_SETLK) on byte 100 + n says that we do
 * what n stands for, one on byte 200 + n that nobody else may; n is 0 to read, 1 to write, 3 to
 * change the length. It is -EBUSY, with why, if somebody else does what we do not allow or does not
 * allow what we do. A file system without locks is no reason to refuse. The locks end with fd.
 */
int blk_file_lock(int fd, bool readonly, struct why *why);

/*
 * The bytes from off on, len of them and inside the file, are not needed any more: the host may
 * have back what they take up. One that cannot take it does nothing. 0 or a negative errno.
 */
int blk_file_discard(int fd, u64 off, u64 len);

/*
 * The bytes from off on, len of them and inside the file, are zeros; unmap: they need not take up
 * anything. False if the host knows no such call for this file: they have to be written then.
 * *err: 0 or a negative errno.
 */
bool blk_file_zero(int fd, u64 off, u64 len, bool unmap, int *err);

#endif
