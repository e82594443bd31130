/* SPDX-License-Identifier: MIT */
/* Memory without KVM for what a kernel is told, and files for it. */
#ifndef LAB06_KERNEL_H
#define LAB06_KERNEL_H

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "layout.h"
#include "pvh.h"
#include "test.h"

#define MEMORY MiB(32)

/* A machine of MEMORY bytes, all of it RAM, but as its kernel is told of it (ranges_of()). */
struct room {
	struct mem mem;
	u8 *bytes;
	struct handover h;
};

static inline void room_init(struct room *r)
{
	*r = (struct room){ .bytes = calloc(1, MEMORY),
			    .h = { .cmdline = "", .initrd = { .fd = -1 } } };
	if (!r->bytes)
		test_error("no memory");
	r->mem = (struct mem){ .slot = { { .size = MEMORY, .hva = r->bytes } }, .nslots = 1 };
	ranges_of(&r->h.ranges, MEMORY);
}

/* The number of so many bytes at a guest-physical address, as a CPU reads it. */
static inline u64 room_number(const struct room *r, u64 gpa, unsigned bytes)
{
	u64 n = 0;

	if (gpa > MEMORY - 8)
		test_error("0x%llx is no memory", (unsigned long long)gpa);
	memcpy(&n, r->bytes + gpa, bytes);
	return n;
}

/* A file of so many bytes, none of them 0, opened as --initrd does. Returns its contents. */
static inline u8 *room_initrd(struct room *r, u64 size)
{
	const char *path = test_tmpfile("initrd");
	u8 *bytes = malloc(size);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	struct why why;

	for (u64 i = 0; i < size; i++)
		bytes[i] = (u8)(1 + (i * 7 + i / 251) % 255);
	if (fd < 0 || write(fd, bytes, size) != (ssize_t)size || close(fd) ||
	    initrd_open(&r->h.initrd, path, &why))
		test_error("%s cannot be made", path);
	return bytes;
}

#endif
