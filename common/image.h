/* SPDX-License-Identifier: MIT */
#ifndef IMAGE_H
#define IMAGE_H

#include "options.h"
#include "types.h"
#include "why.h"

#define FLAT_LOAD_GPA	   0x1000 /* where a flat image is loaded and entered */
#define IMAGE_SEGMENTS_MAX 16

enum image_kind { IMAGE_FLAT, IMAGE_ELF32, IMAGE_ELF64 };

/* One piece of the image: filesz bytes at data go to paddr; the rest up to memsz is zero. */
struct image_segment {
	u64 paddr;  /* guest-physical address, bytes */
	u64 filesz; /* bytes */
	u64 memsz;  /* bytes, at least filesz; paddr + memsz does not wrap */
	const u8 *data;
};

struct image {
	enum image_kind kind;
	u8 *bytes; /* the whole file, owned */
	u64 size;
	u64 entry; /* flat: FLAT_LOAD_GPA; ELF: e_entry, 0 if there is none */
	bool has_pvh;
	u64 pvh_entry; /* from the PVH note: entered in 32-bit protected mode */
	unsigned nsegments;
	struct image_segment segment[IMAGE_SEGMENTS_MAX];
};

/*
 * Read a guest image. What begins with the ELF magic must be a sound x86 ELF file whose loadable
 * segments lie in the file; all else is a flat binary. A file larger than max bytes is refused
 * before it is read. Returns 0, or a negative errno with why set; close it with image_close().
 */
int image_open(struct image *image, const char *path, u64 max, struct why *why);

/* As image_open(), for a file that is in memory already; takes ownership of bytes (malloc). */
int image_parse(struct image *image, u8 *bytes, u64 size, struct why *why);

void image_close(struct image *image);

/*
 * In which mode and at which guest-physical address the image starts, given what --mode asks for.
 * A flat image starts in real mode. An ELF64 has two doors: e_entry for long mode (the default),
 * the PVH note for 32-bit protected mode. An ELF32 starts in protected mode.
 * Returns 0, or -EINVAL with why set if the image has no door for that mode.
 */
int image_entry(const struct image *image, enum cpu_mode asked, enum cpu_mode *mode, u64 *entry,
		struct why *why);

#endif
