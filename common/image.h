/* SPDX-License-Identifier: MIT */
#ifndef IMAGE_H
#define IMAGE_H

#include "options.h"
#include "types.h"
#include "why.h"

#define FLAT_LOAD_GPA	   0x1000 /* where a flat image is loaded and entered */
#define IMAGE_SEGMENTS_MAX 16
#define LINUX_LAB	   6 /* from this lab on, the VMM boots Linux */

enum image_kind { IMAGE_FLAT, IMAGE_ELF32, IMAGE_ELF64, IMAGE_BZIMAGE };

/* One piece of the image: filesz bytes at data go to paddr; the rest up to memsz is zero. */
struct image_segment {
	u64 vaddr;  /* where the image's own code believes this to be; flat: as paddr */
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
	u64 pvh_entry;		     /* from the PVH note: entered in 32-bit protected mode */
	bool is_dynamic, has_interp; /* ELF: it has a PT_DYNAMIC, a PT_INTERP */
	bool has_linux_abi;	     /* it has the note of a program for Linux */
	bool is_linux;		     /* its notes say that it is a Linux kernel itself */
	enum cpu_mode mode; /* how and where the guest starts, as image_entry() says: see begin.h */
	u64 start;
	unsigned lab;	 /* as in struct image_room; 0: any */
	struct why note; /* what is odd about it, to be said before the run; mostly empty */
	unsigned nsegments;
	struct image_segment segment[IMAGE_SEGMENTS_MAX];
};

/* Where a machine has RAM: from 0 on, but for a hole. */
struct image_room {
	u64 memory;	    /* where RAM ends (--memory), bytes */
	u64 hole, hole_end; /* guest-physical; no RAM from hole up to hole_end. Equal: no hole */
	unsigned lab;	    /* whose VMM this is: from 6 on it boots Linux */
};

/*
 * Read a guest image. What begins with the ELF magic must be a sound x86 ELF file whose loadable
 * segments lie in the file; all else is a flat binary. It must fit into the room, and what is
 * plainly made for another loader is refused (image_other_kind()); both are found out, where that
 * can be, before the whole file is read. Returns 0, or a negative errno with why set; close it
 * with image_close().
 */
int image_open(struct image *image, const char *path, const struct image_room *room,
	       struct why *why);

/*
 * As image_open(), for a file that is in memory already, and without looking for room; takes
 * ownership of bytes (malloc).
 */
int image_parse(struct image *image, u8 *bytes, u64 size, struct why *why);

/* Is there RAM for each of its segments? 0, or -EFBIG with why set: what would help, if anything.
 */
int image_fits(const struct image *image, const struct image_room *room, struct why *why);

void image_close(struct image *image);

/* What a 64-bit guest starts with is mapped up to here, each address to itself. */
#define IMAGE_LONG_END GiB(1)

/*
 * In which mode and at which guest-physical address the image starts, given what --mode asks for.
 * A flat image starts in real mode. An ELF64 has two doors: e_entry for long mode (the default),
 * the PVH note for 32-bit protected mode. An ELF32 starts in protected mode.
 * Returns 0, or -EINVAL with why set if the image has no door for that mode, or nothing behind it.
 */
int image_entry(const struct image *image, enum cpu_mode asked, enum cpu_mode *mode, u64 *entry,
		struct why *why);

#endif
