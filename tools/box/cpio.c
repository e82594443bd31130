// SPDX-License-Identifier: MIT
#include "cpio.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define HEADER	110 /* "070701" and 13 fields of 8 hexadecimal digits */
#define TRAILER "TRAILER!!!"

/* The places of those fields that are read here. */
enum { F_MODE = 1, F_UID = 2, F_SIZE = 6, F_NAMESIZE = 11, FIELDS = 13 };

void cpio_append(struct cpio *c, const void *data, size_t size)
{
	size_t room = c->room ? c->room : 65536;
	uint8_t *grown;

	if (c->err)
		return;
	while (room < c->size + size)
		room *= 2;
	if (room != c->room) {
		grown = realloc(c->data, room);
		if (!grown) {
			c->err = -ENOMEM;
			return;
		}
		c->data = grown;
		c->room = room;
	}
	if (size)
		memcpy(c->data + c->size, data, size);
	c->size += size;
}

static void pad(struct cpio *c)
{
	cpio_append(c, "\0\0\0", (4 - c->size % 4) % 4);
}

static void member(struct cpio *c, const char *name, mode_t mode, dev_t device, const void *data,
		   size_t size)
{
	char header[HEADER + 1];

	while (*name == '/')
		name++;
	if (size > UINT32_MAX) {
		c->err = -EFBIG;
		return;
	}
	snprintf(header, sizeof(header),
		 "070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X", ++c->inode, mode,
		 c->owner, c->owner, 1, 0, (unsigned)size, 0, 0, major(device), minor(device),
		 (unsigned)strlen(name) + 1, 0);
	cpio_append(c, header, HEADER);
	cpio_append(c, name, strlen(name) + 1);
	pad(c);
	cpio_append(c, data, size);
	pad(c);
}

void cpio_add(struct cpio *c, const char *name, mode_t mode, const void *data, size_t size)
{
	member(c, name, mode, 0, data, size);
}

void cpio_add_node(struct cpio *c, const char *name, mode_t mode, dev_t device)
{
	member(c, name, mode, device, NULL, 0);
}

void cpio_add_file(struct cpio *c, const char *name, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	uint8_t *data = NULL;
	struct stat st;

	if (fd < 0 || fstat(fd, &st)) {
		c->err = c->err ? c->err : -errno;
	} else if (!S_ISREG(st.st_mode)) {
		c->err = c->err ? c->err : -EINVAL;
	} else if (!(data = malloc(st.st_size + 1))) {
		c->err = c->err ? c->err : -ENOMEM;
	} else {
		size_t have = 0;
		ssize_t n;

		while (have < (size_t)st.st_size &&
		       (n = read(fd, data + have, st.st_size - have)) > 0)
			have += n;
		member(c, name, S_IFREG | (st.st_mode & 0777), 0, data, have);
	}
	free(data);
	if (fd >= 0)
		close(fd);
}

void cpio_add_parents(struct cpio *c, const char *name)
{
	char path[4096];

	while (*name == '/')
		name++;
	snprintf(path, sizeof(path), "%s", name);
	for (char *p = path; (p = strchr(p, '/')); p++) {
		*p = 0;
		member(c, path, S_IFDIR | 0755, 0, NULL, 0);
		*p = '/';
	}
}

void cpio_end(struct cpio *c)
{
	member(c, TRAILER, 0, 0, NULL, 0);
}

void cpio_free(struct cpio *c)
{
	free(c->data);
	*c = (struct cpio){ 0 };
}

static int fields(const uint8_t *header, uint32_t field[FIELDS])
{
	if (memcmp(header, "070701", 6) != 0)
		return -EINVAL;
	for (int i = 0; i < FIELDS; i++) {
		char digits[9] = "", *end;

		memcpy(digits, header + 6 + 8 * i, 8);
		field[i] = strtoul(digits, &end, 16);
		if (*end)
			return -EINVAL;
	}
	return 0;
}

int cpio_next(const uint8_t *data, size_t size, size_t *at, struct cpio_member *m)
{
	uint32_t field[FIELDS];
	size_t name = *at + HEADER, body;

	if (*at > size || size - *at < HEADER || fields(data + *at, field))
		return -EINVAL;
	if (!field[F_NAMESIZE] || field[F_NAMESIZE] > size - name ||
	    data[name + field[F_NAMESIZE] - 1])
		return -EINVAL;
	body = (name + field[F_NAMESIZE] + 3) & ~(size_t)3;
	if (body > size || field[F_SIZE] > size - body)
		return -EINVAL;
	*m = (struct cpio_member){
		.name = (const char *)data + name,
		.mode = field[F_MODE],
		.uid = field[F_UID],
		.data = data + body,
		.size = field[F_SIZE],
	};
	*at = (body + field[F_SIZE] + 3) & ~(size_t)3;
	return strcmp(m->name, TRAILER) ? 1 : 0;
}
