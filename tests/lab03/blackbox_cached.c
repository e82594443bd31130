// SPDX-License-Identifier: MIT
/* Task 3.13 from outside: shadow tables that outlive a CR3 load. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test.h"

static struct outcome run_mode(const char *guest, const char *mmu, u64 nonce)
{
	return run_vmm(
		&(struct vmm_run){ .guest = guest, .nonce = nonce, .args = { mmu, "--stats" } });
}

static u64 fills(const struct outcome *o)
{
	const char *at = strstr(o->err, "pf_fixed ");

	EXPECT_TRUE(at, "no line of counters");
	return at ? strtoull(at + strlen("pf_fixed "), NULL, 10) : 0;
}

TEST("3.13", a_cached_root_is_not_filled_again, 0)
{
	struct outcome o = run_guest("03/two-spaces", "--mmu=shadow-cached", "--stats"), plain;
	char text[80];

	snprintf(text, sizeof(text), "one %08x\ntwo %08x\none %08x\ntwo %08x\n", (u32)o.nonce,
		 (u32)(o.nonce >> 32), (u32)o.nonce + 1, (u32)(o.nonce >> 32) + 1);
	CONTEXT("two spaces, each loaded twice: the second time all is there");
	EXPECT_STR(o.out, text);
	plain = run_mode("03/two-spaces", "--mmu=shadow", o.nonce);
	EXPECT_TRUE(fills(&o) < fills(&plain), "%llu fills, and %llu without a cache",
		    (unsigned long long)fills(&o), (unsigned long long)fills(&plain));
}

TEST("3.13", cached_prints_the_same, 0, .seconds = 0.4)
{
	static const char *const guest[] = { "03/first-map",  "03/window",  "03/remap",
					     "03/demand",     "03/ad-bits", "03/permissions",
					     "03/touch-pages" };

	for (size_t i = 0; i < ARRAY_SIZE(guest); i++) {
		struct outcome ept = run_guest(guest[i], "--mmu=ept");
		struct outcome o = run_mode(guest[i], "--mmu=shadow-cached", ept.nonce);

		CONTEXT("%s, nonce 0x%llx, under ept and under shadow-cached", guest[i],
			(unsigned long long)ept.nonce);
		EXPECT_STR(o.out, ept.out);
		EXPECT_U64(o.status, ept.status);
		EXPECT_TRUE(ept.out_len > 0);
	}
}

/* 2048 steps: other spaces, entries that are exchanged, and what is read, or the fault. */
TEST("3.13", address_spaces_at_random, 0, .seconds = 2)
{
	struct outcome ept = run_guest("03/random-spaces", "--mmu=ept"), cached, plain;

	cached = run_mode("03/random-spaces", "--mmu=shadow-cached", ept.nonce);
	plain = run_mode("03/random-spaces", "--mmu=shadow", ept.nonce);
	CONTEXT("nonce 0x%llx: values read, error codes and CR2 of all faults",
		(unsigned long long)ept.nonce);
	EXPECT_U64(ept.out_len, 16 * 9);
	EXPECT_STR(cached.out, ept.out);
	EXPECT_STR(plain.out, ept.out);
	EXPECT_TRUE(fills(&cached) < fills(&plain));
}

TEST("3.13", tables_that_map_each_other, 0)
{
	struct outcome o = run_guest("03/crossed-tables", "--mmu=shadow-cached");
	u32 low = (u32)o.nonce, high = (u32)(o.nonce >> 32) & ~1u;
	char text[100];

	CONTEXT("one instruction writes to two page tables, each mapped by the other");
	snprintf(text, sizeof(text), "above %08x below %08x\nabove %08x below %08x\n", low, high,
		 ~low, ~high & ~1u);
	EXPECT_STR(o.out, text);
	EXPECT_U64(o.status, 0);
}

TEST("-", what_the_cpu_refuses, 0)
{
	static const char *const shadows[] = { "--mmu=shadow", "--mmu=shadow-cached" };
	char text[200];

	for (size_t i = 0; i < ARRAY_SIZE(shadows); i++) {
		struct outcome o = run_guest("03/refused", shadows[i]);
		unsigned int n = (unsigned int)o.nonce & 07777;

		CONTEXT("reserved bits give #GP; OUTS backwards, and with 32-bit addresses, %s",
			shadows[i]);
		snprintf(text, sizeof(text),
			 "cr0.nw gp\ncr3 bit 60 gp\ncr4 without pae gp\n"
			 "cr4 bit 31 gp\nefer bit 1 gp\nefer without lme gp\n"
			 "backwards %o%o%o%o\n32 bits %04o\n",
			 n & 7, n >> 3 & 7, n >> 6 & 7, n >> 9, n);
		EXPECT_STR(o.out, text);
		EXPECT_U64(o.status, 0);
	}
}
