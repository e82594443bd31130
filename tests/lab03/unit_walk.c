// SPDX-License-Identifier: MIT
/*
 * Task 3.2. Tables are put together entry by entry, so that it is known beforehand how each walk
 * must end: nobody here walks them a second time.
 */
#include <errno.h>

#include "memory.h"
#include "walk.h"

#define TABLES	     0x100000ULL /* one page each: PML4, PDPT, PD, PT */
#define TABLE(level) (TABLES + 0x1000 * (4 - (level)))
#define OUTSIDE	     0x8000000ULL
#define HIGH_TABLE   0x7654321000ULL
#define ROUNDS	     12000

enum end { LEAF, ABSENT, RESERVED, NO_MEMORY, NOT_CANONICAL, ENDS };

/* One constructed case: what there is, what is done, and what must come of it. */
struct made {
	struct paging p;
	u64 gva;
	u32 access;
	enum end end;
	unsigned level; /* where it ends */
	u64 entry[5];	/* by level */
	bool writable, user, executable;
	u64 page;
};

static u64 table_or_page_bits(struct draw *d, const struct paging *p)
{
	u64 bits = PTE_P | (draw(d) & (PTE_PWT | PTE_PCD | PTE_A));

	if (draw_below(d, 8))
		bits |= PTE_RW;
	if (draw_below(d, 4))
		bits |= PTE_US;
	if (p->nxe && !draw_below(d, 8))
		bits |= PTE_NX;
	/* bits 11:9 and 58:52 are the software's: they mean nothing */
	return bits | (draw(d) & 0x07f0000000000e00ULL);
}

/* A bit that this CPU reserves in an entry of that level. */
static u64 reserved_bit(struct draw *d, const struct paging *p, unsigned level, u64 entry)
{
	for (;;) {
		switch (draw_below(d, 4)) {
		case 0:
			if (p->max_phys < 52)
				return 1ULL << (p->max_phys + draw_below(d, 52 - p->max_phys));
			break;
		case 1:
			if (!p->nxe)
				return PTE_NX;
			break;
		case 2:
			if (level == 4 || (level == 3 && !p->page_1g))
				return PTE_PS;
			break;
		default:
			if (level > 1 && level < 4 && (entry & PTE_PS))
				return 1ULL << (13 + draw_below(d, LEVEL_SHIFT(level) - 13));
		}
	}
}

static struct paging draw_cpu(struct draw *d)
{
	u64 bits = draw(d);

	return (struct paging){
		.cr3 = TABLE(4) | (bits & 0x18), /* PWT and PCD of CR3 are no part of the address */
		.wp = bits >> 8 & 1,
		.nxe = bits >> 9 & 1,
		.smep = bits >> 10 & 1,
		.smap = bits >> 11 & 1,
		.ac = bits >> 12 & 1,
		.page_1g = bits >> 13 & 1,
		.max_phys = 36 + (unsigned)draw_below(d, 17),
	};
}

static struct made make(struct draw *d)
{
	struct made m = { .p = draw_cpu(d), .writable = true, .user = true, .executable = true };
	static const u32 accesses[] = { 0, ACCESS_WRITE, ACCESS_FETCH };

	m.gva = (u64)((s64)(draw(d) << 16) >> 16);
	m.access = accesses[draw_below(d, 3)] | (draw_below(d, 2) ? ACCESS_USER : 0);
	m.end = draw_below(d, 3) ? LEAF : draw_below(d, ENDS);
	m.level = 1 + (unsigned)draw_below(d, 4);
	if (m.end == LEAF)
		m.level = 1 + (unsigned)draw_below(d, m.p.page_1g ? 3 : 2);
	if (m.end == NO_MEMORY && m.level == 4)
		m.level = 3;
	for (unsigned level = 4; level >= m.level; level--) {
		u64 bits = table_or_page_bits(d, &m.p);

		m.entry[level] = bits | TABLE(level - 1);
		m.writable &= !!(bits & PTE_RW);
		m.user &= !!(bits & PTE_US);
		m.executable &= !(bits & PTE_NX);
	}
	return m;
}

static void finish(struct made *m, struct draw *d)
{
	u64 *last = &m->entry[m->level];
	u64 mask = ((1ULL << m->p.max_phys) - 1) & ~(LEVEL_SIZE(m->level) - 1);

	switch (m->end) {
	case LEAF:
		m->page = draw(d) & mask;
		*last = (*last & ~PTE_ADDR) | m->page | (draw(d) & (PTE_D | PTE_G));
		if (m->level > 1)
			*last |= PTE_PS | (draw(d) & 1 << 12); /* bit 12 is PAT: no address */
		else
			*last |= draw(d) & PTE_PS; /* bit 7 is PAT here */
		break;
	case ABSENT:
		*last = draw(d) & ~PTE_P; /* and nothing else counts */
		break;
	case RESERVED:
		if (m->level > 1 && m->level < 4 && (m->level < 3 || m->p.page_1g))
			*last = (*last & ~(LEVEL_SIZE(m->level) - 1 - 0xfff)) | PTE_PS;
		if (m->level == 1 && m->p.nxe && m->p.max_phys == 52)
			m->p.max_phys = 51; /* else nothing would be reserved there */
		*last |= reserved_bit(d, &m->p, m->level, *last);
		break;
	case NO_MEMORY:
		m->entry[m->level + 1] = (m->entry[m->level + 1] & ~PTE_ADDR) | OUTSIDE;
		break;
	default:
		m->gva ^= 1ULL << (48 + draw_below(d, 16));
	}
}

