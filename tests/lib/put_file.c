// SPDX-License-Identifier: MIT
#include "put_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "show.h"

bool put_file_is_stream(const char *path)
{
	struct stat st;

	return !stat(path, &st) && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode);
}

/* And close. */
static int write_all(int fd, const char *data, size_t size)
{
	int ret = 0;

	while (size && !ret) {
		ssize_t n = write(fd, data, size);

		if (n >= 0) {
			data += n;
			size -= n;
		} else if (errno != EINTR) {
			ret = -errno;
		}
	}
	if (close(fd) && !ret)
		ret = -errno;
	return ret;
}

static int write_to(const char *path, int flags, const void *data, size_t size)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY | flags, 0666);

	return fd < 0 ? -errno : write_all(fd, data, size);
}

/* By a file beside it and rename(). */
static int replace(const char *path, const void *data, size_t size)
{
	char tmp[PATH_MAX + 32];
	int ret, fd;
	mode_t mask;

	show_format(tmp, sizeof(tmp), "%s.XXXXXX", path);
	fd = mkostemp(tmp, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	mask = umask(0);
	umask(mask);
	fchmod(fd, 0666 & ~mask);
	ret = write_all(fd, data, size);
	if (!ret && rename(tmp, path))
		ret = -errno;
	if (ret)
		unlink(tmp);
	return ret;
}

int put_file(const char *path, const void *data, size_t size)
{
	char real[PATH_MAX];
	int ret;

	if (put_file_is_stream(path))
		return write_to(path, 0, data, size);
	if (!realpath(path, real)) {
		struct stat st;

		if (!lstat(path, &st)) /* a link that leads to nothing yet */
			return write_to(path, O_CREAT | O_TRUNC, data, size);
		show_format(real, sizeof(real), "%s", path);
	}
	ret = replace(real, data, size);
	/* A directory that is not ours, a file that is mounted alone. */
	if ((ret == -EACCES || ret == -EPERM || ret == -EBUSY || ret == -EROFS) &&
	    !access(real, W_OK))
		ret = write_to(real, O_TRUNC, data, size);
	return ret;
}
