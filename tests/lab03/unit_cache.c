// SPDX-License-Identifier: MIT
/* Task 3.13, as far as it needs no guest: which frames are watched, and what follows from that. */
#include <errno.h>

#include "memory.h"
#include "shadow_cache.h"

#define FRAMES 8

/* A cache without a vCPU, for a guest of 8 frames that lie in the machine behind 4 MiB. */
struct fake_cache {
	struct shadow s;
	struct mmu mmu;
	struct fake_memory memory;
	u32 frame[FRAMES];
};

static struct shadow *fake_cache(struct fake_cache *f)
{
	*f = (struct fake_cache){ 0 };
	fake_memory(&f->memory, 0x400000, FRAMES * PAGE_SIZE_4K, 0);
	for (u32 i = 0; i < FRAMES; i++)
		f->frame[i] = 0x400 + (i ^ 5);
	gmem_init(&f->mmu.guest, &f->memory.mem, f->frame, FRAMES);
	f->s.mmu = &f->mmu;
	f->s.table = calloc(SHADOW_TABLES, sizeof(*f->s.table));
	f->s.mail = calloc(1, sizeof(*f->s.mail));
	f->s.table[0].used = f->s.table[1].used = f->s.table[2].used = true;
	f->s.table[0].entry[VMM_SLOT] = shadow_link(1);
	f->s.cpu.cr3 = 0x1000;
	EXPECT_ERR(cache_init(&f->s, FRAMES * PAGE_SIZE_4K), 0);
	return &f->s;
}

/* The walk of a page whose tables lie in frames 1, 2, 3 and `table`. */
static struct walk walk_by(u64 gpa, u64 table)
{
	return (struct walk){ .gpa = gpa,
			      .size = PAGE_SIZE_4K,
			      .reads = 4,
			      .address = { 0x1008, 0x2010, 0x3018, table * PAGE_SIZE_4K + 0x20 },
			      .writable = true };
}

static u64 entry_now(const struct shadow *s, u64 gva)
{
	unsigned table = s->root;

	for (unsigned level = 4; level > 1; level--) {
		u64 entry = s->table[table].entry[LEVEL_INDEX(gva, level)];

		if (!entry)
			return 0;
		table = shadow_below(entry);
	}
	return s->table[table].entry[LEVEL_INDEX(gva, 1)];
}

/* A fault that was ours. Returns the entry that was installed. */
static u64 fill(struct shadow *s, u64 gva, const struct walk *by, bool write)
{
	struct walk w = *by;

	w.access = write ? ACCESS_WRITE : 0;
	EXPECT_ERR(shadow_cached.install(
			   s, gva, shadow_machine_page(s, w.gpa) | PTE_P | PTE_US | PTE_RW, &w),
		   0);
	return entry_now(s, gva);
}

TEST("3.13", tables_are_watched, 0)
{
	const u64 data = GiB(1), other = GiB(2), table = GiB(3);
	struct fake_cache f;
	struct shadow *s = fake_cache(&f);
	struct walk to_data = walk_by(0x6000, 4), to_other = walk_by(0x7000, 5);
	struct walk to_table = walk_by(0x4abc, 5);

	CONTEXT("a page that is no table is writable");
	EXPECT_TRUE(fill(s, other, &to_other, true) & PTE_RW);
	CONTEXT("frame 4 is writable at %llx; then a walk reads a table there",
		(unsigned long long)table);
	EXPECT_TRUE(fill(s, table, &to_table, true) & PTE_RW);
	EXPECT_U64(cache_state(s, 0x4000), FRAME_FREE);
	EXPECT_TRUE(fill(s, data, &to_data, true) & PTE_RW);
	for (u64 frame = 1; frame <= 5; frame++)
		EXPECT_U64(cache_state(s, frame * PAGE_SIZE_4K), FRAME_WATCHED);
	EXPECT_U64(entry_now(s, table), shadow_machine_page(s, 0x4000) | PTE_P | PTE_US);
	CONTEXT("read again: still without RW; written: out of step, and with RW");
	EXPECT_TRUE(!(fill(s, table, &to_table, false) & PTE_RW));
	EXPECT_TRUE(fill(s, table, &to_table, true) & PTE_RW);
	EXPECT_U64(cache_state(s, 0x4000), FRAME_OUT_OF_STEP);
	CONTEXT("what is out of step is not watched again before CR3 is loaded");
	EXPECT_TRUE(fill(s, data, &to_data, true) & PTE_RW);
	EXPECT_U64(cache_state(s, 0x4000), FRAME_OUT_OF_STEP);
	EXPECT_TRUE(entry_now(s, table) & PTE_RW);
}

TEST("3.13", roots_are_kept, 0)
{
	const u64 data = GiB(1), other = GiB(2), table = GiB(3);
	struct fake_cache f;
	struct shadow *s = fake_cache(&f);
	struct walk to_data = walk_by(0x6000, 4), to_other = walk_by(0x7000, 5);
	struct walk to_table = walk_by(0x4000, 5);
	unsigned first = s->root;

	fill(s, data, &to_data, false);
	fill(s, other, &to_other, false);
	fill(s, table, &to_table, true); /* frame 4 is out of step */
	s->cpu.cr3 = 0x2018;		 /* with flags */
	EXPECT_ERR(cache_switch(s), 0);
	CONTEXT("a CR3 that is new: an empty root, but for the VMM's slot");
	EXPECT_TRUE(s->root != first);
	EXPECT_U64(entry_now(s, other), 0);
	EXPECT_U64(s->table[s->root].entry[VMM_SLOT], shadow_link(1));
	s->cpu.cr3 = 0x1000;
	EXPECT_ERR(cache_switch(s), 0);
	CONTEXT("back: what was made from the frame that was written is gone, the rest is there");
	EXPECT_U64(s->root, first);
	EXPECT_U64(entry_now(s, data), 0);
	EXPECT_TRUE(entry_now(s, other) != 0);
	EXPECT_U64(cache_state(s, 0x4000), FRAME_FREE);
	EXPECT_U64(cache_state(s, 0x5000), FRAME_WATCHED);
}

/* A guest may have more spaces than we have roots, and map a page as often as it likes. */
TEST("-", a_cache_is_finite, 0)
{
	struct fake_cache f;
	struct shadow *s = fake_cache(&f);
	struct walk to_table = walk_by(0x4000, 5), to_data = walk_by(0x6000, 4);

	for (unsigned i = 0; i < 3000; i++) {
		s->cpu.cr3 = 0x100000 + i * PAGE_SIZE_4K;
		s->mail->count = 0;
		EXPECT_ERR(cache_switch(s), 0);
		EXPECT_TRUE(s->table[s->root].used);
		fill(s, GiB(1), &to_data, false);
	}
	s->cpu.cr3 = 0x1000;
	EXPECT_ERR(cache_switch(s), 0);
	CONTEXT("300 places where frame 4 is writable; then a table is read there");
	for (unsigned i = 0; i < 300; i++)
		fill(s, GiB(4) + i * MiB(2), &to_table, false);
	cache_drop_all(s);
	s->mail->count = 0;
	for (unsigned i = 0; i < 300; i++)
		fill(s, GiB(4) + i * MiB(2), &to_table, false);
	EXPECT_TRUE(entry_now(s, GiB(4)) & PTE_RW);
	s->mail->count = 0;
	fill(s, GiB(1), &to_data, false);
	for (unsigned i = 0; i < 300; i++)
		EXPECT_TRUE(!(entry_now(s, GiB(4) + i * MiB(2)) & PTE_RW));
	EXPECT_TRUE(!s->mail_full);
	cache_destroy(s);
}
