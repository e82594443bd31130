// SPDX-License-Identifier: MIT
#include "host_io.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

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

ssize_t preadv(int fd, const struct iovec *iov, int n, off_t off)
{
	if (asked(HOST_READ, off))
		return -1;
	return done(HOST_READ, syscall(SYS_preadv, fd, iov, n, off, 0));
}

ssize_t pwritev(int fd, const struct iovec *iov, int n, off_t off)
{
	if (asked(HOST_WRITE, off))
		return -1;
	return done(HOST_WRITE, syscall(SYS_pwritev, fd, iov, n, off, 0));
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
