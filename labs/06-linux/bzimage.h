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
	struct setup_header header;
	const u8 *code; /* the protected-mode part */
	u64 code_size;	/* bytes */
	u64 load_gpa;	/* where it goes, and is entered */
	u64 end_gpa;	/* up to here the kernel needs memory until it is unpacked */
};

/*
 * Look at the file's header. 0, or -ENOEXEC with why: no "HdrS" at 0x202; protocol older than 2.06
 * (no cmdline_size), not LOADED_HIGH (a zImage), the setup part or the header reach behind the
 * file's end, nothing behind the setup part, or fewer bytes than syssize has paragraphs of 16 (of
 * the last one some may be missing). No field is believed before it is checked.
 */
int bzimage_parse(struct bzimage *bz, const u8 *file, u64 size, struct why *why);

/*
 * Put the protected-mode part, the command line, the initrd and the zero page into memory. 0;
 * -EFBIG with why and the numbers, if the kernel has no room, or a command line longer than
 * cmdline_size; or what mem_write() says.
 */
int bzimage_load(const struct bzimage *bz, struct mem *mem, struct handover *h, struct why *why);

#endif
