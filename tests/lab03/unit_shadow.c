// SPDX-License-Identifier: MIT
/* Part B, as far as it needs no guest: tasks 3.4, 3.5, 3.8 and 3.9. */
#include <errno.h>

#include "memory.h"
#include "shadow.h"
#include "todo.h"

/* SDM 3A, table 6-1, and the manual's names. */
TEST("3.4", traps_by_name, 1)
{
	static const u8 with[] = { 8, 10, 11, 12, 13, 14, 17, 21 };
	struct trap_frame f = { .rip = 0x1234, .error = 0x18, .cr2 = 0x5678 };
	char text[100];

	for (unsigned vector = 0, k = 0; vector < 22; vector++) {
		bool has = k < ARRAY_SIZE(with) && with[k] == vector;

		k += has;
		CONTEXT("vector %u pushes %s error code", vector, has ? "an" : "no");
		EXPECT_TRUE(trap_has_error(vector) == has);
	}
	CONTEXT("what is said of three traps");
	f.vector = 14;
	EXPECT_STR(trap_text(&f, text, sizeof(text)), "#PF error 0x18 at 0x1234, address 0x5678");
	f.vector = 13;
	EXPECT_STR(trap_text(&f, text, sizeof(text)), "#GP error 0x18 at 0x1234");
	f.vector = 6;
	EXPECT_STR(trap_text(&f, text, sizeof(text)), "#UD at 0x1234");
	f.vector = 14;
	f.error = 0;
	CONTEXT("an error code of 0 is one, too: the supervisor has read what is not there");
	EXPECT_STR(trap_text(&f, text, sizeof(text)), "#PF error 0x0 at 0x1234, address 0x5678");
}

TEST("3.4", vectors_without_a_name, 1)
{
	static const u64 none[] = { 9, 15, 32, 255, 1ULL << 32, UINT64_MAX };
	static const unsigned beyond[] = { 32, 40, 45, 46, 255 };
	char text[100];

	for (unsigned i = 0; i < ARRAY_SIZE(beyond); i++) {
		CONTEXT("no exception has vector %u, and none pushes an error code", beyond[i]);
		EXPECT_TRUE(!trap_has_error(beyond[i]));
	}
	for (unsigned i = 0; i < ARRAY_SIZE(none); i++) {
		struct trap_frame f = { .vector = none[i], .rip = 0x1234, .cr2 = 0x5678 };

		CONTEXT("vector %llu has no name: it is `?`", (unsigned long long)none[i]);
		EXPECT_STR(trap_text(&f, text, sizeof(text)), "? at 0x1234");
	}
}

/* A shadow without a vCPU: tables, mailbox, and guest frames that lie in another order. */
struct fake_shadow {
	struct shadow s;
	struct mmu mmu;
	struct fake_memory memory;
};

static const u32 frames[4] = { 0x403, 0x400, 0x402, 0x401 };

static struct shadow *fake_shadow(struct fake_shadow *f)
{
	*f = (struct fake_shadow){ 0 };
	fake_memory(&f->memory, 0x400000, 0x4000, 0);
	gmem_init(&f->mmu.guest, &f->memory.mem, frames, 4);
	f->s.mmu = &f->mmu;
	f->s.table = calloc(SHADOW_TABLES, sizeof(*f->s.table));
	f->s.mail = calloc(1, sizeof(*f->s.mail));
	f->s.table[0].used = f->s.table[1].used = f->s.table[2].used = true;
	return &f->s;
}

TEST("3.5", entries_for_the_cpu, 1)
{
	struct paging p = { .wp = true, .nxe = true, .max_phys = 40 };
	struct walk w = { .gpa = 0x2abc,
			  .size = 4096,
			  .reads = 4,
			  .entry = { [3] = PTE_D },
			  .writable = true,
			  .executable = true };
	struct fake_shadow f;
	struct shadow *s = fake_shadow(&f);

	CONTEXT("guest frame 2 is machine frame 0x402; the guest runs at CPL 3");
	EXPECT_U64(shadow_entry(s, &p, &w, 0), 0x402000 | PTE_P | PTE_US | PTE_RW);
	w.executable = false;
	EXPECT_U64(shadow_entry(s, &p, &w, 0), 0x402000 | PTE_P | PTE_US | PTE_RW | PTE_NX);
	w.writable = false;
	EXPECT_U64(shadow_entry(s, &p, &w, 0), 0x402000 | PTE_P | PTE_US | PTE_NX);
	CONTEXT("without CR0.WP the supervisor writes to read-only pages");
	p.wp = false;
	EXPECT_U64(shadow_entry(s, &p, &w, 0), 0x402000 | PTE_P | PTE_US | PTE_RW | PTE_NX);
	CONTEXT("with SMEP, the supervisor does not execute a user's page");
	w.executable = w.user = p.smep = true;
	EXPECT_U64(shadow_entry(s, &p, &w, 0), 0x402000 | PTE_P | PTE_US | PTE_RW | PTE_NX);
	w.user = false;
	EXPECT_U64(shadow_entry(s, &p, &w, 0), 0x402000 | PTE_P | PTE_US | PTE_RW);
	CONTEXT("a frame that the guest has not: where no memory is");
	w.gpa = 0x5123;
	EXPECT_U64(shadow_entry(s, &p, &w, 0) & PTE_ADDR, HOLE_MACHINE + 0x5000);
}

