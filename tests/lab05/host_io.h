/* SPDX-License-Identifier: MIT */
/*
 * What a disk asks of the host, in the whole unit suite: each call goes by before() first, which
 * may count it, hold it up, or answer in the host's place. (Instead of libc's: unit_host_io.c.)
 */
#ifndef LAB05_HOST_IO_H
#define LAB05_HOST_IO_H

#include <sys/types.h>

enum host_call { HOST_READ, HOST_WRITE, HOST_SYNC, HOST_ALLOCATE };

struct host_io {
	/* Off: of HOST_READ and HOST_WRITE; of HOST_ALLOCATE the mode. 0, or what errno becomes. */
	int (*before)(void *ctx, enum host_call call, off_t off);
	void (*after)(void *ctx, enum host_call call); /* if the host was asked; may be NULL */
	void *ctx;
	size_t most; /* bytes that one HOST_READ or HOST_WRITE does; 0: all of them */
};

extern struct host_io host_io; /* before NULL: nobody looks; all 0: as if it were not there */

#endif
