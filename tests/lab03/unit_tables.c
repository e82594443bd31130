// SPDX-License-Identifier: MIT
/* Task 3.1: the entries themselves, as tables 4-14 to 4-20 of the SDM have them. */
#include <errno.h>

#include "memory.h"
#include "pagetable.h"

#define FROM 0x200000ULL
#define SIZE 0x20000ULL

static u64 table_flags = PTE_P | PTE_RW | PTE_US;

TEST("3.1", entries_of_each_level, 2)
{
	/* indexes 300, 5, 17, 400: from the top, and each differs from the others */
	const u64 va = 0xffff000000000000ULL | 300ULL << 39 | 5ULL << 30 | 17ULL << 21 |
		       400ULL << 12;
	struct fake_memory f;
	struct physmem *pm = fake_memory(&f, FROM, SIZE, 0xff);
	struct page_tables t;

	CONTEXT("a 4 KiB page by four new tables: PML4[300], PDPT[5], PD[17], PT[400]");
	EXPECT_ERR(page_tables_init(&t, pm, FROM, FROM + SIZE), 0);
	EXPECT_U64(t.root, FROM);
	EXPECT_ERR(page_tables_map(&t, va, 0xabcde000, 1, PTE_RW | PTE_NX | PTE_G), 0);
	EXPECT_U64(entry_at(&f, FROM + 8 * 300), (FROM + 0x1000) | table_flags);
	EXPECT_U64(entry_at(&f, FROM + 0x1000 + 8 * 5), (FROM + 0x2000) | table_flags);
	EXPECT_U64(entry_at(&f, FROM + 0x2000 + 8 * 17), (FROM + 0x3000) | table_flags);
	EXPECT_U64(entry_at(&f, FROM + 0x3000 + 8 * 400),
		   0xabcde000 | PTE_P | PTE_RW | PTE_G | PTE_NX);
	CONTEXT("all flags that a leaf can have");
	EXPECT_ERR(page_tables_map(&t, va + 0x1000, 0x1000, 1,
				   PTE_US | PTE_PWT | PTE_PCD | PTE_A | PTE_D),
		   0);
	EXPECT_U64(entry_at(&f, FROM + 0x3000 + 8 * 401), 0x107d);
	CONTEXT("a 2 MiB page beside it, PD[18]: a leaf with PS and no table below");
	EXPECT_ERR(page_tables_map(&t, (va & ~0x1fffffULL) + 0x200000, 0x40000000, 2, PTE_US), 0);
	EXPECT_U64(entry_at(&f, FROM + 0x2000 + 8 * 18), 0x40000000 | PTE_P | PTE_US | PTE_PS);
	CONTEXT("a 1 GiB page beside that, PDPT[6]");
	EXPECT_ERR(page_tables_map(&t, (va & ~0x3fffffffULL) + 0x40000000, 0, 3, PTE_RW), 0);
	EXPECT_U64(entry_at(&f, FROM + 0x1000 + 8 * 6), 0 | PTE_P | PTE_RW | PTE_PS);
	EXPECT_U64(t.next, FROM + 0x4000);
	CONTEXT("all other entries of the four tables are 0, in memory that was full of ones");
	for (u64 at = FROM, seen = 0; at <= t.next; at += 8) {
		if (at < t.next)
			seen += entry_at(&f, at) != 0;
		else
			EXPECT_U64(seen, 7);
	}
}

TEST("3.1", tables_are_shared, 1)
{
	struct fake_memory f;
	struct physmem *pm = fake_memory(&f, FROM, SIZE, 0);
	struct page_tables t;

	EXPECT_ERR(page_tables_init(&t, pm, FROM, FROM + SIZE), 0);
	for (u64 i = 0; i < 512; i++)
		EXPECT_ERR(page_tables_map(&t, 0x400000 + i * 0x1000, i * 0x1000, 1, 0), 0);
	CONTEXT("512 pages of one PT need four tables");
	EXPECT_U64(t.next, FROM + 0x4000);
	EXPECT_ERR(page_tables_map(&t, 0x600000, 0, 1, 0), 0);
	CONTEXT("one page more needs a fifth");
	EXPECT_U64(t.next, FROM + 0x5000);
	put_entry(&f, FROM + 0x4000 + 8, 0x1234560);
	CONTEXT("an entry without P is none, whatever else is set in it");
	EXPECT_ERR(page_tables_map(&t, 0x601000, 0x9000, 1, 0), 0);
	EXPECT_U64(entry_at(&f, FROM + 0x4000 + 8), 0x9000 | PTE_P);
}

