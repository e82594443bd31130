/* SPDX-License-Identifier: MIT */
/*
 * Task 6.2: a bzImage, as distributions ship their kernels: 16-bit setup code that nobody runs
 * here, a header amid it, and a part that runs in 32-bit protected mode and unpacks the kernel.
 * Linux's Documentation/arch/x86/boot.rst ("boot.rst") says what the header's fields mean;
 * <asm/bootparam.h> has them as a structure.
 */
#ifndef BZIMAGE_H
#define BZIMAGE_H

#include <asm/bootparam.h>

#include "image.h"
#include "pvh.h"

/* What the header says, checked. */
struct bzimage {
	/* Where it is an old and shorter one: 0 behind its end. */
	struct setup_header header;
	const u8 *code; /* the protected-mode part */
	u64 code_size;	/* bytes */
	u64 load_gpa;	/* where it goes, and is entered */
	/*
	 * Up to here the kernel needs memory until it is unpacked, by boot.rst's init_size: from
	 * pref_address on, also if it is loaded elsewhere (where that is 0, from load_gpa on), and
	 * for all that is loaded. UINT64_MAX: its numbers add up to more.
	 */
	u64 end_gpa;
};

/*
 * Look at the file's header. 0, or -ENOEXEC with why. No field is believed before it is checked.
 * The tests look for these words in why, and for the numbers:
 *
 *	"cut off"	the file ends before the version, or in the header, or the setup part
 *			reaches to its end or behind it, so that nothing is left
 *	"has N bytes, and the file has M of them"
 *			fewer bytes behind the setup part than syssize has paragraphs of 16 (of the
 *			last one some may be missing); N is 16 times syssize, both are decimal
 *	"header"	no "HdrS" at 0x202
 *	"2.05"		the protocol, if it is older than 2.06 (no cmdline_size)
 *	"zImage"	not LOADED_HIGH
 */
int bzimage_parse(struct bzimage *bz, const u8 *file, u64 size, struct why *why);

/*
 * Put the protected-mode part, the command line, the initrd and the zero page into memory. Of the
 * header's fields that a loader writes, type_of_loader is 0xff (none of boot.rst's list); those of
 * which boot.rst says "optional" are yours to choose. 0; -EFBIG with why; or what mem_write() says,
 * with why. In why the tests look for these words, and for addresses in hexadecimal (0x...):
 *
 *	"N bytes, and this kernel takes M"	the command line is longer than M: cmdline_size, or
 *						CMDLINE_SIZE - 1 if that is less
 *	"below 1 MiB"				where it is to be loaded, which is said, too
 *	"no guest has more than 3 GiB"		it would lie, or end, behind MEMORY_MAX
 *	"it needs --memory=6M"			it ends behind this machine's memory: both ends,
 *						and how many MiB, rounded up, would do
 */
int bzimage_load(const struct bzimage *bz, struct mem *mem, struct handover *h, struct why *why);

#endif
