// SPDX-License-Identifier: MIT
/*
 * What is kept between runs. Everything is made under a temporary name by whoever holds the lock,
 * and renamed when it is whole: nobody ever sees a half of it, and a lock dies with its holder.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "box.h"

int cache_dir(char dir[PATH_MAX])
{
	if (!cache_place(dir))
		return complain("no place for the prepared machine: set HOME or XDG_CACHE_HOME");
	for (char *p = dir + 1; (p = strchr(p, '/')); p++) {
		*p = 0;
		mkdir(dir, 0755);
		*p = '/';
	}
	if (mkdir(dir, 0755) && errno != EEXIST)
		return complain("%s cannot be made: %s; set XDG_CACHE_HOME to a place that can be "
				"written",
				dir, strerror(errno));
	return 0;
}

int cache_lock(const char *dir)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s/lock", dir);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0)
		return complain("%s: %s; set XDG_CACHE_HOME to a place that can be written", path,
				strerror(errno));
	if (flock(fd, LOCK_EX | LOCK_NB)) {
		progress("another run is preparing the machine; waiting for it");
		while (flock(fd, LOCK_EX) && errno == EINTR)
			;
	}
	return fd;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path) && errno != ENOENT;
}

void cache_remove(const char *path)
{
	nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* Not used for two weeks: an older QEMU's or compiler's. */
static bool old(const char *path)
{
	char recipe[PATH_MAX + 16];
	struct stat st;

	snprintf(recipe, sizeof(recipe), "%s/recipe", path);
	return stat(recipe, &st) == 0 && st.st_mtime < time(NULL) - 14 * 24 * 3600;
}

/* Is the process that made it gone? Its lock went with it. */
static bool abandoned(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool free = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0;

	if (fd >= 0)
		close(fd);
	return free;
}

/* What killed runs left behind. Under the cache's lock nothing is being made. */
static void sweep(const char *dir)
{
	struct dirent *entry;
	char path[PATH_MAX];
	DIR *list = opendir(dir);

	while (list && (entry = readdir(list))) {
		const char *name = entry->d_name;

		if (snprintf(path, sizeof(path), "%s/%s", dir, name) >= PATH_MAX)
			continue;
		if (!strncmp(name, "making-", 7) || (!strncmp(name, "box-", 4) && old(path)) ||
		    (!strncmp(name, "run-", 4) && abandoned(path)))
			cache_remove(path);
	}
	if (list)
		closedir(list);
}

int cache_run_directory(const char *dir, char run[PATH_MAX])
{
	int lock = cache_lock(dir), fd;

	if (lock < 0)
		return -1;
	sweep(dir);
	if (snprintf(run, PATH_MAX, "%s/run-XXXXXX", dir) >= PATH_MAX || !mkdtemp(run))
		return complain("%s cannot be written: %s; set XDG_CACHE_HOME to a place that can",
				dir, strerror(errno));
	fd = open(run, O_RDONLY | O_DIRECTORY | O_CLOEXEC); /* open, and so locked, to our end */
	if (fd >= 0)
		flock(fd, LOCK_EX);
	close(lock);
	return 0;
}

int cache_make_temporary(const char *dir, char temp[PATH_MAX])
{
	sweep(dir);
	if (snprintf(temp, PATH_MAX, "%s/making-XXXXXX", dir) >= PATH_MAX || !mkdtemp(temp))
		return complain("%s cannot be written: %s; set XDG_CACHE_HOME to a place that can",
				dir, strerror(errno));
	chmod(temp, 0755); /* a machine prepared once may serve others, too */
	return 0;
}

int cache_room(const char *dir, unsigned mib)
{
	struct statvfs fs;

	if (statvfs(dir, &fs) || (unsigned long long)fs.f_bavail * fs.f_frsize >= (mib + 0ULL)
											  << 20)
		return 0;
	return complain("%s has %llu MiB left and %u are needed: make room, or set XDG_CACHE_HOME "
			"to another disk",
			dir, (unsigned long long)fs.f_bavail * fs.f_frsize >> 20, mib);
}

void recipe_file(struct strings *recipe, const char *path)
{
	char line[PATH_MAX + 80];
	struct stat st;

	if (stat(path, &st))
		memset(&st, 0, sizeof(st));
	snprintf(line, sizeof(line), "%s %lld %lld.%09ld", path, (long long)st.st_size,
		 (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
	strings_add(recipe, line);
}

char *recipe_text(const struct strings *recipe)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	for (size_t i = 0; f && i < recipe->count; i++)
		fprintf(f, "%s\n", recipe->item[i]);
	if (f)
		fclose(f);
	return text;
}

unsigned long recipe_key(const char *text)
{
	unsigned long key = 0xcbf29ce484222325; /* FNV-1a */

	for (; *text; text++)
		key = (key ^ (unsigned char)*text) * 0x100000001b3;
	return key;
}

int write_file(const char *path, const void *data, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	const char *p = data;
	ssize_t n = 0;

	while (fd >= 0 && size && (n = write(fd, p, size)) > 0) {
		p += n;
		size -= n;
	}
	if (fd < 0 || n < 0 || close(fd))
		return complain("%s cannot be written: %s", path, strerror(errno));
	return 0;
}

int write_file_in(const char *dir, const char *name, const void *data, size_t size)
{
	char path[PATH_MAX + 64];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return write_file(path, data, size);
}

char *read_file(const char *path, size_t *size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *data = NULL;
	struct stat st;
	size_t have = 0;
	ssize_t n;

	if (fd >= 0 && !fstat(fd, &st) && (data = malloc(st.st_size + 1))) {
		while (have < (size_t)st.st_size &&
		       (n = read(fd, data + have, st.st_size - have)) > 0)
			have += n;
		data[have] = 0;
	}
	if (fd >= 0)
		close(fd);
	if (size)
		*size = have;
	return data;
}
