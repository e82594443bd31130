// SPDX-License-Identifier: MIT
#include "blk_file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "blk.h"

/* How long is what we have opened, in bytes? Or a negative errno. */
static s64 length(int fd, struct why *why)
{
	struct stat st;
	s64 bytes;

	if (fstat(fd, &st) < 0)
		return why_set(why, -errno, "%s", strerror(errno));
	if (S_ISDIR(st.st_mode))
		return why_set(why, -EISDIR, "a directory is no disk");
	if (!S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode))
		return why_set(why, -EINVAL, "neither a file nor a block device");
	bytes = lseek(fd, 0, SEEK_END);
	if (bytes < 0)
		return why_set(why, -errno, "%s", strerror(errno));
	if (bytes == 0)
		return why_set(why, -EINVAL, "it is empty");
	if (bytes % BLK_SECTOR)
		return why_set(why, -EINVAL, "%lld bytes are no whole number of sectors of %d",
			       (long long)bytes, BLK_SECTOR);
	return bytes;
}

/* The bytes that QEMU locks, and what they stand for. */
enum { BYTE_USED = 100, BYTE_UNSHARED = 200 };
enum { BYTE_READ = 0, BYTE_WRITE = 1, BYTE_RESIZE = 3 };

/* One byte: take a read lock (F_OFD_SETLK), or ask whether another has any (F_OFD_GETLK). */
static bool is_free(int fd, int cmd, short type, int byte)
{
	struct flock lock = { .l_type = type, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1 };

	if (fcntl(fd, cmd, &lock) < 0)
		return errno != EAGAIN && errno != EACCES;
	return cmd == F_OFD_SETLK || lock.l_type == F_UNLCK;
}

static bool take(int fd, int byte)
{
	return is_free(fd, F_OFD_SETLK, F_RDLCK, byte);
}

static bool has_nobody(int fd, int byte)
{
	return is_free(fd, F_OFD_GETLK, F_WRLCK, byte);
}

int blk_file_lock(int fd, bool readonly, struct why *why)
{
	/* First take all, then look: of two who come at once, one at least sees the other. */
	bool ok = take(fd, BYTE_USED + BYTE_READ) && take(fd, BYTE_UNSHARED + BYTE_WRITE) &&
		  take(fd, BYTE_UNSHARED + BYTE_RESIZE) &&
		  (readonly || take(fd, BYTE_USED + BYTE_WRITE));

	ok = ok && has_nobody(fd, BYTE_UNSHARED + BYTE_READ) &&
	     has_nobody(fd, BYTE_USED + BYTE_WRITE) && has_nobody(fd, BYTE_USED + BYTE_RESIZE) &&
	     (readonly || has_nobody(fd, BYTE_UNSHARED + BYTE_WRITE));
	return ok ? 0
		  : why_set(why, -EBUSY,
			    "in use as another disk: end that one, or say readonly on both sides");
}

int blk_file_open(const char *path, bool readonly, u64 *bytes, struct why *why)
{
	/* Not to wait for who opens the other end, if it is a pipe. */
	int fd = open(path, (readonly ? O_RDONLY : O_RDWR) | O_CLOEXEC | O_NONBLOCK), err;
	s64 len;

	if (fd < 0)
		return why_set(why, -errno, "%s", strerror(errno));
	len = length(fd, why);
	err = len < 0 ? (int)len : blk_file_lock(fd, readonly, why);
	if (err) {
		close(fd);
		return err;
	}
	*bytes = (u64)len;
	return fd;
}

/*
 * False: this file knows no such call; or, a block device of larger sectors, none of such a part.
 * Its length stays, whatever off and len are.
 */
static bool allocate(int fd, int mode, u64 off, u64 len, int *err)
{
	int result;

	do
		result = fallocate(fd, mode | FALLOC_FL_KEEP_SIZE, (off_t)off, (off_t)len);
	while (result < 0 && errno == EINTR);
	*err = result < 0 ? -errno : 0;
	return *err != -EOPNOTSUPP && *err != -ENOSYS && *err != -EINVAL;
}

int blk_file_discard(int fd, u64 off, u64 len)
{
	int err;

	return allocate(fd, FALLOC_FL_PUNCH_HOLE, off, len, &err) ? err : 0;
}

bool blk_file_zero(int fd, u64 off, u64 len, bool unmap, int *err)
{
	return (unmap && allocate(fd, FALLOC_FL_PUNCH_HOLE, off, len, err)) ||
	       allocate(fd, FALLOC_FL_ZERO_RANGE, off, len, err);
}
