// SPDX-License-Identifier: MIT
/* Task 3.12: extended page tables, built and walked; and both dimensions at once. */
#include <errno.h>

#include "ept.h"
#include "memory.h"
#include "pagetable.h"

#define FROM	 0x100000ULL
#define TABLE(l) (FROM + 0x1000 * (4 - (l)))
#define ROUNDS	 12000

TEST("3.12", ept_entries_and_pointer, 1)
{
	const u64 gpa = 3ULL << 39 | 5ULL << 30 | 17ULL << 21 | 400ULL << 12;
	struct fake_memory f;
	struct physmem *pm = fake_memory(&f, FROM, 0x8000, 0xff);
	struct ept e;

	EXPECT_ERR(ept_init(&e, pm, FROM, FROM + 0x8000), 0);
	EXPECT_U64(ept_pointer(&e), FROM | 0x1e);
	e.ad = true;
	EXPECT_U64(ept_pointer(&e), FROM | 0x5e);
	CONTEXT("a page of 4 KiB, readable and executable, write-back");
	EXPECT_ERR(ept_map(&e, gpa, 0x7654000, 1, EPT_R | EPT_X | EPT_TYPE_WB), 0);
	EXPECT_U64(entry_at(&f, FROM + 8 * 3), (FROM + 0x1000) | 7);
	EXPECT_U64(entry_at(&f, FROM + 0x1000 + 8 * 5), (FROM + 0x2000) | 7);
	EXPECT_U64(entry_at(&f, FROM + 0x2000 + 8 * 17), (FROM + 0x3000) | 7);
	EXPECT_U64(entry_at(&f, FROM + 0x3000 + 8 * 400), 0x7654035);
	CONTEXT("a page of 2 MiB behind it, uncached, the PAT ignored");
	EXPECT_ERR(ept_map(&e, (gpa & ~0x1fffffULL) + 0x200000, 0x200000, 2, EPT_RWX | EPT_IPAT),
		   0);
	EXPECT_U64(entry_at(&f, FROM + 0x2000 + 8 * 18), 0x2000c7);
	EXPECT_ERR(ept_map(&e, gpa, 0, 1, EPT_R), -EEXIST);
	EXPECT_ERR(ept_map(&e, gpa & ~0x1fffffULL, 0, 2, EPT_R), -EEXIST);
	CONTEXT("flags and addresses that no hardware would take");
	EXPECT_ERR(ept_map(&e, 0x1000, 0, 1, 0), -EINVAL);
	EXPECT_ERR(ept_map(&e, 0x1000, 0, 1, EPT_W), -EINVAL);
	EXPECT_ERR(ept_map(&e, 0x1000, 0, 1, EPT_X), -EINVAL);
	EXPECT_ERR(ept_map(&e, 0x1000, 0, 1, EPT_R | EPT_TYPE(2)), -EINVAL);
	EXPECT_ERR(ept_map(&e, 1ULL << 48, 0, 1, EPT_R), -EINVAL);
	EXPECT_ERR(ept_map(&e, 0x1000, 1ULL << e.max_phys, 1, EPT_R), -EINVAL);
	EXPECT_ERR(ept_map(&e, 0x201000, 0, 2, EPT_R), -EINVAL);
}

enum end { LEAF, NOTHING, MISCONFIGURED, TOO_HIGH };

struct made {
	u64 gpa, access, rights, page, entry[5];
	enum end end;
	unsigned level;
};

static u64 mistake(struct draw *d, const struct ept *e, unsigned level, u64 entry)
{
	bool leaf = level == 1 || (level < 4 && (entry & EPT_LARGE));

	switch (draw_below(d, 4)) {
	case 0:
		return (entry & ~EPT_RWX) | EPT_W | (draw(d) & EPT_X); /* written but not read */
	case 1:
		return (entry & ~EPT_RWX) | EPT_X; /* executed only */
	case 2:
		return entry | 1ULL << (e->max_phys + draw_below(d, 52 - e->max_phys));
	default:
		if (leaf && draw_below(d, 2) && level > 1)
			return entry | 1ULL << (12 + draw_below(d, LEVEL_SHIFT(level) - 12));
		if (leaf)
			return (entry & ~EPT_TYPE(7)) |
			       EPT_TYPE(draw_below(d, 3) == 0 ? 7 : 2 + draw_below(d, 2));
		return entry | 1ULL << (3 + draw_below(d, level == 4 ? 5 : 4));
	}
}

static struct made make(struct draw *d, const struct ept *e)
{
	static const u64 wants[] = { EPT_R, EPT_W, EPT_X, EPT_R | EPT_W };
	static const u8 types[] = { 0, 1, 4, 5, 6 };
	struct made m = { .gpa = draw(d) >> 16,
			  .access = wants[draw_below(d, 4)],
			  .rights = EPT_RWX };

