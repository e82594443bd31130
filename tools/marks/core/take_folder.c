// SPDX-License-Identifier: MIT
/* A folder: no link is followed, nothing is opened that is no file or folder. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "show.h"
#include "submission.h"

#define DEPTH_MAX 16

static void read_file(struct reader *r, int dir, const char *name)
{
	int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	char data[65536];
	struct stat st;
	ssize_t n;
	u64 all = 0;

	if (fd < 0 || fstat(fd, &st) || !S_ISREG(st.st_mode)) /* (it may be another one by now) */
		reader_fail(r, "a file cannot be read");
	while (fd >= 0 && !reader_failed(r) && (n = read(fd, data, sizeof(data))) > 0 &&
	       (all += n) <= 2 * SUBMISSION_FILE_MAX)
		reader_data(r, data, n);
	if (fd >= 0)
		close(fd);
}

static void read_level(struct reader *r, int fd, const char *at, unsigned depth)
{
	DIR *dir = fdopendir(fd);
	struct dirent *entry;
	char name[PATH_MAX];
	struct stat st;

	while (dir && !reader_failed(r) && (entry = readdir(dir))) {
		int inner;

		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		show_format(name, sizeof(name), "%s%s", at, entry->d_name);
		if (fstatat(fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW))
			continue;
		if (reader_member(r, name, st.st_mode & S_IFMT, st.st_size))
			read_file(r, fd, entry->d_name);
		if (!S_ISDIR(st.st_mode) || !strcmp(entry->d_name, ".git") || depth == DEPTH_MAX)
			continue;
		inner = openat(fd, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		show_append(name, sizeof(name), "/");
		if (inner >= 0)
			read_level(r, inner, name, depth + 1);
	}
	if (dir)
		closedir(dir);
}

void read_folder(struct reader *r, int fd)
{
	int own = dup(fd);

	if (own < 0)
		reader_fail(r, strerror(errno));
	else
		read_level(r, own, "", 0);
}