/* The leaf of a walk with so many reads has these bits, and all other entries have not. */
static struct walk walk_with(unsigned reads, u64 leaf)
{
	struct walk w = { .reads = reads, .size = LEVEL_SIZE(5 - reads), .writable = true };

	for (unsigned i = 0; i < 4; i++)
		w.entry[i] = i == reads - 1 ? leaf : ~leaf & PTE_D;
	return w;
}

TEST("3.8", what_makes_a_page_writable, 1)
{
	struct paging p = { .wp = true };

	if (!shadow_walk_flags())
		todo_report("3.8", "shadow_walk_flags", /* it has no TODO() of its own */
			    "labs/03-paging/shadow_copy.c");
	for (unsigned reads = 2; reads <= 4; reads++) {
		struct walk dirty = walk_with(reads, PTE_D), clean = walk_with(reads, 0);

		CONTEXT("the guest's leaf is entry %u of 4, and D is set there alone", reads);
		EXPECT_TRUE(shadow_writable(&p, &dirty, 0), "a read makes it read-only");
		CONTEXT("the guest's leaf is entry %u of 4, and D is set everywhere but there",
			reads);
		EXPECT_TRUE(!shadow_writable(&p, &clean, 0), "a read makes it writable");
		EXPECT_TRUE(shadow_writable(&p, &clean, ACCESS_WRITE), "a write does not");
	}
	CONTEXT("read-only for the guest, and D is set: a write is allowed only without CR0.WP");
	for (unsigned wp = 0; wp < 2; wp++) {
		struct walk w = walk_with(4, PTE_D);

		w.writable = false;
		p.wp = wp;
		EXPECT_TRUE(shadow_writable(&p, &w, 0) == !wp, "with WP %u it is not so", wp);
	}
}

TEST("3.5", tables_for_the_cpu, 1)
{
	const u64 gva = 3ULL << 39 | 5ULL << 30 | 7ULL << 21 | 9ULL << 12;
	struct fake_shadow f;
	struct shadow *s = fake_shadow(&f);
	unsigned pdpt, pd, pt;

	EXPECT_ERR(shadow_map(s, gva, 0x400000 | PTE_P, 4096), 0);
	pdpt = shadow_below(s->table[0].entry[3]);
	EXPECT_U64(s->table[0].entry[3], shadow_link(pdpt));
	pd = shadow_below(s->table[pdpt].entry[5]);
	pt = shadow_below(s->table[pd].entry[7]);
	EXPECT_U64(s->table[pt].entry[9], 0x400000 | PTE_P);
	EXPECT_U64(s->mail->count, 4);
	CONTEXT("the neighbour needs no new table");
	EXPECT_ERR(shadow_map(s, gva + 4096, 0x401000 | PTE_P, 4096), 0);
	EXPECT_U64(s->table[pt].entry[10], 0x401000 | PTE_P);
	EXPECT_U64(s->mail->count, 5);
	EXPECT_TRUE(!s->table[pt].pieces && !s->table[pd].pieces && !s->table[pdpt].pieces);
	CONTEXT("a piece of a page of 2 MiB: its PT holds such pieces; of 1 GiB: its PD and PT");
	EXPECT_ERR(shadow_map(s, gva + MiB(2), 0x401000 | PTE_P, MiB(2)), 0);
	EXPECT_TRUE(s->table[shadow_below(s->table[pd].entry[8])].pieces && !s->table[pd].pieces);
	EXPECT_ERR(shadow_map(s, gva + GiB(1), 0x401000 | PTE_P, GiB(1)), 0);
	pd = shadow_below(s->table[pdpt].entry[6]);
	EXPECT_TRUE(s->table[pd].pieces && s->table[shadow_below(s->table[pd].entry[7])].pieces);
	EXPECT_TRUE(!s->table[pdpt].pieces);
	CONTEXT("the VMM's own slot");
	EXPECT_ERR(shadow_map(s, VMM_GVA, 0x401000 | PTE_P, 4096), -EPERM);
}

