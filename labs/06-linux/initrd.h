/* SPDX-License-Identifier: MIT */
#ifndef INITRD_H
#define INITRD_H

#include "ranges.h"
#include "why.h"

/* A file that the kernel gets beside itself: --initrd. */
struct initrd {
	int fd;	  /* -1: none (size says so, too: 0) */
	u64 size; /* bytes */
	u64 gpa;  /* where it lies: initrd_load() */
};

/* Given: open it, before the VMM gives up its files. NULL: there is none. 0 or -errno, with why. */
int initrd_open(struct initrd *initrd, const char *path, struct why *why);

/*
 * Put it as high into RAM as it goes, on a page of its own: its last byte at `limit` - 1 at most,
 * its first at `floor` or above, where the kernel ends that is unpacked (guest-physical).
 * 0 (a size of 0: there is none); -EFBIG with why if there is no room for its bytes and one page,
 * which rounding may cost (how many bytes it has, as "10000 bytes"; the two addresses between which
 * there is no room, in hexadecimal; and --memory, if more of it would help: not where the limit is
 * what binds, nor for more than MEMORY_MAX); -EIO with why if the file has become shorter than it
 * was when it was opened; or what pread(2) said, with why. Without room nothing is written.
 * (What is said is printed behind the kernel's name: "its initrd ...".)
 */
int initrd_load(struct initrd *initrd, struct mem *mem, const struct ranges *r, u64 floor,
		u64 limit, struct why *why);

void initrd_close(struct initrd *initrd);

#endif
