// SPDX-License-Identifier: MIT
#include "host_io.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define PIECES_MAX 64 /* of a call that is cut off */

struct host_io host_io;

static int asked(enum host_call call, off_t off)
{
	int err = host_io.before ? host_io.before(host_io.ctx, call, off) : 0;

	errno = err;
	return err;
}

static long done(enum host_call call, long result)
{
	int err = errno;

	if (host_io.before && host_io.after)
		host_io.after(host_io.ctx, call);
	errno = err;
	return result;
}

/* How many of the pieces are as much as a call does at most, the last of them cut off. */
static int cut_off(struct iovec *to, const struct iovec *iov, int n)
{
	size_t left = host_io.most;
	int pieces = 0;

	while (pieces < n && left) {
		to[pieces] = iov[pieces];
		if (to[pieces].iov_len > left)
			to[pieces].iov_len = left;
		left -= to[pieces++].iov_len;
	}
	return pieces;
}

static long move(long call, int fd, const struct iovec *iov, int n, off_t off)
{
	struct iovec less[PIECES_MAX];

	if (!host_io.most || n > PIECES_MAX)
		return syscall(call, fd, iov, n, off, 0);
	return syscall(call, fd, less, cut_off(less, iov, n), off, 0);
}

ssize_t preadv(int fd, const struct iovec *iov, int n, off_t off)
{
	if (asked(HOST_READ, off))
		return -1;
	return done(HOST_READ, move(SYS_preadv, fd, iov, n, off));
}

ssize_t pwritev(int fd, const struct iovec *iov, int n, off_t off)
{
	if (asked(HOST_WRITE, off))
		return -1;
	return done(HOST_WRITE, move(SYS_pwritev, fd, iov, n, off));
}

int fdatasync(int fd)
{
	return asked(HOST_SYNC, 0) ? -1 : (int)done(HOST_SYNC, syscall(SYS_fdatasync, fd));
}

int fallocate(int fd, int mode, off_t off, off_t len)
{
	if (asked(HOST_ALLOCATE, mode))
		return -1;
	return (int)done(HOST_ALLOCATE, syscall(SYS_fallocate, fd, mode, off, len));
}
