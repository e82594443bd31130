// SPDX-License-Identifier: MIT
/* Task 8.5: what comes into a guest, and when. */
#include "bare.h"
#include "svm_log.h"

TEST("8.5", interrupts_wait_for_the_window, 2, SECONDS)
{
	struct bare b = run_amd(.guest = "08/window", NO_NPT);
	unsigned v = 0x20 + (b.o.nonce & 7);

	CONTEXT("interrupts 0x%x and 0x%x wait until the guest lets them come; the last one wakes "
		"it",
		v, v + 8);
	EXPECT_STR(b.o.out, test_text("off 0\nbehind sti 1 vector %02x\nfirst %02x then %02x\n"
				      "woken %02x\n",
				      v, v + 8, v, v + 1));
	EXPECT_U64(b.o.status, 0);
}

TEST("8.5", exceptions_with_their_code, 2, SECONDS)
{
	struct bare b = run_amd(.guest = "08/exceptions", NO_NPT);

	CONTEXT("the guest asks for a #GP and a #UD, and reads an MSR that does not exist");
	EXPECT_STR(b.o.out, test_text("#GP %04x at 1\n#UD at 1\n#GP 0000 at 1\n",
				      (u32)(b.o.nonce & 0xfff8)));
	EXPECT_U64(b.o.status, 0);
}

TEST("8.5", an_nmi_does_not_wait, 1, SECONDS)
{
	struct bare b = run_amd(.guest = "08/nmi", NO_NPT);

	CONTEXT("an interrupt and an NMI wait, and IF is clear");
	EXPECT_STR(b.o.out, test_text("NMI\nopen\ninterrupt %02x\n", 0x30 + (u32)(b.o.nonce & 15)));
	EXPECT_U64(b.o.status, 0);
}

TEST("8.5", what_is_done_for_a_guest_is_a_step, 0, SECONDS)
{
	struct bare b = run_amd(.guest = "08/step", NO_NPT);

	CONTEXT("the guest goes step by step (RFLAGS.TF): CPUID, NOP, OUT. Behind each, a bit of "
		"the first number, comes a #DB; the second says of how many DR6.BS has told");
	EXPECT_STR(b.o.out, "steps 7, told 3\n");
	EXPECT_U64(b.o.status, 0);
}

TEST("8.5", what_was_under_way_comes_again, 3, SECONDS)
{
	struct bare b = run_amd(.guest = "08/under-way");

	CONTEXT("the events' stacks lie in pages that were never touched: their delivery exits");
	EXPECT_STR(b.o.out,
		   test_text("interrupts 1\n#GP %04x\nNMIs 1\n", (u32)(b.o.nonce & 0xfff8)));
	EXPECT_U64(b.o.status, 0);
}
