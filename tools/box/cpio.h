/* SPDX-License-Identifier: MIT */
/*
 * Archives in the "newc" form of cpio, the one that a Linux kernel unpacks as its initramfs: see
 * Documentation/driver-api/early-userspace/buffer-format.rst of Linux. The box uses it for all
 * that travels: the initramfs, the payload, and the files that come back.
 */
#ifndef BOX_CPIO_H
#define BOX_CPIO_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A growing archive in memory. Zero it to begin; `err` sticks (-ENOMEM, or -errno of a file). */
struct cpio {
	uint8_t *data;
	size_t size, room;
	unsigned inode;
	uid_t owner;
	int err;
};

/* Parents first: the kernel and cpio_unpack make a directory only when the archive says so. */
void cpio_add(struct cpio *c, const char *name, mode_t mode, const void *data, size_t size);
void cpio_add_node(struct cpio *c, const char *name, mode_t mode, dev_t device);
void cpio_add_file(struct cpio *c, const char *name, const char *path); /* follows links */
void cpio_add_parents(struct cpio *c, const char *name);		/* a, a/b of a/b/c */
void cpio_append(struct cpio *c, const void *data, size_t size);	/* bytes, as they are */
void cpio_end(struct cpio *c);						/* the trailer */
void cpio_free(struct cpio *c);

/* One member of an archive; data points into it. name has no leading slash. */
struct cpio_member {
	const char *name;
	mode_t mode;
	uid_t uid;
	const uint8_t *data;
	size_t size;
};

/*
 * The next member, and *at moves on. 1 with a member, 0 at the trailer, -EINVAL for what is no
 * archive: a hostile one never makes it read outside data[0..size).
 */
int cpio_next(const uint8_t *data, size_t size, size_t *at, struct cpio_member *m);

#endif
