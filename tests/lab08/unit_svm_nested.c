// SPDX-License-Identifier: MIT
/* Task 8.4 on a fake CPU: the tables, the violations, and what is done about them. */
#include <errno.h>

#include "fake.h"
#include "machine_map.h"
#include "memory.h"
#include "svm.h"

static struct vmcb *begin(void)
{
	fake_amd_on();
	EXPECT_ERR(svm_init(&fake.g, GUEST_LONG, 0x100000), 0);
	EXPECT_TRUE(fake.g.nested.map && fake.g.nested.entry);
	return svm_vmcb(&fake.g);
}

/* What a CPU reads on its way to address: the entry of a level, 4 to 1. */
static u64 entry_at(u64 address, unsigned level)
{
	u64 table = svm_vmcb(&fake.g)->n_cr3, entry = 0;

	for (unsigned at_level = 4; at_level >= level; at_level--) {
		entry = *((u64 *)at(table) + LEVEL_INDEX(address, at_level));
		table = entry & PTE_ADDR;
	}
	return entry;
}

TEST("8.4", tables_that_a_user_may_walk, 2)
{
	struct vmcb *v = begin();
	struct guest *g = &fake.g;
	u64 entry;

	EXPECT_U64_AS("NP_ENABLE", v->np_enable & 1, 1);
	EXPECT_TRUE(v->n_cr3 && v->n_cr3 % PAGE_SIZE_4K == 0);
	CONTEXT("map() of 4 KiB to read and write, at 0x3000");
	EXPECT_ERR(g->nested.map(g, 0x3000, 0x777000, KiB(4), MAY_READ | MAY_WRITE), 0);
	EXPECT_U64_AS("P, RW and US of the entry", entry_at(0x3000, 1) & 7, 7);
	EXPECT_U64_AS("NX of the entry", entry_at(0x3000, 1) >> 63, 1);
	EXPECT_U64_AS("the page", entry_at(0x3000, 1) & PTE_ADDR, 0x777000);
	EXPECT_U64_AS("P, RW and US of the entry above", entry_at(0x3000, 2) & 7, 7);
	CONTEXT("map() of 2 MiB to read and to run, at 0x400000");
	EXPECT_ERR(g->nested.map(g, 0x400000, 0x800000, MiB(2), MAY_READ | MAY_FETCH), 0);
	entry = entry_at(0x400000, 2);
	EXPECT_U64_AS("P, RW, US, PS of the entry", entry & 0x87, PTE_P | PTE_US | PTE_PS);
	EXPECT_U64_AS("NX of the entry", entry >> 63, 0);
	EXPECT_ERR(g->nested.map(g, 0x3000, 0x1000, KiB(4), MAY_ALL), -EEXIST);
	EXPECT_ERR(g->nested.map(g, 0x5000, 0x1000, KiB(8), MAY_ALL), -EINVAL);
	EXPECT_ERR(g->nested.map(g, 0x5000, 0x1000, KiB(4), MAY_WRITE), -EINVAL);
	CONTEXT("entry()");
	EXPECT_TRUE(g->nested.entry(g, 0x3abc) &&
		    *g->nested.entry(g, 0x3abc) == entry_at(0x3000, 1));
	EXPECT_TRUE(g->nested.entry(g, 0x5abcde) && *g->nested.entry(g, 0x5abcde) == entry);
	EXPECT_TRUE(!g->nested.entry(g, 0x4000) && !g->nested.entry(g, GiB(600)));
}

TEST("8.4", sixteen_pages_for_tables, 0)
{
	struct guest *g = &fake.g;

	begin();
	for (unsigned i = 0; i < (NESTED_TABLES - 2) / 2; i++) {
		CONTEXT("map() at %u GiB: two tables more, and NESTED_TABLES are %d", i,
			NESTED_TABLES);
		EXPECT_ERR(g->nested.map(g, GiB(i), 0x777000, KiB(4), MAY_ALL), 0);
	}
	CONTEXT("and no page is left for another one");
	EXPECT_ERR(g->nested.map(g, GiB(100), 0x777000, KiB(4), MAY_ALL), -ENOSPC);
	fake_amd_on();
	g->control = page_alloc_zeroed(&fake.pages);
	fake.pages.next = fake.pages.end;
	CONTEXT("no pages for tables");
	EXPECT_ERR(svm_nested(g), -ENOMEM);
}

