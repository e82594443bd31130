/* SPDX-License-Identifier: MIT */
/* Where things lie in the machine's memory, 64 MiB of it. (The linker reads this file, too.) */
#ifndef MACHINE_MAP_H
#define MACHINE_MAP_H

#define GUEST_SIZE 0x800000  /* 8 MiB: what each guest has */
#define HV_BASE	   0x1000000 /* 16 MiB: the hypervisor's image; below it is the first guest's */
#define PAGES_BASE 0x1800000 /* 24 MiB: the pages that page_alloc() hands out */
#define PAGES_END  0x2000000
#define NESTED_BASE \
	0x2000000 /* 32 MiB: memory of guests that have nested paging, one after another */
#define MACHINE_SIZE 0x4000000

/* What a guest in long mode finds in its memory, as in lab 02: a GDT and page tables. */
#define GUEST_GDT  0x8000
#define GUEST_PML4 0x9000
#define GUEST_PDPT 0xa000
#define GUEST_PD   0xb000

/* A flat image is loaded and entered here. */
#define GUEST_FLAT 0x1000

/* Selectors, the hypervisor's and those of a guest in long mode. */
#define SEL_CODE 0x08
#define SEL_DATA 0x10
#define SEL_TSS	 0x18 /* the hypervisor's */

#endif
