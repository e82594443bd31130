// SPDX-License-Identifier: MIT
/* Task 8.4: memory by nested page tables. */
#include <string.h>

#include "bare.h"
#include "machine_map.h"
#include "svm_log.h"

TEST("8.4", pages_come_when_they_are_touched, 3, SECONDS)
{
	struct bare b = run_amd(.guest = "08/pages", .memory = true);
	unsigned n = (b.o.nonce & 7) + 1;
	u64 there;

	CONTEXT("the guest writes its nonce to %u fresh pages of 4 KiB, and to one of 2 MiB", n);
	EXPECT_STR(b.o.out, test_text("pages %02x\nagain 00\nlarge 01\nsum %08x\n"
				      "the hypervisor's own page\n",
				      n, (u32)(n * b.o.nonce)));
	EXPECT_U64(b.o.status, 0);
	memcpy(&there, b.memory + NESTED_BASE + 0x140008, sizeof(there));
	EXPECT_U64_AS("at the machine's address of the guest's 0x140008", there, b.o.nonce);
}

TEST("8.4", beyond_memory_is_nothing, 2, SECONDS)
{
	struct bare b = run_amd(.guest = "08/beyond");

	CONTEXT("the guest reads where no memory is");
	EXPECT_CONTAINS(b.o.err, test_text("hv: the guest read from its physical address 0x%x: "
					   "nothing is there\n",
					   0x601000 + (u32)b.o.nonce % 0xfeff8));
	EXPECT_STR(b.o.out, "");
	EXPECT_U64(b.o.status, 3);
}

TEST("8.4", a_page_to_read_only, 1, SECONDS)
{
	struct bare b = run_amd(.guest = "08/rom");

	CONTEXT("the guest reads a byte of the page at 0x600000, and writes to another");
	EXPECT_CONTAINS(b.o.err, test_text("hv: the guest wrote to its physical address 0x%x: "
					   "that is not allowed there\n",
					   0x600000 + (u32)(b.o.nonce & 0xff8)));
	EXPECT_STR(b.o.out, "t");
	EXPECT_U64(b.o.status, 3);
}

TEST("8.4", a_page_without_code, 1, SECONDS)
{
	struct bare b = run_amd(.guest = "08/no-code");

	CONTEXT("the guest puts a RET into a page for data, and calls it");
	EXPECT_CONTAINS(b.o.err, test_text("hv: the guest fetched an instruction from its physical "
					   "address 0x%x: that is not allowed there\n",
					   0x700000 + (u32)(b.o.nonce & 0xffff8)));
	EXPECT_STR(b.o.out, "c3\n");
	EXPECT_U64(b.o.status, 3);
}

TEST("8.4", a_table_that_is_not_there, 1, SECONDS)
{
	struct bare b = run_amd(.guest = "08/lost-table");

	CONTEXT("a page directory of the guest's lies at 0x680000, where no memory is");
	EXPECT_CONTAINS(b.o.err,
			test_text("hv: the guest's page tables lead to its physical address "
				  "0x%x: nothing is there\n",
				  0x680000 + 8 * (u32)(b.o.nonce & 0x1ff)));
	EXPECT_STR(b.o.out, "");
	EXPECT_U64(b.o.status, 3);
}

TEST("8.4", without_nested_paging_it_runs_as_before, 0, SECONDS)
{
	struct bare b = run_amd(.guest = "02/echo-nonce", .model = "max,-npt");

	CONTEXT("this CPU has no nested paging: the guest's memory is the machine's");
	EXPECT_STR(b.o.out, nonce_text(&b.o));
	EXPECT_U64_AS("violations", bare_count(&b, LOG_NPF), 0);
}