TEST("8.4", a_cpu_without_nested_paging, 0)
{
	fake_amd_on();
	fake.host.nested = false;
	EXPECT_ERR(svm_init(&fake.g, GUEST_LONG, 0x100000), 0);
	EXPECT_ERR(svm_nested(&fake.g), 0);
	CONTEXT("host->nested is false: the guest's memory is the machine's");
	EXPECT_U64_AS("NP_ENABLE", svm_vmcb(&fake.g)->np_enable, 0);
	EXPECT_TRUE(!fake.g.nested.map, "nested.map: there are no tables");
}

TEST("8.4", what_a_violation_says, 1)
{
	struct vmcb *v = begin();
	struct exit exit = { .cause = EXIT_OTHER };

	v->exitinfo1 = 1ULL << 32 | 0x14;
	v->exitinfo2 = 0x1234567;
	CONTEXT("EXITINFO1 is 0x100000014: the final access, a user, a fetch, nothing present");
	svm_decode_npf(&fake.g, &exit);
	EXPECT_U64(exit.cause, EXIT_MEMORY);
	EXPECT_U64(exit.memory.address, 0x1234567);
	EXPECT_TRUE(exit.memory.fetch && !exit.memory.write && !exit.memory.present &&
		    !exit.memory.walking);
	v->exitinfo1 = 1ULL << 33 | 0x7;
	CONTEXT("EXITINFO1 is 0x200000007: in the guest's walk, a user, a write, present");
	svm_decode_npf(&fake.g, &exit);
	EXPECT_TRUE(!exit.memory.fetch && exit.memory.write && exit.memory.present &&
		    exit.memory.walking);
	v->exitinfo1 = 1ULL << 32 | 0x6;
	CONTEXT("EXITINFO1 is 0x100000006: the final access, a user, a write, nothing present");
	svm_decode_npf(&fake.g, &exit);
	EXPECT_TRUE(!exit.memory.fetch && exit.memory.write && !exit.memory.present &&
		    !exit.memory.walking);
}

/* What map() was asked last. */
static u64 asked_address, asked_machine, asked_size;
static unsigned asked_may;

static int notes(struct guest *guest, u64 address, u64 machine, u64 size, unsigned may)
{
	asked_address = address;
	asked_machine = machine;
	asked_size = size;
	asked_may = may;
	return 0;
}

static void expect_page(u64 touched, u64 page, u64 size, unsigned may)
{
	CONTEXT("the guest touches 0x%llx", (unsigned long long)touched);
	EXPECT_ERR(memory_touched(&fake.g, &(struct exit_memory){ .address = touched }), 0);
	EXPECT_U64_AS("the address for map()", asked_address, page);
	EXPECT_U64_AS("the machine's address for map()", asked_machine, 0x2000000 + page);
	EXPECT_U64_AS("the size for map()", asked_size, size);
	EXPECT_U64_AS("MAY_... for map()", asked_may, may);
}

TEST("8.4", which_page_belongs_there, 1)
{
	fake_init();
	fake.g.memory = 0x2000000;
	fake.g.nested.map = notes;
	expect_page(0, 0, KiB(4), MAY_ALL);
	expect_page(0x1fffff, 0x1ff000, KiB(4), MAY_ALL);
	expect_page(0x200001, 0x200000, MiB(2), MAY_ALL);
	expect_page(0x5fffff, 0x400000, MiB(2), MAY_ALL);
	expect_page(0x600123, 0x600000, KiB(4), MAY_READ);
	expect_page(0x700000, 0x700000, KiB(4), MAY_READ | MAY_WRITE);
	expect_page(0x7fffff, 0x7ff000, KiB(4), MAY_READ | MAY_WRITE);
	for (unsigned i = 0; i < 4; i++) {
		static const u64 nothing[] = { 0x601000, 0x6fffff, 0x800000, 0xfee00000 };

		CONTEXT("the guest touches 0x%llx", (unsigned long long)nothing[i]);
		EXPECT_ERR(memory_touched(&fake.g, &(struct exit_memory){ .address = nothing[i] }),
			   -EFAULT);
	}
	CONTEXT("the guest touches 0x600123, where a page is present");
	EXPECT_ERR(memory_touched(&fake.g,
				  &(struct exit_memory){ .address = 0x600123, .present = true }),
		   -EACCES);
}