	m.end = draw_below(d, 2) ? LEAF : draw_below(d, 4);
	m.level = 1 + (unsigned)draw_below(d, m.end == LEAF ? 3 : 4);
	for (unsigned level = 4; level >= m.level; level--) {
		u64 rights = draw_below(d, 3) ? EPT_RWX : EPT_R | (draw(d) & EPT_RWX);

		m.entry[level] = TABLE(level - 1) | rights | (draw(d) & (EPT_A | 0xc00));
		m.rights &= rights;
		if (level == m.level &&
		    (m.end == LEAF || (m.end == MISCONFIGURED && level < 4 && draw_below(d, 2)))) {
			m.page = draw(d) & ((1ULL << e->max_phys) - 1) & ~(LEVEL_SIZE(level) - 1);
			m.entry[level] = m.page | rights | EPT_TYPE(types[draw_below(d, 5)]) |
					 (draw(d) & (EPT_IPAT | EPT_A | EPT_D)) |
					 (level > 1 ? EPT_LARGE : 0);
		}
	}
	if (m.end == NOTHING)
		m.entry[m.level] = draw(d) & ~EPT_RWX;
	if (m.end == MISCONFIGURED)
		m.entry[m.level] = mistake(d, e, m.level, m.entry[m.level]);
	if (m.end == TOO_HIGH)
		m.gpa |= 1ULL << (48 + draw_below(d, 16));
	return m;
}

static void expect_answer(const struct made *m, const struct ept *e, struct fake_memory *f)
{
	struct ept_walk w;
	int ret = ept_walk(e, m->gpa, m->access, &w);
	bool allowed = m->end == LEAF && !(m->access & ~m->rights);

	if (m->end == MISCONFIGURED) {
		EXPECT_ERR(ret, -EINVAL);
		return;
	}
	EXPECT_ERR(ret, allowed ? 0 : -EPERM);
	if (!allowed)
		EXPECT_U64(w.qualification, m->access | (m->end == LEAF ? m->rights << 3 : 0));
	if (m->end != TOO_HIGH)
		EXPECT_U64(w.reads, 5 - m->level);
	if (allowed) {
		EXPECT_U64(w.machine, m->page | (m->gpa & (LEVEL_SIZE(m->level) - 1)));
		EXPECT_U64(w.size, LEVEL_SIZE(m->level));
	}
	for (unsigned level = 4; level >= m->level && m->end != TOO_HIGH; level--) {
		u64 want = m->entry[level];

		if (allowed && e->ad)
			want |= EPT_A | (level == m->level && (m->access & EPT_W) ? EPT_D : 0);
		EXPECT_U64(entry_at(f, TABLE(level) + 8 * LEVEL_INDEX(m->gpa, level)), want);
	}
}

TEST("3.12", constructed_epts, 2, .seconds = 0.3)
{
	struct draw d = draw_begin();
	struct fake_memory f;
	struct ept e = { .pm = fake_memory(&f, FROM, 0x4000, 0), .root = FROM };

	for (int i = 0; i < ROUNDS; i++) {
		struct made m;

		e.max_phys = 36 + (unsigned)draw_below(&d, 16);
		e.ad = draw_below(&d, 2);
		m = make(&d, &e);
		for (unsigned level = 4; level >= m.level; level--)
			put_entry(&f, TABLE(level) + 8 * LEVEL_INDEX(m.gpa, level), m.entry[level]);
		CONTEXT("gpa 0x%llx, access %llx, kind %d at level %u: entries %llx %llx %llx "
			"%llx, A/D "
			"%d",
			(unsigned long long)m.gpa, (unsigned long long)m.access, m.end, m.level,
			(unsigned long long)m.entry[4], (unsigned long long)m.entry[3],
			(unsigned long long)m.entry[2], (unsigned long long)m.entry[1], e.ad);
		expect_answer(&m, &e, &f);
		for (unsigned level = 4; level >= m.level; level--)
			put_entry(&f, TABLE(level) + 8 * LEVEL_INDEX(m.gpa, level), 0);
	}
}

/*
 * Guest tables of our own in guest-physical memory, below them an EPT that moves everything up by
 * 16 MiB: how many entries does the hardware read? n guest levels, each reached by m EPT levels and
 * read itself; then m once more.
 */
