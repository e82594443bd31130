/* SPDX-License-Identifier: MIT */
/*
 * Task 6.1: the PVH door of a kernel (Xen's docs/misc/pvh.pandoc, and its
 * public/arch-x86/hvm/start_info.h). The kernel is an ELF file that is loaded as any other; it is
 * entered in 32-bit protected mode, flat, without paging, and EBX points to the start info.
 */
#ifndef PVH_H
#define PVH_H

#include "initrd.h"

#define PVH_MAGIC 0x336ec578 /* "xEn3" with the 0x80 bit of the "E" set */

/* All numbers are little-endian, all addresses guest-physical. */
struct pvh_start_info {
	u32 magic;
	u32 version; /* 1: it has a memory map */
	u32 flags;   /* 0 */
	u32 modules; /* how many entries the list of modules has */
	u64 module_list;
	u64 cmdline; /* ends with a NUL; 0: there is none */
	u64 rsdp;    /* of ACPI; 0: there is none */
	u64 memory_map;
	u32 memory_map_entries;
	u32 reserved;
};

struct pvh_module {
	u64 gpa, size; /* bytes */
	u64 cmdline;   /* of the module; 0: there is none */
	u64 reserved;
};

struct pvh_memory {
	u64 gpa, size;
	u32 type; /* as in ranges.h */
	u32 reserved;
};

/* What a kernel is told, by whichever door it comes in. */
struct handover {
	struct ranges ranges;
	const char *cmdline; /* "": none */
	struct initrd initrd;
	u64 rsdp; /* 0: no ACPI */
	bool vga; /* there is a text screen */
};

/*
 * Write start info, module list, memory map and command line where layout.h says. 0; -E2BIG: the
 * command line is longer than CMDLINE_SIZE - 1 bytes; or what mem_write() says.
 */
int pvh_write(struct mem *mem, const struct handover *h);

#endif
