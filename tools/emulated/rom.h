/* SPDX-License-Identifier: MIT */
/*
 * A ROM that brings a kernel with a PVH door, its start info and one module into the memory of a
 * machine without firmware. labs/08-type1/rom.S is what runs there; the numbers are its own, too.
 */
#ifndef EMULATED_ROM_H
#define EMULATED_ROM_H

#include "image.h"

#define ROM_SIZE KiB(512)
#define ROM_CODE PAGE_SIZE_4K /* its last page: what rom.S becomes */

struct rom_parts {
	const char *code;	   /* a file of ROM_CODE bytes */
	const struct image *image; /* has_pvh */
	const u8 *module;	   /* becomes the one module; NULL: there is none */
	u64 module_size;
	const char *cmdline; /* "": none */
	u64 memory;	     /* bytes of RAM, from 0 on */
	u32 feature_control; /* what firmware leaves in IA32_FEATURE_CONTROL; 0: it does not */
};

/*
 * Fill rom, ROM_SIZE bytes. The module goes as high as it can, on a page.
 * 0; -EFBIG: the parts do not fit; or why the code cannot be read; with why set.
 */
int rom_build(u8 *rom, const struct rom_parts *p, struct why *why);

#endif