TEST("3.12", references_of_both_dimensions, 1)
{
	const u64 up = MiB(16);
	struct fake_memory f;
	struct physmem *pm = fake_memory(&f, 0, MiB(20), 0);
	struct paging p = { .nxe = true, .wp = true, .max_phys = 40 };

	for (unsigned guest_level = 1; guest_level <= 2; guest_level++) {
		for (unsigned ept_level = 1; ept_level <= 2; ept_level++) {
			const u64 gva = 0x7f0000000000 | 0x4000,
				  page = guest_level == 1 ? 0x105000 : MiB(2);
			unsigned n = 5 - guest_level, m = 5 - ept_level;
			struct page_tables guest;
			struct walk_2d w;
			struct ept e;

			memset(f.bytes, 0, MiB(20));
			/* built where the EPT will show them: at 16 MiB; their entries say 1 MiB */
			EXPECT_ERR(page_tables_init(&guest, pm, 0x100000, 0x105000), 0);
			EXPECT_ERR(page_tables_map(&guest, gva & ~(LEVEL_SIZE(guest_level) - 1),
						   page, guest_level, PTE_RW),
				   0);
			memcpy(f.bytes + up, f.bytes, MiB(4));
			memset(f.bytes, 0, MiB(4));
			EXPECT_ERR(ept_init(&e, pm, 0x200000, 0x280000), 0);
			for (u64 at = 0; at < MiB(4); at += LEVEL_SIZE(ept_level))
				EXPECT_ERR(ept_map(&e, at, up + at, ept_level,
						   EPT_RWX | EPT_TYPE_WB),
					   0);
			p.cr3 = guest.root;
			CONTEXT("%u guest levels over %u of the EPT", n, m);
			EXPECT_ERR(walk_2d(&p, &e, gva, ACCESS_WRITE, &w), 0);
			EXPECT_U64(w.references, n * (m + 1) + m);
			EXPECT_U64(w.guest.gpa, page | (gva & (LEVEL_SIZE(guest_level) - 1)));
			EXPECT_U64(w.machine, w.guest.gpa + up);
			CONTEXT("the guest's own tables forbid it: a page fault, none of the EPT's "
				"affairs");
			EXPECT_ERR(walk_2d(&p, &e, gva + GiB(1), 0, &w), -EACCES);
			EXPECT_U64(w.guest.error, 0);
		}
	}
}

TEST("3.12", violations_on_the_way, 1)
{
	struct fake_memory f;
	struct physmem *pm = fake_memory(&f, 0, MiB(4), 0);
	struct paging p = { .max_phys = 40 };
	struct page_tables guest;
	struct walk_2d w;
	struct ept e;

	EXPECT_ERR(page_tables_init(&guest, pm, 0x100000, 0x105000), 0);
	EXPECT_ERR(page_tables_map(&guest, 0x5000, 0x180000, 1, PTE_RW), 0);
	p.cr3 = guest.root;
	EXPECT_ERR(ept_init(&e, pm, 0x200000, 0x280000), 0);
	for (u64 at = 0x100000; at < 0x103000; at += 0x1000)
		EXPECT_ERR(ept_map(&e, at, at, 1, EPT_R | EPT_TYPE_WB), 0);
	CONTEXT("the guest's PT, at gpa 0x103000, is not in the EPT: a violation by a read");
	EXPECT_ERR(walk_2d(&p, &e, 0x5123, ACCESS_WRITE, &w), -EPERM);
	EXPECT_U64(w.ept.gpa, 0x103000 + 8 * 5);
	EXPECT_U64(w.ept.qualification, 1);
	EXPECT_ERR(ept_map(&e, 0x103000, 0x103000, 1, EPT_R | EPT_TYPE_WB), 0);
	EXPECT_ERR(ept_map(&e, 0x180000, 0x180000, 1, EPT_R | EPT_X | EPT_TYPE_WB), 0);
	CONTEXT("the page itself is there to read and execute, and written");
	EXPECT_ERR(walk_2d(&p, &e, 0x5123, ACCESS_WRITE, &w), -EPERM);
	EXPECT_U64(w.ept.gpa, 0x180123);
	EXPECT_U64(w.ept.qualification, 2 | 5 << 3);
	EXPECT_ERR(walk_2d(&p, &e, 0x5123, 0, &w), 0);
	EXPECT_ERR(walk_2d(&p, &e, 0x5123, ACCESS_FETCH, &w), 0);
	CONTEXT("another page is there to read and write, and fetched from");
	EXPECT_ERR(page_tables_map(&guest, 0x6000, 0x181000, 1, PTE_RW), 0);
	EXPECT_ERR(ept_map(&e, 0x181000, 0x181000, 1, EPT_R | EPT_W | EPT_TYPE_WB), 0);
	EXPECT_ERR(walk_2d(&p, &e, 0x6000, ACCESS_FETCH, &w), -EPERM);
	EXPECT_U64(w.ept.qualification, 4 | 3 << 3);
	CONTEXT("with accessed and dirty flags, reading an entry of the guest's counts as a write");
	e.ad = true;
	EXPECT_ERR(walk_2d(&p, &e, 0x5123, 0, &w), -EPERM);
	EXPECT_U64(w.ept.gpa, 0x100000);
	EXPECT_U64(w.ept.qualification, 3 | 1 << 3);
}