/* SDM 3A, 4.6.1, by its sentences. */
static bool may(const struct made *m)
{
	bool user = m->access & ACCESS_USER;

	if (m->access & ACCESS_FETCH)
		return m->executable && (user ? m->user : !(m->p.smep && m->user));
	if (user && !m->user)
		return false;
	if (!user && m->user && m->p.smap && !m->p.ac)
		return false;
	if (m->access & ACCESS_WRITE)
		return m->writable || (!user && !m->p.wp);
	return true;
}

static int wanted(const struct made *m, u32 *error)
{
	u32 how = (m->access & ACCESS_WRITE ? PF_W : 0) | (m->access & ACCESS_USER ? PF_U : 0) |
		  (m->access & ACCESS_FETCH && (m->p.nxe || m->p.smep) ? PF_I : 0);

	switch (m->end) {
	case NOT_CANONICAL:
		return -ERANGE;
	case NO_MEMORY:
		return -EFAULT;
	case ABSENT:
		*error = how;
		return -EACCES;
	case RESERVED:
		*error = how | PF_P | PF_RSVD;
		return -EACCES;
	default:
		*error = how | PF_P;
		return may(m) ? 0 : -EACCES;
	}
}

static void put(struct fake_memory *f, const struct made *m)
{
	for (unsigned level = 4; level >= m->level; level--)
		put_entry(f, TABLE(level) + 8 * LEVEL_INDEX(m->gva, level), m->entry[level]);
}

static void take_back(struct fake_memory *f, const struct made *m)
{
	for (unsigned level = 4; level >= m->level; level--)
		put_entry(f, TABLE(level) + 8 * LEVEL_INDEX(m->gva, level), 0);
}

/* What decides first: a line of the report has 100 columns. */
static void tell_case(const struct made *m)
{
	static const char *const end[] = { "a page", "an absent entry", "a reserved bit",
					   "a table outside memory", "no address" };

	CONTEXT("%s %s, wp%d nxe%d smep%d smap%d ac%d 1g%d phys%u: %s, level %u, %s%s%s entry "
		"%llx, "
		"0x%llx",
		m->access & ACCESS_USER ? "user's" : "kernel's",
		m->access & ACCESS_FETCH   ? "fetch"
		: m->access & ACCESS_WRITE ? "write"
					   : "read",
		m->p.wp, m->p.nxe, m->p.smep, m->p.smap, m->p.ac, m->p.page_1g, m->p.max_phys,
		end[m->end], m->level, m->writable ? "w" : "-", m->user ? "u" : "-",
		m->executable ? "x" : "-", (unsigned long long)m->entry[m->level],
		(unsigned long long)m->gva);
}

/* Memory that counts what is written to it. */
struct counting {
	struct physmem pm, *below;
	unsigned writes;
	int err; /* of each write */
};

static int counting_read(struct physmem *pm, u64 addr, void *buf, u64 len)
{
	struct counting *c = container_of(pm, struct counting, pm);

	return c->below->read(c->below, addr, buf, len);
}

static int counting_write(struct physmem *pm, u64 addr, const void *buf, u64 len)
{
	struct counting *c = container_of(pm, struct counting, pm);

	c->writes++;
	return c->err ? c->err : c->below->write(c->below, addr, buf, len);
}

static void expect_answer(const struct made *m, int ret, const struct walk *w)
{
	u32 error = 0;
	int want = wanted(m, &error);

	EXPECT_U64(w->gva, m->gva);
	EXPECT_ERR(ret, want);
	if (want == -EACCES)
		EXPECT_U64(w->error, error);
	if (want == -ERANGE)
		return;
	EXPECT_U64(w->reads, want == -EFAULT ? 4 - m->level : 5 - m->level);
	for (unsigned i = 0; i < w->reads; i++) {
		EXPECT_U64(w->address[i], TABLE(4 - i) + 8 * LEVEL_INDEX(m->gva, 4 - i));
		EXPECT_U64(w->entry[i], m->entry[4 - i]);
	}
	if (want)
		return;
	EXPECT_U64(w->size, LEVEL_SIZE(m->level));
	EXPECT_U64(w->gpa, m->page | (m->gva & (LEVEL_SIZE(m->level) - 1)));
	EXPECT_TRUE(w->writable == m->writable && w->user == m->user &&
			    w->executable == m->executable,
		    "writable %d, user %d, executable %d", w->writable, w->user, w->executable);
}

