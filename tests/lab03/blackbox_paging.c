// SPDX-License-Identifier: MIT
/* Tasks 3.1 to 3.3 and 3.12, from outside: guests on the VMM's tables, and --walk on the guest's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nonce.h"
#include "test.h"

TEST("3.1", first_map, 5)
{
	struct outcome o = run_guest("03/first-map");
	char text[80];

	snprintf(text, sizeof(text), "seen above %08x\nseen below %08x\n", (u32)o.nonce,
		 (u32)(o.nonce >> 32));
	CONTEXT("the guest reads its nonce through the direct map, writes there, and reads below");
	EXPECT_STR(o.out, text);
	EXPECT_U64(o.status, nonce_status(&o));
}

TEST("3.1", faults_on_tables_that_changed, 2)
{
	struct outcome o = run_guest("03/demand");
	u32 first = (u32)(0x40000000 + (o.nonce & 7) * 0x1000);
	char text[160];

	snprintf(text, sizeof(text),
		 "fault at %08x error 2\nfault at %08x error 0\nread back 5eed5eed\nfaults 2\n",
		 first, first + 0x1000);
	CONTEXT("the guest hangs its own tables below the VMM's, and serves its own page faults");
	EXPECT_STR(o.out, text);
	EXPECT_U64(o.status, 0);
}

/* The window guest: where the nonce says that its page is. */
static u64 window_gva(u64 nonce)
{
	u64 pml4 = 1 + (nonce >> 27 & 127);

	return pml4 << 39 | (nonce >> 18 & 511) << 30 | (nonce >> 9 & 511) << 21 |
	       (nonce & 511) << 12 | (nonce >> 44 & 0xff8);
}

static struct outcome walk_window(u64 nonce, u64 gva)
{
	char option[40];

	snprintf(option, sizeof(option), "--walk=0x%llx", (unsigned long long)gva);
	return run_vmm(
		&(struct vmm_run){ .guest = "03/window", .nonce = nonce, .args = { option } });
}

/* What the guest printed: where its tables are. */
static u64 printed(const struct outcome *o, const char *name)
{
	const char *at = strstr(o->out, name);

	EXPECT_TRUE(at, "the guest did not print %s", name);
	if (!at)
		return 0;
	return strtoull(at + strlen(name), NULL, 16);
}

static void expect_entry(const struct outcome *o, const char *table, unsigned index, u64 in,
			 const char *flags, const char *to, u64 target)
{
	char line[160];

	snprintf(line, sizeof(line), "  %-4s[%3u] at 0x%-9llx ", table, index,
		 (unsigned long long)(in + 8ULL * index));
	EXPECT_CONTAINS(o->err, line);
	snprintf(line, sizeof(line), "  %s -> %s 0x%llx\n", flags, to, (unsigned long long)target);
	EXPECT_CONTAINS(o->err, line);
}

TEST("3.2", walk_of_the_guests_own_tables, 6)
{
	u64 nonce = nonce_random() | 7ULL << 40, gva = window_gva(nonce);
	struct outcome o = walk_window(nonce, gva);
	char line[160];

	CONTEXT("the guest made tables by its nonce; --walk=0x%llx must find its page",
		(unsigned long long)gva);
	EXPECT_CONTAINS(o.out, "seen 5eed5eed\n");
	expect_entry(&o, "PML4", (unsigned)(gva >> 39 & 511), printed(&o, "pml4 "), "P RW US A",
		     "PDPT", printed(&o, "pdpt "));
	expect_entry(&o, "PDPT", (unsigned)(gva >> 30 & 511), printed(&o, "pdpt "), "P RW US A",
		     "PD", printed(&o, "pd   "));
	expect_entry(&o, "PD", (unsigned)(gva >> 21 & 511), printed(&o, "pd   "), "P RW US A", "PT",
		     printed(&o, "pt   "));
	expect_entry(&o, "PT", (unsigned)(gva >> 12 & 511), printed(&o, "pt   "),
		     "P RW US PWT PCD A D", "page", printed(&o, "page "));
	snprintf(line, sizeof(line),
		 "  guest-physical  0x%llx, in a page of 4 KiB: writable, user, executable\n",
		 (unsigned long long)(printed(&o, "page ") | (gva & 0xfff)));
	EXPECT_CONTAINS(o.err, line);
}

