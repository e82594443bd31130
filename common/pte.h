/* SPDX-License-Identifier: MIT */
/* Page-table entries of 4-level paging: SDM 3A, 4.5, tables 4-14 to 4-20. */
#ifndef PTE_H
#define PTE_H

#include "types.h"

#define PTE_P	(1ULL << 0)  /* present */
#define PTE_RW	(1ULL << 1)  /* writable */
#define PTE_US	(1ULL << 2)  /* user mode may */
#define PTE_PWT (1ULL << 3)  /* write-through */
#define PTE_PCD (1ULL << 4)  /* not cached */
#define PTE_A	(1ULL << 5)  /* accessed */
#define PTE_D	(1ULL << 6)  /* dirty; in a leaf only */
#define PTE_PS	(1ULL << 7)  /* in a PD or PDPT entry: a large page, and no table below */
#define PTE_G	(1ULL << 8)  /* global; in a leaf only */
#define PTE_NX	(1ULL << 63) /* not executable */

#define PTE_ADDR 0x000ffffffffff000ULL /* bits 51:12: where the next table or the page lies */

#define TABLE_ENTRIES 512 /* of 8 bytes: one page */

/*
 * Levels are numbered as the manuals do, from the page upwards: 1 is the page table, 2 the page
 * directory, 3 the page-directory-pointer table, 4 the PML4. An entry of level n covers:
 */
#define LEVEL_SHIFT(level) (12 + 9 * ((level)-1))
#define LEVEL_SIZE(level)  (1ULL << LEVEL_SHIFT(level)) /* 4 KiB, 2 MiB, 1 GiB, 512 GiB */

/* Which entry of its table stands for an address: bits 20:12, 29:21, 38:30 or 47:39. */
#define LEVEL_INDEX(addr, level) ((unsigned)((addr) >> LEVEL_SHIFT(level)) & (TABLE_ENTRIES - 1))

/* Bits 63:48 repeat bit 47: all others are no addresses (SDM 1, 3.3.7.1). */
static inline bool is_canonical(u64 gva)
{
	return (u64)((s64)(gva << 16) >> 16) == gva;
}

#endif