TEST("3.2", constructed_tables, 2, .seconds = 0.8)
{
	struct draw d = draw_begin();
	struct fake_memory f;
	struct physmem *pm = fake_memory(&f, TABLES, 0x4000, 0);
	u8 *before = malloc(0x4000);

	for (int i = 0; i < ROUNDS; i++) {
		struct made m = make(&d);
		struct walk w;
		int ret;

		finish(&m, &d);
		put(&f, &m);
		memcpy(before, f.bytes, 0x4000);
		tell_case(&m);
		ret = walk(&m.p, pm, m.gva, m.access, &w);
		expect_answer(&m, ret, &w);
		if (memcmp(before, f.bytes, 0x4000) != 0)
			EXPECT_TRUE(false, "the walk wrote to the tables");
		take_back(&f, &m);
	}
	free(before);
}

TEST("3.2", accessed_and_dirty, 2, .seconds = 0.3)
{
	struct draw d = draw_begin();
	struct fake_memory f;
	struct counting c = { .pm = { counting_read, counting_write },
			      .below = fake_memory(&f, TABLES, 0x4000, 0) };

	for (int i = 0; i < ROUNDS / 4; i++) {
		struct made m = make(&d);
		unsigned changed = 0;
		struct walk w;
		int ret;

		finish(&m, &d);
		put(&f, &m);
		tell_case(&m);
		c.writes = 0;
		ret = walk(&m.p, &c.pm, m.gva, m.access | WALK_SET_AD, &w);
		expect_answer(&m, ret, &w);
		for (unsigned level = 4; level >= m.level && m.end != NOT_CANONICAL; level--) {
			u64 want = m.entry[level];

			if (!ret)
				want |= PTE_A;
			if (!ret && level == m.level && (m.access & ACCESS_WRITE))
				want |= PTE_D;
			EXPECT_U64(entry_at(&f, TABLE(level) + 8 * LEVEL_INDEX(m.gva, level)),
				   want);
			changed += want != m.entry[level];
		}
		EXPECT_TRUE(c.writes == changed, "%u entries change, and %u were written", changed,
			    c.writes);
		if (changed && i % 16 == 0) {
			put(&f, &m);
			c.err = -EROFS;
			CONTEXT("the same tables, in memory that says EROFS to a write");
			EXPECT_ERR(walk(&m.p, &c.pm, m.gva, m.access | WALK_SET_AD, &w), -EROFS);
			c.err = 0;
		}
		take_back(&f, &m);
	}
}

/* Tables that lead to themselves through every level, and a CR3 that leads nowhere. */
TEST("3.2", hostile_tables_end, 2)
{
	struct paging p = { .cr3 = TABLES, .nxe = true, .max_phys = 40 };
	struct fake_memory f;
	struct physmem *pm = fake_memory(&f, TABLES, 0x1000, 0);
	struct walk w;

	for (u64 at = 0; at < 0x1000; at += 8)
		put_entry(&f, TABLES + at, TABLES | PTE_P | PTE_RW | PTE_US | PTE_A);
	CONTEXT("every entry of the only table leads to that table: four reads, and it is the "
		"page");
	EXPECT_ERR(walk(&p, pm, 0x123456789abc, 0, &w), 0);
	EXPECT_U64(w.reads, 4);
	EXPECT_U64(w.gpa, TABLES | 0xabc);
	CONTEXT("CR3 outside memory");
	p.cr3 = 0xfffffff000;
	EXPECT_ERR(walk(&p, pm, 0x1000, ACCESS_WRITE | WALK_SET_AD, &w), -EFAULT);
	EXPECT_U64(w.reads, 0);
	CONTEXT("CR3 with all ones: its address is bits 51:12");
	p.cr3 = UINT64_MAX;
	EXPECT_ERR(walk(&p, pm, 0x1000, 0, &w), -EFAULT);
	pm = fake_memory(&f, HIGH_TABLE, 0x1000, 0);
	p.cr3 = HIGH_TABLE;
	put_entry(&f, HIGH_TABLE, HIGH_TABLE | PTE_P);
	put_entry(&f, HIGH_TABLE + 8 * 5, 0xabcdef0000 | PTE_P);
	CONTEXT("the only table lies above 4 GiB, and so does the page");
	EXPECT_ERR(walk(&p, pm, 0x5123, 0, &w), 0);
	EXPECT_U64(w.gpa, 0xabcdef0123);
	put_entry(&f, HIGH_TABLE + 8, PTE_P | PTE_PS);
	CONTEXT("PS in a PDPT entry is reserved where there are no pages of 1 GiB");
	EXPECT_ERR(walk(&p, pm, GiB(1) + 0x123, 0, &w), -EACCES);
	EXPECT_U64(w.error, PF_P | PF_RSVD);
	p.page_1g = true;
	EXPECT_ERR(walk(&p, pm, GiB(1) + 0x123, 0, &w), 0);
	EXPECT_U64(w.gpa, 0x123);
}
