// SPDX-License-Identifier: MIT
/* A submission by what it is: a folder, an archive, a repository. (submission.c knows none of
 * them.) */
#include "submission.h"
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "apart.h"
#include "show.h"
#include "tasks.h"

static bool is_bare_git(int fd)
{
	return !faccessat(fd, "objects", F_OK, 0) && !faccessat(fd, "HEAD", F_OK, 0) &&
	       !faccessat(fd, "refs", F_OK, 0);
}

static int read_open(struct submission *s, const char *path, int fd)
{
	struct stat st;
	int ret = 0;

	if (fstat(fd, &st))
		return -errno;
	if (S_ISDIR(st.st_mode) && is_bare_git(fd))
		ret = apart_git(s, path);
	else if (S_ISDIR(st.st_mode))
		submission_take(s, fd, read_folder);
	else if (!S_ISREG(st.st_mode))
		show_format(s->reason, sizeof(s->reason), "neither a folder nor an archive");
	else if ((u64)st.st_size > SUBMISSION_ARCHIVE_MAX)
		show_format(s->reason, sizeof(s->reason), "the archive is too large");
	else
		ret = apart_archive(s, fd);
	return ret;
}

int submission_read(struct submission *s, const struct wanted *wanted, const char *path)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY), ret;

	*s = (struct submission){ .wanted = wanted };
	if (fd < 0 && errno != ELOOP && errno != ENXIO)
		return -errno;
	if (fd < 0) {
		show_format(s->reason, sizeof(s->reason), "neither a folder nor an archive");
		return 0;
	}
	ret = read_open(s, path, fd);
	close(fd);
	return ret;
}
