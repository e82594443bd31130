// SPDX-License-Identifier: MIT
/*
 * What translation costs, in exits to user space. The guests of `./lab bench LAB=03` do one thing n
 * times; two runs that differ in n only tell exactly what doing it once more costs. (Never in
 * time: that is the engine's.)
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nonce.h"
#include "test.h"

#define FEW  7	/* times; enough for both spaces of space-switch to have been there */
#define MANY 47 /* below 64: see guests/lib/times.inc */
#define MORE (MANY - FEW)

/* Of one run, or of a difference of two. */
struct counts {
	u64 exits, fixed, invlpg, flush;
};

static u64 counter(const struct outcome *o, const char *name)
{
	const char *line = strstr(o->err, "shadow paging: ");
	const char *at = line ? strstr(line, name) : NULL;

	return at ? strtoull(at + strlen(name), NULL, 10) : 0;
}

static struct counts count(const struct outcome *o)
{
	struct counts c = {
		.fixed = counter(o, "pf_fixed "),
		.invlpg = counter(o, "invlpg "),
		.flush = counter(o, "tlb_flush "),
	};

	for (unsigned i = 0; i < o->report.nkinds; i++)
		c.exits += o->report.kinds[i].count;
	return c;
}

static u32 rotate5(u32 v)
{
	return v << 5 | v >> 27;
}

/* What the guest prints when it has done its work n times, with this seed. */
static void result(const char *guest, u32 n, u32 seed, char *text, size_t size)
{
	u32 sum = 0;

	if (!strcmp(guest, "03/first-touch")) {
		snprintf(text, size, "first %08x\nlast  %08x\n", seed, seed + n - 1);
		return;
	}
	if (!strcmp(guest, "03/plain-access"))
		sum = 64 * seed + 63 * 64 / 2 + n * (n + 1) / 2;
	for (u32 i = 0; !strcmp(guest, "03/pte-storm") && i < n; i++)
		sum = rotate5(sum) + seed + !(i & 1);
	for (u32 i = 0; !strcmp(guest, "03/space-switch") && i < n; i++)
		sum = rotate5(sum) + 8 * (seed + (i & 1) * 8) + 7 * 8 / 2;
	snprintf(text, size, "sum %08x\n", sum);
}

static struct counts run_times(const char *guest, const char *mmu, u32 n, u32 seed)
{
	struct outcome o = run_vmm(&(struct vmm_run){
		.guest = guest, .nonce = (u64)seed << 32 | n, .args = { mmu, "--stats" } });
	char text[80];

	result(guest, n, seed, text, sizeof(text));
	CONTEXT("%s %s, %u times, seed 0x%x", guest, mmu, n, seed);
	EXPECT_STR(o.out, text);
	EXPECT_U64(o.status, 0);
	return count(&o);
}

/* What MORE operations cost. */
static struct counts cost(const char *guest, const char *mmu)
{
	u32 seed = (u32)nonce_random() | 1;
	struct counts few = run_times(guest, mmu, FEW, seed);
	struct counts many = run_times(guest, mmu, MANY, seed);

	CONTEXT("%s %s: what %u times cost more than %u times", guest, mmu, MANY, FEW);
	return (struct counts){ many.exits - few.exits, many.fixed - few.fixed,
				many.invlpg - few.invlpg, many.flush - few.flush };
}

TEST("-", a_first_touch_costs_one_exit_a_second_none, 0, .seconds = 0.5)
{
	struct counts c = cost("03/first-touch", "--mmu=shadow");

	EXPECT_U64(c.exits, MORE);
	EXPECT_U64(c.fixed, MORE);
	c = cost("03/plain-access", "--mmu=shadow");
	EXPECT_U64(c.exits, 0);
}

/* INVLPG is one exit, and the read after it a fill; the store to the table is none. */
TEST("-", an_update_costs_two_exits_under_shadow, 0, .seconds = 0.5)
{
	struct counts c = cost("03/pte-storm", "--mmu=shadow");

	EXPECT_U64(c.invlpg, MORE);
	EXPECT_U64(c.fixed, MORE);
	EXPECT_U64(c.exits, 2 * MORE);
}

/* The load of CR3, the page that the code is in, and the 8 pages that are read. */
TEST("-", a_switch_costs_its_fills_under_shadow, 0, .seconds = 0.5)
{
	struct counts c = cost("03/space-switch", "--mmu=shadow");

	EXPECT_U64(c.flush, MORE);
	EXPECT_U64(c.fixed, 9 * MORE);
	EXPECT_U64(c.exits, 10 * MORE);
}

/* What the VMM has asked of KVM in one run, but for KVM_RUN itself. */
static u64 questions(const char *guest, const char *mmu, u32 n)
{
	struct outcome o = run_vmm(&(struct vmm_run){
		.guest = guest, .nonce = 1ULL << 32 | n, .args = { mmu }, .preload = "count=1" });
	u64 sum = 0;

	EXPECT_CONTAINS(o.err, "shim: KVM_RUN ");
	for (const char *at = o.err; (at = strstr(at, "shim: ")); at++)
		if (strncmp(at, "shim: KVM_RUN ", 14) != 0)
			sum += strtoull(strchr(at + 6, ' ') + 1, NULL, 0);
	return sum;
}

/* Traps are handled with what the VMM knows: each question is another way into the kernel. */
TEST("-", no_trap_asks_kvm_anything, 0, .seconds = 0.5)
{
	static const char *const guest[] = { "03/pte-storm", "03/space-switch" };
	static const char *const mmu[] = { "--mmu=shadow", "--mmu=shadow-cached", "--mmu=ept" };

	for (size_t i = 0; i < ARRAY_SIZE(guest) * ARRAY_SIZE(mmu); i++) {
		const char *g = guest[i / ARRAY_SIZE(mmu)], *m = mmu[i % ARRAY_SIZE(mmu)];
		u64 few = questions(g, m, FEW), many = questions(g, m, MANY);

		CONTEXT("%s %s: requests besides KVM_RUN, for %u times and for %u", g, m, FEW,
			MANY);
		EXPECT_U64(many, few);
	}
}

TEST("-", nothing_exits_under_ept, 0, .seconds = 0.5)
{
	static const char *const guest[] = { "03/pte-storm", "03/space-switch", "03/first-touch",
					     "03/plain-access" };

	for (size_t i = 0; i < ARRAY_SIZE(guest); i++) {
		struct counts c = cost(guest[i], "--mmu=ept");

		EXPECT_U64(c.exits, 0);
	}
}

TEST("3.13", a_switch_to_a_cached_root_costs_one_exit, 0, .seconds = 0.5)
{
	struct counts c = cost("03/space-switch", "--mmu=shadow-cached");

	EXPECT_U64(c.flush, MORE);
	EXPECT_U64(c.fixed, 0);
	EXPECT_U64(c.exits, MORE);
}

/* A table that is out of step is not watched again before CR3 is loaded: as under shadow. */
TEST("3.13", other_costs_are_those_of_shadow, 0, .seconds = 0.5)
{
	struct counts c = cost("03/pte-storm", "--mmu=shadow-cached");

	EXPECT_U64(c.fixed, MORE);
	EXPECT_U64(c.exits, 2 * MORE);
	c = cost("03/first-touch", "--mmu=shadow-cached");
	EXPECT_U64(c.exits, MORE);
	c = cost("03/plain-access", "--mmu=shadow-cached");
	EXPECT_U64(c.exits, 0);
}