static unsigned used(const struct shadow *s)
{
	unsigned n = 0;

	for (unsigned i = 0; i < SHADOW_TABLES; i++)
		n += s->table[i].used;
	return n;
}

/* Table 0 leads to three tables by now, and its VMM_SLOT to one that is given. */
static void expect_roots_apart(struct shadow *s)
{
	CONTEXT("everything of a root at which the CPU does not begin");
	s->root = shadow_take(s);
	EXPECT_ERR(shadow_map(s, MiB(6), PTE_P, 4096), 0);
	shadow_drop_all(s, 0);
	EXPECT_U64(used(s), 3 + 1 + 3);
	EXPECT_U64(s->table[0].entry[0], 0);
	EXPECT_TRUE(s->table[s->root].entry[0], "the other root is empty");
	CONTEXT("everything: but the VMM's part");
	EXPECT_ERR(shadow_map(s, MiB(6), PTE_P, 4096), 0);
	EXPECT_ERR(shadow_map(s, ~0ULL << 47, PTE_P, 4096), 0);
	EXPECT_ERR(shadow_map(s, (~0ULL << 39) - 4096, PTE_P, 4096), 0);
	s->table[s->root].entry[VMM_SLOT] = shadow_link(1);
	shadow_drop_all(s, s->root);
	EXPECT_U64(s->table[s->root].entry[VMM_SLOT], shadow_link(1));
	EXPECT_U64(used(s), 3 + 1);
	for (unsigned i = 0; i < VMM_SLOT; i++)
		EXPECT_U64(s->table[s->root].entry[i], 0);
	EXPECT_U64(s->table[0].entry[VMM_SLOT], shadow_link(1));
}

TEST("3.9", pieces_are_dropped_together, 1)
{
	const u64 small = MiB(6), large = MiB(8), huge = GiB(5);
	struct fake_shadow f;
	struct shadow *s = fake_shadow(&f);
	unsigned pd, pt;

	EXPECT_ERR(shadow_map(s, small, PTE_P, 4096), 0);
	EXPECT_ERR(shadow_map(s, small + 4096, PTE_P, 4096), 0);
	EXPECT_ERR(shadow_map(s, large, PTE_P, MiB(2)), 0);
	EXPECT_ERR(shadow_map(s, large + 4096, PTE_P, MiB(2)), 0);
	EXPECT_ERR(shadow_map(s, huge, PTE_P, GiB(1)), 0);
	EXPECT_ERR(shadow_map(s, huge + MiB(4), PTE_P, GiB(1)), 0);
	EXPECT_U64(used(s), 3 + 1 + 1 + 2 + 1 + 2);
	pd = shadow_below(s->table[shadow_below(s->table[0].entry[0])].entry[0]);
	pt = shadow_below(s->table[pd].entry[3]);
	CONTEXT("INVLPG in a small page: its entry alone");
	shadow_drop_page(s, small + 5);
	EXPECT_U64(s->table[pt].entry[0], 0);
	EXPECT_U64(s->table[pt].entry[1], PTE_P);
	CONTEXT("INVLPG anywhere in a page of 2 MiB: all its pieces, and their table is free");
	shadow_drop_page(s, large + MiB(1));
	EXPECT_U64(s->table[pd].entry[4], 0);
	EXPECT_U64(used(s), 3 + 1 + 1 + 1 + 1 + 2);
	CONTEXT("INVLPG anywhere in a page of 1 GiB");
	shadow_drop_page(s, huge + MiB(900));
	EXPECT_U64(used(s), 3 + 1 + 1 + 1);
	s->table[0].entry[VMM_SLOT] = shadow_link(1);
	s->table[1].entry[0] = shadow_link(2);
	s->table[2].entry[0] = PTE_P | PTE_RW | PTE_PS;
	CONTEXT("INVLPG in the VMM's part, which is not the guest's: nothing");
	shadow_drop_page(s, VMM_GVA);
	EXPECT_U64(used(s), 3 + 1 + 1 + 1);
	EXPECT_U64(s->table[0].entry[VMM_SLOT], shadow_link(1));
	EXPECT_U64(s->table[2].entry[0], PTE_P | PTE_RW | PTE_PS);
	expect_roots_apart(s);
}
