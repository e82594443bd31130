// SPDX-License-Identifier: MIT
/* Stretch tasks 6.9 to 6.11, from outside. */
#include <cpuid.h>
#include <stdlib.h>
#include <string.h>

#include "../common/bad_host.h"
#include "nonce.h"

static u32 some(u32 least, u32 most)
{
	return least + (u32)(nonce_random() % (most - least + 1));
}

/* --- 6.9 --- */

TEST("6.9", memory_above_the_hole, 0)
{
	unsigned mib = some(1, 1024);
	u64 nonce = nonce_random();
	struct outcome o = run_vmm(&(struct vmm_run){
		.guest = "06/high-memory",
		.nonce = nonce,
		.args = { "--mode=protected", test_text("--memory=%uM", 3072 + mib) } });

	CONTEXT("3 GiB and %u MiB; what is written above 4 GiB is read back, and lies nowhere else",
		mib);
	EXPECT_STR(o.out, test_text("memory 0000000000000000 00000000000a0000 1\n"
				    "memory 00000000000c0000 0000000000040000 2\n"
				    "memory 0000000000100000 00000000bff00000 1\n"
				    "memory 0000000100000000 %016llx 1\n"
				    "first %08x\nlast %08x\nbelow 0\nin the hole ffffffff\n",
				    (unsigned long long)MiB(mib), (u32)nonce, ~(u32)nonce));
	EXPECT_U64(o.status, 0);
}

TEST("6.9", an_initrd_stays_below_the_hole, 0)
{
	const char *initrd = test_text("--initrd=%s", input_file(INPUT("initrd"), "abc", 3));
	struct outcome o = run_guest("06/bz-info", "--memory=3100M", initrd);

	CONTEXT("a bzImage, whose initrd has an address of 32 bits; the map has a range more");
	EXPECT_STR(o.out, test_text("registers 0\nloader ff\ncommand line \ninitrd 00000003\n"
				    "sum %08x\nmemory 00000000 000a0000 1\n"
				    "memory 000c0000 00040000 2\nmemory 00100000 bff00000 1\n"
				    "memory 00000000 01c00000 1\n",
				    (('a' * 2 + 'b') * 2) + 'c'));
	o = run_guest("06/pvh-info", "--memory=3100M", initrd);
	CONTEXT("the same by the PVH door");
	EXPECT_CONTAINS(o.out, "modules 1\nbytes 00000003\n");
	EXPECT_CONTAINS(o.out, "memory 00000000 01c00000 1\n");
}

/* --- 6.10 --- */

/* What the guest says of a CPU that has the first n of them. */
static const char *features(const char *level, unsigned n)
{
	static const char *const name[] = { "sse2",   "sse3",	"ssse3", "cmpxchg16b", "sse4.1",
					    "sse4.2", "popcnt", "lahf",	 "fma",	       "movbe",
					    "xsave",  "avx",	"f16c",	 "bmi1",       "avx2",
					    "bmi2",   "lzcnt" };
	bool xsave = n == ARRAY_SIZE(name);
	const char *text = test_text("vmmlab %s\n", level);

	for (unsigned i = 0; i < ARRAY_SIZE(name); i++)
		text = test_text("%s%s %u\n", text, name[i], i < n);
	return test_text("%sstates %u\nbytes %08x\nfast strings 0\n", text, xsave ? 7 : 0,
			 xsave ? 832 : 0);
}

/* Where KVM has no hardware below, CPUID may answer what the host's does, whatever KVM was told. */
static bool whole_cpu(void)
{
	unsigned a, b, c, d;

	return (__get_cpuid(1, &a, &b, &c, &d) && c & 1U << 5) ||	 /* VMX */
	       (__get_cpuid(0x80000001, &a, &b, &c, &d) && c & 1U << 2); /* SVM */
}

TEST("6.10", a_cpu_by_its_level, 0)
{
	static const struct {
		const char *level;
		unsigned features;
	} row[] = { { "x86-64", 1 }, { "x86-64-v2", 8 }, { "x86-64-v3", 17 } };

	for (unsigned i = 0; i < ARRAY_SIZE(row); i++) {
		const char *option = test_text("--cpu=%s", row[i].level);
		struct outcome o = run_guest("06/cpu-level", option);

		CONTEXT("%s", option);
		if (o.status == 1 && strstr(o.err, "this host's CPU does not have ")) {
			expect_refused(&o, 1, option + 2);
			continue;
		}
		EXPECT_U64(o.status, 0);
		if (whole_cpu())
			EXPECT_STR(o.out, features(row[i].level, row[i].features));
		else
			EXPECT_STR(test_text("%.*s", (int)strcspn(o.out, "\n"), o.out),
				   test_text("vmmlab %s", row[i].level));
	}
}

/* --- 6.11 --- */

/* One of two registers, in the order in which they are given. */
static void expect_own(u32 number, bool first)
{
	const char *other = "--msr=0x1ffffff0=1", *option;
	u64 value = nonce_random(), nonce = (nonce_random() & ~0xffffffffULL) | number;
	u32 written = (u32)(nonce >> 32);
	struct outcome o;

	option = test_text("--msr=0x%x=0x%llx", number, (unsigned long long)value);
	o = run_vmm(
		&(struct vmm_run){ .guest = "06/msr",
				   .nonce = nonce,
				   .args = { first ? option : other, first ? other : option } });
	CONTEXT("register 0x%x is ours, and 0x%x is nobody's", number, number + 0x7f0000);
	EXPECT_STR(
		o.out,
		test_text("read %016llx\nwritten %08x%08x\nthe next one: #GP\nto write it: #GP\n",
			  (unsigned long long)value, written, written));
	EXPECT_U64(o.status, 0);
	CONTEXT("three exits: read, written, read; what is nobody's is KVM's affair");
	EXPECT_EXITS(o, OTHER, 3);
}

TEST("6.11", a_register_of_ones_own, 0)
{
	expect_own(0x8b, true);				 /* KVM has one, too: of the microcode */
	expect_own(0x10000000 + some(0, 0xffff), false); /* and this one nobody */
}
