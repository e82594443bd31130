/* SPDX-License-Identifier: MIT */
/* Disk images for black-box tests: made, read again, and what was in them before. */
#ifndef DISK_H
#define DISK_H

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "nonce.h"
#include "test.h"

#define SECTOR	     512
#define DISK_SECTORS 64
#define DISK_BYTES   (DISK_SECTORS * SECTOR)

struct disk {
	char path[200], option[240]; /* "--device=blk,file=..." */
	u8 bytes[DISK_BYTES];	     /* what it should hold */
};

static inline void disk_write(const struct disk *d)
{
	FILE *f = fopen(d->path, "w");

	if (!f || fwrite(d->bytes, 1, DISK_BYTES, f) != DISK_BYTES || fclose(f))
		test_error("%s cannot be written", d->path);
}

/* Bytes that nobody knows. Behind the image more of the same, with another number. */
static inline struct disk *disk_random(void)
{
	static struct disk d;

	snprintf(d.path, sizeof(d.path), "%s", test_tmpfile("in-disk"));
	snprintf(d.option, sizeof(d.option), "--device=blk,file=%s", d.path);
	for (size_t i = 0; i < DISK_BYTES; i += 8) {
		u64 eight = nonce_random();

		memcpy(d.bytes + i, &eight, 8);
	}
	disk_write(&d);
	return &d;
}

/* Sector n holds n in each of its bytes: what the guests' headers promise from. */
static inline struct disk *disk_numbered(void)
{
	struct disk *d = disk_random();

	for (size_t i = 0; i < DISK_BYTES; i++)
		d->bytes[i] = (u8)(i / SECTOR);
	disk_write(d);
	return d;
}

/* The first 32 bits of a sector, as a guest prints them. */
static inline u32 disk_word(const struct disk *d, unsigned sector)
{
	u32 word;

	memcpy(&word, d->bytes + sector * SECTOR, 4);
	return word;
}

/* What is in the file now, and how long it is. */
static inline size_t disk_read(const struct disk *d, u8 bytes[DISK_BYTES])
{
	FILE *f = fopen(d->path, "r");
	size_t n;
	long end;

	if (!f)
		test_error("%s cannot be read", d->path);
	n = fread(bytes, 1, DISK_BYTES, f);
	if (n < DISK_BYTES)
		memset(bytes + n, 0, DISK_BYTES - n);
	fseek(f, 0, SEEK_END);
	end = ftell(f);
	fclose(f);
	return (size_t)end;
}

/* The file holds exactly what it should. */
static inline void expect_disk(const struct disk *d)
{
	static u8 now[DISK_BYTES];

	EXPECT_U64(disk_read(d, now), DISK_BYTES);
	EXPECT_BYTES(now, d->bytes, DISK_BYTES);
}

#endif
