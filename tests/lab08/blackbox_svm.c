// SPDX-License-Identifier: MIT
/* AMD's half, on QEMU: what the guests print, and what the CPU has seen. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bare.h"
#include "machine_map.h"
#include "nonce.h"
#include "svm_log.h"
#include "vmcb.h"

/* --- 8.1 --- */

/* Pages in which VMSAVE has left the hypervisor's TR (selector 0x18, 0x68 bytes). */
static unsigned saved_pages(const struct bare *b)
{
	unsigned n = 0;

	for (u64 page = PAGES_BASE; page < PAGES_END; page += PAGE_SIZE_4K) {
		const struct vmcb *v = (const void *)(b->memory + page);

		n += v->save.tr.selector == SEL_TSS && v->save.tr.limit == 0x67 &&
		     v->save.tr.base > HV_BASE;
	}
	return n;
}

TEST("8.1", svm_is_on, 2, SECONDS)
{
	struct bare b = run_amd(.memory = true);

	CONTEXT("no guest: SVM goes on, and off again. VMSAVE is an invalid opcode while SVM is "
		"off");
	EXPECT_CONTAINS(b.o.err, "hv: SVM is on: revision 1, 16 ASIDs, nested paging\n");
	EXPECT_U64_AS("pages with the host's registers", saved_pages(&b), 1);
	EXPECT_TRUE(!strstr(b.o.err, "have not come back"), "%s", b.o.err);
	EXPECT_U64(b.o.status, 0);
}

TEST("8.1", no_svm_is_said, 1, SECONDS)
{
	struct bare b = run_amd(.model = "max,-svm");

	CONTEXT("this CPU has no SVM");
	EXPECT_CONTAINS(b.o.err, "0x80000001"); /* in words of the student's own */
	EXPECT_TRUE(!strstr(b.o.err, "SVM is on"), "%s", b.o.err);
	EXPECT_U64(b.o.status, 1);
}

TEST("8.1", no_nested_paging_is_said, 1, SECONDS)
{
	struct bare b = run_amd(.model = "max,-npt");

	CONTEXT("this CPU has SVM, but no nested paging");
	EXPECT_CONTAINS(b.o.err, "hv: SVM is on: revision 1, 16 ASIDs, no nested paging\n");
	EXPECT_U64(b.o.status, 0);
}

TEST("-", a_guest_without_room_is_said, 0, SECONDS)
{
	const char *path = test_tmpfile("guest");
	FILE *f = fopen(path, "we");
	struct bare b;

	if (!f || ftruncate(fileno(f), MiB(4) + 1) || fclose(f))
		test_error("%s cannot be written", path);
	b = run_amd(.image = path);
	CONTEXT("a guest's file of 4 MiB and one byte");
	EXPECT_STR(b.o.err, "hv: the guest's file has 4194305 bytes, and there is room for "
			    "4194304\n");
	EXPECT_U64(b.o.status, 1);
}

/* --- 8.2 --- */

TEST("8.2", a_guest_halts, 2, SECONDS)
{
	struct bare b = run_amd(.guest = "08/halt", NO_NPT);

	CONTEXT("the guest put the halves of its nonce into EAX and EBX, and halted");
	EXPECT_U64(bare_count(&b, LOG_HLT), 1);
	EXPECT_U64(bare_register(&b, "RAX"), (u32)b.o.nonce);
	EXPECT_U64(bare_register(&b, "RBX"), b.o.nonce >> 32);
	EXPECT_U64(b.o.status, 0);
}

static u64 turned(u64 value, unsigned by)
{
	return by % 64 ? value << by % 64 | value >> (64 - by % 64) : value;
}

TEST("8.2", each_register_is_the_guests, 3, SECONDS)
{
	static const char *const names[] = { "RCX", "RDX", "RBX", "RSP", "RBP", "RSI", "RDI", "R8",
					     "R9",  "R10", "R11", "R12", "R13", "R14", "R15" };
	struct bare b = run_amd(.guest = "08/registers", NO_NPT);
	u64 rax = b.o.nonce ^ REGISTERS_TURNED;

	CONTEXT("the guest has a number made of its nonce in RAX, and turned left by 4, 8, 12... "
		"bits in the others");
	EXPECT_U64_AS("RAX", bare_register(&b, "RAX"), rax);
	for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
		EXPECT_U64_AS(names[i], bare_register(&b, names[i]), turned(rax, 4 * (i + 1)));
	EXPECT_U64(b.o.status, 0);
}

TEST("8.2", real_mode_is_as_after_a_reset, 1, SECONDS)
{
	struct bare b = run_amd(.guest = "08/state16", NO_NPT);

	CONTEXT("the guest put FLAGS into BX, CR0 into ECX, CS, SS and ES into DX, the nonce into "
		"ESI, EDI");
	EXPECT_U64_AS("FLAGS", bare_register(&b, "RBX"), 2);
	EXPECT_U64_AS("CR0", bare_register(&b, "RCX"), 0x10);
	EXPECT_U64_AS("CS, SS or ES", bare_register(&b, "RDX"), 0);
	EXPECT_U64_AS("what it read by DS", bare_register(&b, "RSI"), (u32)b.o.nonce);
	EXPECT_U64_AS("what it read by DS", bare_register(&b, "RDI"), b.o.nonce >> 32);
	EXPECT_U64_AS("what it wrote by SS and read by ES", bare_register(&b, "RAX"),
		      (u32)b.o.nonce);
}

TEST("8.2", long_mode_is_as_in_lab_02, 2, SECONDS)
{
	struct bare b = run_amd(.guest = "08/state64", NO_NPT);

	CONTEXT("the guest put RFLAGS into RBX, CR0, CR3, CR4 into RCX, RDX, RSI; its GDTR into "
		"R8, R9");
	EXPECT_U64_AS("the nonce in RAX", bare_register(&b, "RAX"), b.o.nonce);
	EXPECT_U64_AS("RFLAGS", bare_register(&b, "RBX"), 2);
	EXPECT_U64_AS("CR0", bare_register(&b, "RCX"), 0x80000011);
	EXPECT_U64_AS("CR3", bare_register(&b, "RDX"), 0x9000);
	EXPECT_U64_AS("CR4", bare_register(&b, "RSI"), 0x20);
	EXPECT_U64_AS("DS, SS and CS, 16 bits each", bare_register(&b, "RDI"), 0x1000100008);
	EXPECT_U64_AS("the limit of the GDT", bare_register(&b, "R8"), 23);
	EXPECT_U64_AS("the address of the GDT", bare_register(&b, "R9"), 0x8000);
}

TEST("8.2", a_triple_fault_is_said, 1, SECONDS)
{
	struct bare b = run_amd(.guest = "08/triple-fault", NO_NPT);

	CONTEXT("the guest has no IDT, and an exception");
	EXPECT_CONTAINS(b.o.err, "hv: the guest died of a triple fault\n");
	EXPECT_U64(bare_count(&b, LOG_SHUTDOWN), 1);
	EXPECT_U64(b.o.status, 3);
}
