// SPDX-License-Identifier: MIT
/* Task 8.3: exits that the hypervisor has to answer. */
#include "bare.h"
#include "svm_log.h"

TEST("8.3", lab_02_prints_here, 1, SECONDS)
{
	struct bare b = run_amd(.guest = "02/hello64", NO_NPT);

	CONTEXT("the guest of lab 02 writes 21 bytes to port 0xe9, and its status to 0xf4");
	EXPECT_STR(b.o.out, "Hello from long mode\n");
	EXPECT_U64(b.o.status, 0);
	EXPECT_U64_AS("exits for I/O", bare_count(&b, LOG_IOIO), 22);
}

TEST("8.3", a_string_is_one_exit, 2, SECONDS)
{
	struct bare b = run_amd(.guest = "02/echo-nonce", NO_NPT);

	CONTEXT("the guest, in real mode, prints its nonce by one REP OUTSB of 17 bytes");
	EXPECT_STR(b.o.out, nonce_text(&b.o));
	EXPECT_U64(b.o.status, nonce_status(&b.o));
	EXPECT_U64_AS("exits for I/O", bare_count(&b, LOG_IOIO), 2);
}

TEST("8.3", ports_of_every_width, 2, SECONDS)
{
	struct bare b = run_amd(.guest = "08/ports", NO_NPT);

	CONTEXT("IN and OUT of 1, 2 and 4 bytes, strings forwards and backwards, with REP and "
		"without");
	EXPECT_STR(b.o.out,
		   test_text("in1 11223344556677ff\nin2 112233445566ffff\nin4 00000000ffffffff\n"
			     "abcdefgh\nijklmn\n%s"
			     "left 0000 back 0001 +05\nffffffff00000000\n",
			     nonce_text(&b.o)));
	EXPECT_U64(b.o.status, 23);
}

TEST("8.3", cpuid_tells_who_we_are, 1, SECONDS)
{
	struct bare b = run_amd(.guest = "08/cpuid", NO_NPT);

	CONTEXT("the guest asks CPUID, five times by an instruction with prefixes before it");
	EXPECT_STR(
		b.o.out,
		test_text("hypervisor 1\nvmmlab type1 40000000\nvmx 0\nsvm 0\nupper 00000000\n"
			  "odd 6c6d6d76\nodd 6c6d6d76\nodd 6c6d6d76\nodd 6c6d6d76\nodd 6c6d6d76\n"
			  "%08x\n",
			  (u32)b.o.nonce));
	EXPECT_U64(b.o.status, 0);
}

TEST("8.3", the_msr_of_the_guest, 1, SECONDS)
{
	struct bare b = run_amd(.guest = "08/msr", NO_NPT);

	CONTEXT("the guest reads EFER, sets NXE, and reads it again");
	EXPECT_STR(b.o.out,
		   test_text("00000000 00000500\n00000000 00000d00\n%08x\n", (u32)b.o.nonce));
	EXPECT_U64(b.o.status, 0);
}

TEST("8.3", hypercalls_are_answered, 1, SECONDS)
{
	struct bare b = run_amd(.guest = "08/calls", NO_NPT);
	unsigned n = (b.o.nonce & 15) + 1;

	CONTEXT("the guest asks who it is, executes CPUID %u times, and asks how often that was",
		n);
	EXPECT_STR(b.o.out, test_text("who 0\ncpuids %02x\nno such call ffffffff\n", n));
	EXPECT_U64(b.o.status, 0);
}

TEST("8.3", segments_outlive_an_exit, 0, SECONDS)
{
	struct bare b = run_amd(.guest = "08/segments", NO_NPT);
	u32 number = (u32)b.o.nonce ^ SEGMENTS_TURNED;

	CONTEXT("the guest reads a number by FS, exits, and reads it again: VMSAVE and VMLOAD "
		"keep FS");
	EXPECT_STR(b.o.out, test_text("%08x %08x\n", number, number));
}

TEST("8.3", registers_outlive_an_exit, 0, SECONDS)
{
	struct bare b = run_amd(.guest = "08/kept", NO_NPT);

	CONTEXT("sixteen numbers in RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8 to R15 (bits 0 to "
		"15), "
		"and an exit: which are still there? (svm_enter() loads and stores them)");
	EXPECT_STR(b.o.out, "kept ffff\n");
	EXPECT_U64(b.o.status, 0);
}

TEST("8.11", one_port_less_exits_on_amd, 0, SECONDS)
{
	struct bare all = run_amd(.guest = "08/delay", NO_NPT), some;
	unsigned n = (all.o.nonce & 63) + 1;

	some = run_amd(.guest = "08/delay", NO_NPT, .words = "open=0x80", .nonce = all.o.nonce);
	CONTEXT("the guest writes a byte to port 0x80 %u times, and two bytes to 0x7f and to 0x80",
		n);
	EXPECT_STR(some.o.out, test_text("%02x writes, %08x\n", n, (u32)all.o.nonce));
	EXPECT_STR(some.o.out, all.o.out);
	EXPECT_U64_AS("exits for I/O that are saved",
		      bare_count(&all, LOG_IOIO) - bare_count(&some, LOG_IOIO), n);
}

TEST("8.3", svm_is_not_for_guests, 0, SECONDS)
{
	static const char *const names[] = { "VMLOAD", "VMSAVE", "STGI", "CLGI" };

	for (unsigned i = 0; i < ARRAY_SIZE(names); i++) {
		struct bare b = run_amd(.guest = "08/svm", .nonce = 4 + i);

		CONTEXT("the guest executes %s", names[i]);
		EXPECT_STR(b.o.out, "t");
		EXPECT_CONTAINS(b.o.err, test_text("hv: an exit of nobody's: 0x%x, at", 0x82 + i));
		EXPECT_U64(b.o.status, 3);
	}
}
