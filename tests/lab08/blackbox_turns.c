// SPDX-License-Identifier: MIT
/* Tasks 8.9 and 8.10: the host's timer, and two guests. */
#include <stdlib.h>
#include <string.h>

#include "bare.h"
#include "svm_log.h"

TEST("8.9", interrupts_off_does_not_keep_the_cpu, 1, SECONDS)
{
	struct bare b = run_amd(.guest = "08/spin", NO_NPT, .words = "ticks=20");

	CONTEXT("the guest clears IF and spins; the host's timer ticks 20 times");
	EXPECT_STR(b.o.out, "s");
	EXPECT_CONTAINS(b.o.err, "hv: the guest had its 20 ticks of the timer\n");
	EXPECT_TRUE(bare_count(&b, LOG_INTR) > 0, "QEMU has seen no exit by INTR");
	EXPECT_U64(b.o.status, 124);
}

TEST("8.9", the_hosts_interrupts_are_its_own, 1, SECONDS)
{
	struct bare b = run_amd(.guest = "08/ticks", NO_NPT, .words = "ticks=30000");

	CONTEXT("the guest has IF set, and a handler for the vector of the host's timer");
	EXPECT_STR(b.o.out, test_text("ticks have passed %08x\nstolen 0\n", (u32)b.o.nonce));
	EXPECT_TRUE(bare_count(&b, LOG_INTR) > 0, "QEMU has seen no exit by INTR");
	EXPECT_U64(b.o.status, 0);
}

/* How many VMCBs has the CPU been given? */
static unsigned vmcbs(const struct bare *b)
{
	u64 seen[8] = { 0 };
	unsigned n = 0, i;

	for (const char *at = b->log; (at = strstr(at, LOG_VMRUN)); at++) {
		u64 address = strtoull(at + strlen(LOG_VMRUN), NULL, 16);

		for (i = 0; i < n && seen[i] != address; i++)
			;
		if (i == n && n < ARRAY_SIZE(seen))
			seen[n++] = address;
	}
	return n;
}

TEST("8.10", two_guests_in_turn, 0, SECONDS)
{
	struct bare b = run_amd(.guest = "08/two", .words = "guests=2 ticks=30000");
	unsigned long long n = b.o.nonce;

	CONTEXT("two guests, each with a number of its own, each preempted twice before it prints");
	EXPECT_CONTAINS(b.o.out, test_text("guest 0 %016llx\n", n));
	EXPECT_CONTAINS(b.o.out, test_text("guest 1 %016llx\n", n + 1));
	EXPECT_U64_AS("bytes printed", b.o.out_len, 2 * strlen("guest 0 0123456789abcdef\n"));
	EXPECT_STR(bare_said(&b), "");
	EXPECT_U64_AS("VMCBs that QEMU has seen", vmcbs(&b), 2);
	EXPECT_U64(b.o.status, 0);
}

TEST("8.10", pages_change_places, 1, SECONDS)
{
	struct bare b = run_amd(.guest = "08/swap");
	u32 n = (u32)b.o.nonce;

	CONTEXT("the hypervisor swaps two pages of the guest's, and flushes");
	EXPECT_STR(b.o.out, test_text("before %08x %08x\nafter %08x %08x\n", n, ~n, ~n, n));
	EXPECT_STR(bare_said(&b), "");
}
