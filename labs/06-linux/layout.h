/* SPDX-License-Identifier: MIT */
/* Where the loaders leave what a kernel reads before it has memory of its own (guest-physical). */
#ifndef LAYOUT_H
#define LAYOUT_H

#define PVH_INFO_GPA	0x6000 /* hvm_start_info; behind it the module's entry, and the memory map */
#define ZERO_PAGE_GPA	0x7000 /* struct boot_params, of a bzImage */
#define CMDLINE_GPA	0x20000
#define CMDLINE_SIZE	0x10000 /* bytes, the NUL included */
#define LEGACY_ROM_GPA	0xc0000 /* up to 1 MiB: where a PC has its option ROMs and its BIOS */
#define LEGACY_ROM_SIZE 0x40000
#define ACPI_GPA	0xe0000 /* the tables, the RSDP first; ACPI 6.4, 5.2.5.1: a kernel looks here */
#define ACPI_SIZE	0x10000

#endif