/* What is refused, and that the memory is then as it was before. */
TEST("3.1", refusals_change_nothing, 1)
{
	static const struct {
		const char *why;
		u64 va, pa;
		u64 level, flags;
		long err;
	} row[] = {
		{ "level 4 has no pages", 0, 0, 4, 0, -EINVAL },
		{ "level 0", 0, 0, 0, 0, -EINVAL },
		{ "va in the middle of a page", 0x5008, 0x1000, 1, 0, -EINVAL },
		{ "pa in the middle of a page", 0x5000, 0x1010, 1, 0, -EINVAL },
		{ "va between two pages of 2 MiB", 0x201000, 0, 2, 0, -EINVAL },
		{ "pa between two pages of 1 GiB", 0x40000000, 0x200000, 3, 0, -EINVAL },
		{ "not canonical", 0x800000000000, 0, 1, 0, -EINVAL },
		{ "not canonical either", 0xfffe800000000000, 0, 1, 0, -EINVAL },
		{ "P is no flag to give", 0x5000, 0, 1, PTE_P, -EINVAL },
		{ "nor is PS", 0x400000, 0, 2, PTE_PS, -EINVAL },
		{ "an address bit among the flags", 0x5000, 0, 1, 0x2000, -EINVAL },
		{ "bit 9 among the flags", 0x5000, 0, 1, 1 << 9, -EINVAL },
		{ "bit 52 among the flags", 0x5000, 0, 1, 1ULL << 52, -EINVAL },
		{ "bit 62 among the flags", 0x5000, 0, 1, 1ULL << 62, -EINVAL },
		{ "pa beyond 52 bits", 0x5000, 1ULL << 52, 1, 0, -EINVAL },
		{ "mapped already", 0x1000, 0x9000, 1, 0, -EEXIST },
		{ "inside a page of 2 MiB", 0x201000, 0x9000, 1, 0, -EEXIST },
		{ "inside a page of 1 GiB", 0x40001000, 0x9000, 1, 0, -EEXIST },
		{ "a page of 2 MiB where a table is", 0, 0, 2, 0, -EEXIST },
		{ "a page of 1 GiB where a table is", 0, 0, 3, 0, -EEXIST },
	};
	struct fake_memory f;
	struct physmem *pm = fake_memory(&f, FROM, SIZE, 0);
	struct page_tables t;
	u8 *before = malloc(SIZE);

	EXPECT_ERR(page_tables_init(&t, pm, FROM, FROM + SIZE), 0);
	EXPECT_ERR(page_tables_map(&t, 0x1000, 0x7000, 1, 0), 0);
	EXPECT_ERR(page_tables_map(&t, 0x200000, 0, 2, 0), 0);
	EXPECT_ERR(page_tables_map(&t, 0x40000000, 0, 3, 0), 0);
	memcpy(before, f.bytes, SIZE);
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		CONTEXT("%s: va 0x%llx, pa 0x%llx, level %u, flags 0x%llx", row[i].why,
			(unsigned long long)row[i].va, (unsigned long long)row[i].pa,
			(unsigned)row[i].level, (unsigned long long)row[i].flags);
		EXPECT_ERR(page_tables_map(&t, row[i].va, row[i].pa, (unsigned)row[i].level,
					   row[i].flags),
			   row[i].err);
		EXPECT_BYTES(f.bytes, before, SIZE);
	}
	free(before);
}

TEST("3.1", pages_for_tables_run_out, 1)
{
	struct fake_memory f;
	struct physmem *pm = fake_memory(&f, FROM, SIZE, 0);
	struct page_tables t;

	EXPECT_ERR(page_tables_init(&t, pm, FROM, FROM), -ENOSPC);
	EXPECT_ERR(page_tables_init(&t, pm, FROM, FROM + 0x4000), 0);
	EXPECT_ERR(page_tables_map(&t, 0x1000, 0x7000, 1, PTE_RW), 0);
	CONTEXT("four tables of four are in use, and another PDPT would be the fifth");
	EXPECT_ERR(page_tables_map(&t, 1ULL << 39, 0, 1, 0), -ENOSPC);
	EXPECT_U64(entry_at(&f, FROM + 0x3008), 0x7000 | PTE_P | PTE_RW);
	CONTEXT("a page for which all tables are there still fits");
	EXPECT_ERR(page_tables_map(&t, 0x2000, 0x8000, 1, 0), 0);
	CONTEXT("an entry that leads to a table outside memory: page_tables_map() says so");
	put_entry(&f, FROM + 8 * 2, 0x8000000 | PTE_P | PTE_RW | PTE_US);
	EXPECT_ERR(page_tables_map(&t, 2ULL << 39, 0, 1, 0), -EFAULT);
	CONTEXT("pages for tables that are no memory");
	EXPECT_ERR(page_tables_init(&t, pm, FROM + SIZE, FROM + 2 * SIZE), -EFAULT);
}
