// SPDX-License-Identifier: MIT
/*
 * Task 8.8: the guests of 8.3 and 8.4 on Intel's CPU, by the emulator's own count of their exits,
 * and the same guests with the same number in them on AMD's: byte for byte.
 */
#include <string.h>

#include "bare.h"
#include "nonce.h"
#include "svm_log.h"

#define BOTH .seconds = 1

enum { BOCHS_CPUID = 10, BOCHS_HLT = 12, BOCHS_VMCALL = 18, BOCHS_IO = 30, BOCHS_EPT = 48 };

/* Behind the first line, in which on() says what it is. */
static const char *behind_on(const char *err)
{
	const char *line = strchr(err, '\n');

	return line ? line + 1 : err;
}

static struct bare expect_the_same(const char *guest)
{
	struct bare intel = run_intel(.guest = guest), amd;

	amd = run_amd(.guest = guest, .nonce = intel.o.nonce);
	CONTEXT("%s on Intel's CPU, and on AMD's with the same nonce. %s", guest,
		bochs_words(&intel));
	EXPECT_STR(intel.o.out, amd.o.out);
	EXPECT_STR(behind_on(intel.o.err), behind_on(amd.o.err));
	EXPECT_U64(intel.o.status, amd.o.status);
	EXPECT_U64_AS("exits for I/O", bochs_exits(&intel, BOCHS_IO), bare_count(&amd, LOG_IOIO));
	return intel;
}

TEST("8.8", lab_02_prints_on_intel, 1, BOTH)
{
	struct bare b;

	NEED_BOCHS();
	b = expect_the_same("02/hello64");
	EXPECT_STR(b.o.out, "Hello from long mode\n");
	EXPECT_U64_AS("exits for I/O", bochs_exits(&b, BOCHS_IO), 22);
	EXPECT_U64(b.o.status, 0);
}

TEST("8.8", real_mode_on_intel, 1, BOTH)
{
	struct bare b;

	NEED_BOCHS();
	b = expect_the_same("02/echo-nonce");
	EXPECT_STR(b.o.out, nonce_text(&b.o));
	EXPECT_U64(b.o.status, nonce_status(&b.o));
	EXPECT_U64_AS("exits for I/O: REP OUTSB is one", bochs_exits(&b, BOCHS_IO), 2);
	b = expect_the_same("08/state16");
	EXPECT_U64_AS("CR0", bare_register(&b, "RCX"), 0x10);
	EXPECT_U64_AS("what it read by DS", bare_register(&b, "RSI"), (u32)b.o.nonce);
	EXPECT_U64(bochs_exits(&b, BOCHS_HLT), 1);
}

TEST("8.8", ports_on_intel, 1, BOTH)
{
	struct bare b;

	NEED_BOCHS();
	b = expect_the_same("08/ports");
	EXPECT_CONTAINS(b.o.out, nonce_text(&b.o));
	EXPECT_U64(b.o.status, 23);
}

TEST("8.8", instructions_on_intel, 1, .seconds = 3)
{
	unsigned n;
	struct bare b;

	NEED_BOCHS();
	b = expect_the_same("08/cpuid");
	EXPECT_CONTAINS(b.o.out, test_text("%08x\n", (u32)b.o.nonce));
	EXPECT_CONTAINS(b.o.out, "vmmlab type1 40000000\n");
	b = expect_the_same("08/msr");
	EXPECT_CONTAINS(b.o.out, test_text("00000000 00000d00\n%08x\n", (u32)b.o.nonce));
	b = expect_the_same("08/calls");
	n = (b.o.nonce & 15) + 1;
	EXPECT_STR(b.o.out, test_text("who 0\ncpuids %02x\nno such call ffffffff\n", n));
	EXPECT_U64(bochs_exits(&b, BOCHS_VMCALL), 4);
	expect_the_same("08/segments");
}

TEST("8.8", a_triple_fault_on_intel, 0, BOTH)
{
	struct bare b;

	NEED_BOCHS();
	b = expect_the_same("08/triple-fault");
	EXPECT_CONTAINS(b.o.err, "hv: the guest died of a triple fault\n");
	EXPECT_U64(b.o.status, 3);
}

TEST("8.8", pages_on_intel, 1, BOTH)
{
	struct bare b;
	unsigned n;

	NEED_BOCHS();
	b = expect_the_same("08/pages");
	n = (b.o.nonce & 7) + 1;
	EXPECT_STR(b.o.out, test_text("pages %02x\nagain 00\nlarge 01\nsum %08x\n"
				      "the hypervisor's own page\n",
				      n, (u32)(n * b.o.nonce)));
	EXPECT_TRUE(bochs_exits(&b, BOCHS_EPT) > n, "only %u EPT violations",
		    bochs_exits(&b, BOCHS_EPT));
}

TEST("8.8", violations_on_intel, 1, .seconds = 3)
{
	struct bare b;

	NEED_BOCHS();
	b = expect_the_same("08/beyond");
	EXPECT_CONTAINS(b.o.err, test_text("hv: the guest read from its physical address 0x%x: "
					   "nothing is there\n",
					   0x601000 + (u32)b.o.nonce % 0xfeff8));
	b = expect_the_same("08/rom");
	EXPECT_CONTAINS(b.o.err, test_text("hv: the guest wrote to its physical address 0x%x: "
					   "that is not allowed there\n",
					   0x600000 + (u32)(b.o.nonce & 0xff8)));
	b = expect_the_same("08/no-code");
	EXPECT_CONTAINS(b.o.err, "hv: the guest fetched an instruction from its physical address");
	b = expect_the_same("08/lost-table");
	EXPECT_CONTAINS(b.o.err, "hv: the guest's page tables lead to its physical address");
	EXPECT_U64(b.o.status, 3);
}