TEST("3.2", walks_that_end_early, 2)
{
	u64 nonce = nonce_random(), gva = window_gva(nonce);
	struct outcome o = walk_window(nonce, gva ^ 0x1000);

	CONTEXT("the page beside the guest's only one");
	EXPECT_CONTAINS(o.err, "  not present\n  page fault      error code 0x0: not present\n");
	o = walk_window(nonce,
			(gva & ~(511ULL << 39)) | 200ULL << 39); /* the guest's are 1 to 128 */
	CONTEXT("another PML4 entry: no table below it");
	EXPECT_CONTAINS(o.err, "PML4");
	EXPECT_TRUE(!strstr(o.err, "PDPT["), "it read on below an entry that is not present");
	CONTEXT("an address that is none");
	o = walk_window(nonce, 0x800000000000);
	EXPECT_CONTAINS(o.err, "not canonical");
}

TEST("3.3", walk_reaches_the_machine, 6)
{
	u64 nonce = nonce_random(), gva = window_gva(nonce);
	struct outcome o = walk_window(nonce, gva);
	char line[80];

	CONTEXT("the walk goes on from the guest-physical address to the machine and to the host");
	snprintf(line, sizeof(line), "  machine         0x%llx\n",
		 (unsigned long long)(printed(&o, "page ") | (gva & 0xfff)));
	EXPECT_CONTAINS(o.err, line);
	EXPECT_CONTAINS(o.err, "  host-virtual    0x");
	EXPECT_CONTAINS(o.err, ", in memory slot ");
	CONTEXT("far behind the guest's memory there is no host memory");
	o = run_vmm(&(struct vmm_run){ .guest = "03/demand",
				       .args = { "--walk=0x30000000", "--memory=64M" } });
	EXPECT_CONTAINS(o.err, "  machine         0x30000000\n");
	EXPECT_CONTAINS(o.err, "  host-virtual    none: no RAM is there\n");
}

TEST("3.12", references_are_counted, 2)
{
	u64 nonce = nonce_random();
	struct outcome o = walk_window(nonce, window_gva(nonce));

	CONTEXT("four guest levels over four of the EPT; then three over four");
	EXPECT_CONTAINS(o.err, "  by hardware     24 references: 4 guest entries");
	o = run_guest("03/demand", "--walk=0x400000");
	EXPECT_CONTAINS(o.err, "  by hardware     19 references: 3 guest entries");
}

/* Every guest of part C prints what its header says; QEMU was asked, too (./lab compare). */
TEST("-", guests_on_their_own_tables, 0)
{
	static const struct {
		const char *guest, *out;
	} row[] = {
		{ "03/permissions", "absent, read 00\nabsent, write 02\nread-only, read --\n"
				    "read-only, write 03\nread-only, write without WP --\n"
				    "no-execute, fetch 11\nread-only upper, write 03\n" },
		{ "03/ad-bits", "fresh   A 0 D 0\nread    A 1 D 0\nwritten A 1 D 1\n"
				"cleared A 0 D 0\nread    A 1 D 0\ntable   A 1\n" },
	};
	struct outcome o;
	char text[80];

	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		o = run_guest(row[i].guest);
		EXPECT_STR(o.out, row[i].out);
		EXPECT_U64(o.status, 0);
	}
	o = run_guest("03/remap");
	snprintf(text, sizeof(text), "first %08x\nthen  %08x\nback  %08x\n", (u32)o.nonce,
		 ~(u32)(o.nonce >> 32), (u32)o.nonce);
	EXPECT_STR(o.out, text);
	o = run_guest("03/two-spaces");
	snprintf(text, sizeof(text), "one %08x\ntwo %08x\none %08x\ntwo %08x\n", (u32)o.nonce,
		 (u32)(o.nonce >> 32), (u32)o.nonce + 1, (u32)(o.nonce >> 32) + 1);
	EXPECT_STR(o.out, text);
}

TEST("-", walk_of_a_guest_that_died_of_a_triple_fault, 0)
{
	struct outcome o = run_guest("03/no-handler", "--walk=0x100000");

	EXPECT_STR(o.out, "reading\n");
	EXPECT_U64(o.status, 3);
	if (strstr(o.err, "the triple fault reset the CPU, and"))
		EXPECT_CONTAINS(o.err,
				"vmm: --walk: the triple fault reset the CPU (as on AMD), so "
				"nothing says any more where the guest's tables are\n");
	else
		EXPECT_CONTAINS(o.err, "\nwalk of 0x100000, from CR3 0x");
}
