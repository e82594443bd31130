// SPDX-License-Identifier: MIT
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mark.h"
#include "show.h"

#define NUMBER_MAX 4 /* "+999" */

/*
 * Whose id is taken already becomes ID+2, ID+3...: a person must see which one counts. (It is cut
 * before the number, so that an id as long as may be does not lose it, and become the other's.)
 */
static int queue(const char *folder, const char *name, const char *dir)
{
	char id[ID_MAX], path[PATH_MAX], to[PATH_MAX + ID_MAX + 10];
	int fd = -1, ret = 0;

	if (submission_id(name, id))
		return 0;
	for (unsigned n = 1; fd < 0 && n < 1000; n++) {
		show_format(to, sizeof(to), "%s/%.*s", dir,
			    n > 1 ? ID_MAX - 1 - NUMBER_MAX : ID_MAX, id);
		if (n > 1)
			show_append(to, sizeof(to), "+%u", n);
		fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (fd < 0 && errno != EEXIST)
			return -errno;
		if (n == 2)
			fprintf(stderr,
				"grade-one: %s: there are several submissions by this name\n", id);
	}
	/* (Not by show_format(): a name may hold any byte.) */
	if (snprintf(path, sizeof(path), "%s/%s", folder, name) >= (int)sizeof(path) ||
	    write(fd, path, strlen(path)) != (ssize_t)strlen(path))
		ret = -EIO;
	close(fd);
	return ret;
}

static int not_hidden(const struct dirent *entry)
{
	char id[ID_MAX];

	if (entry->d_name[0] != '.')
		return true;
	if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
	    !submission_id(entry->d_name, id))
		fprintf(stderr, "grade-one: .%s: left out, its name begins with a dot\n", id + 1);
	return false;
}

int queue_all(const char *folder, const char *dir)
{
	struct dirent **entry;
	int ret = 0, n = scandir(folder, &entry, not_hidden, alphasort);

	if (n < 0 || mkdir(dir, 0700)) {
		fprintf(stderr, "grade-one: %s: %s\n", n < 0 ? folder : dir, strerror(errno));
		return -errno;
	}
	for (int i = 0; i < n; i++) {
		if (!ret)
			ret = queue(folder, entry[i]->d_name, dir);
		free(entry[i]);
	}
	free(entry);
	return ret;
}
