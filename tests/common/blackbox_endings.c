// SPDX-License-Identifier: MIT
/* How a vCPU can end: each ending has its status, its words, and what led there. */
#include "bad_host.h"

/* The obituary: what happened, where, the registers, the exits before. */
static void expect_obituary(const struct outcome *o, const char *first)
{
	static const char *const parts[] = { "\n  at          0x", "\n  registers   rip ",
					     "\n              rax ", "\n              cs ",
					     "\n  last exits  " };

	EXPECT_TRUE(!o->signalled, "killed by a signal: status %d", o->status);
	EXPECT_TRUE(!strncmp(o->err, first, strlen(first)), "it begins otherwise: %.60s", o->err);
	for (unsigned i = 0; i < ARRAY_SIZE(parts); i++)
		EXPECT_CONTAINS(o->err, parts[i]);
	EXPECT_TRUE(o->report.nlast && o->report.nregs, "no exits or registers in the report");
	expect_nothing_left();
}

TEST_KVM("-", ending_of_a_triple_fault, 0)
{
	struct outcome o = run_guest("02/triple-fault");

	EXPECT_U64(o.status, 3);
	EXPECT_VERDICT(o, dead);
	EXPECT_STR(o.out, "three faults, and out\n");
	EXPECT_TRUE(!strncmp(o.err, "vmm: the guest died: triple fault (KVM_EXIT_SHUTDOWN)", 52));
	if (strstr(o.err, "\n  at          unknown: the triple fault reset the CPU")) {
		CONTEXT("on AMD: what the vCPU has now are not the guest's registers");
		EXPECT_TRUE(!strstr(o.err, "fff0") && !strstr(o.err, "\n  registers "));
		EXPECT_CONTAINS(o.err, "; its exit before was at rip 0x1");
		EXPECT_U64(o.report.nregs, 0);
		EXPECT_STR(o.report.last[o.report.nlast - 1], "SHUTDOWN");
	} else {
		CONTEXT("elsewhere: where the third exception came");
		EXPECT_CONTAINS(o.err, "\n  at          0x1");
		EXPECT_TRUE(o.report.nregs > 0, "no registers");
	}
	EXPECT_CONTAINS(o.err, "\n              SHUTDOWN\n");
	EXPECT_CONTAINS(o.err, "\n  read        the book, chapter 2");
	EXPECT_EXITS(o, SHUTDOWN, 1); /* a dead guest is not entered again */
	expect_nothing_left();
}

TEST_KVM("-", ending_of_a_bad_instruction, 0)
{
	struct outcome o = run_guest("02/bad-instruction");

	EXPECT_U64(o.status, 3);
	EXPECT_VERDICT(o, dead);
	EXPECT_STR(o.out, "jumping to nowhere\n");
	expect_obituary(
		&o, "vmm: the guest died: KVM gave up on it (KVM_EXIT_INTERNAL_ERROR, suberror");
	EXPECT_CONTAINS(o.err,
			"\n  at          0x20000000, where there is no instruction to be read");
	EXPECT_EXITS(o, INTERNAL_ERROR, 1);
	EXPECT_CONTAINS(o.report.cause, "KVM_EXIT_INTERNAL_ERROR");
}

TEST_KVM("-", ending_of_a_refused_entry, 0)
{
	struct outcome o = run_vmm(&(struct vmm_run){ .guest = "02/hello16",
						      .preload = "exit=FAIL_ENTRY:0x80000021" });

	EXPECT_U64(o.status, 3);
	EXPECT_VERDICT(o, dead);
	EXPECT_STR(o.out, "");
	expect_obituary(&o, "vmm: the guest died: the CPU refused to enter it "
			    "(KVM_EXIT_FAIL_ENTRY 0x80000021): invalid guest state\n");
	EXPECT_CONTAINS(o.err, "\n  at          0x1000: be 0d 10   mov $0x100D, %si\n");
	EXPECT_CONTAINS(o.err, "\n  last exits  FAIL_ENTRY\n");
	EXPECT_CONTAINS(o.report.code, "0x1000 be 0d 10 mov $0x100D, %si");
}

TEST_KVM("-", ending_of_an_internal_error_in_the_middle, 0)
{
	struct outcome o = run_vmm(
		&(struct vmm_run){ .guest = "02/hello16", .preload = "exit=INTERNAL_ERROR:3:1@2" });

	EXPECT_U64(o.status, 3);
	EXPECT_STR(o.out, "He"); /* what it said before is not lost */
	expect_obituary(&o, "vmm: the guest died: KVM gave up on it (KVM_EXIT_INTERNAL_ERROR, "
			    "suberror 3): an event could not be delivered to the guest\n");
}

TEST_KVM("-", ending_amid_bytes_that_are_no_instruction, 0)
{
	/* No x86 has the opcode 0f 04 (SDM volume 2, opcode map). */
	static const u8 code[] = { 0x0f, 0x04, 0xaa, 0xbb, 0xf4 };
	struct outcome o =
		run_vmm(&(struct vmm_run){ .image = input_file(INPUT("code"), code, sizeof(code)),
					   .preload = "exit=INTERNAL_ERROR:1" });

	CONTEXT("the bytes are there: they are shown, and what is wrong with them is said");
	EXPECT_U64(o.status, 3);
	EXPECT_CONTAINS(o.err,
			"\n  at          0x1000: 0f 04 aa bb f4 00 00 00   (no instruction)\n");
	EXPECT_STR(o.report.code, "0x1000 0f 04 aa bb f4 00 00 00 (no instruction)");
}

TEST_KVM("-", ending_amid_zeros, 0)
{
	static const u8 zeros[100];
	struct outcome o = run_vmm(
		&(struct vmm_run){ .image = input_file(INPUT("zeros"), zeros, sizeof(zeros)),
				   .preload = "exit=INTERNAL_ERROR:1" });

	EXPECT_U64(o.status, 3);
	EXPECT_CONTAINS(o.err, "\n  at          0x1000: 00 00   add %al, (%bx,%si,1)\n"
			       "              zeros: the guest runs through memory that nobody");
}

TEST_KVM("-", ending_for_reasons_that_nobody_handles, 0)
{
	static const char *const plans[][2] = {
		{ "exit=UNKNOWN", "0 KVM_EXIT_UNKNOWN\n" },
		{ "exit=SYSTEM_EVENT", "24 KVM_EXIT_SYSTEM_EVENT\n" },
		{ "exit=37", "37 KVM_EXIT_NOTIFY\n" },
		{ "exit=63", "63 (linux/kvm.h has no such)\n" },
		{ "exit=64", "64 (linux/kvm.h has no such)\n" },
		{ "exit=4294967295", "4294967295 (linux/kvm.h has no such)\n" },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(plans); i++) {
		struct outcome o =
			run_vmm(&(struct vmm_run){ .guest = "02/hello16", .preload = plans[i][0] });

		EXPECT_U64(o.status, 3);
		EXPECT_VERDICT(o, dead);
		expect_obituary(&o, "vmm: the guest died: it left for a reason that nothing here "
				    "handles: OTHER reason=");
		EXPECT_CONTAINS(o.err, plans[i][1]);
	}
}

TEST_KVM("-", ending_by_hlt, 0)
{
	struct outcome o = run_guest("02/halt");

	EXPECT_U64(o.status, 0);
	EXPECT_VERDICT(o, halted);
	EXPECT_STR(o.out, "");
	EXPECT_STR(o.err, "vmm: the guest halted\n");
	EXPECT_EXITS(o, HLT, 1);
}

TEST_KVM("-", ending_of_an_endless_loop, 0, .seconds = 1.1)
{
	struct outcome o = run_guest("02/spin", "--timeout=1");
	u64 rip = 0;

	EXPECT_U64(o.status, 124);
	EXPECT_VERDICT(o, timeout);
	EXPECT_STR(o.out, "spinning\n");
	expect_obituary(&o, "vmm: time limit: 1 s are over and the guest is still running\n");
	EXPECT_CONTAINS(o.err, "jmp 0x");
	EXPECT_CONTAINS(o.err, "\n              INTR\n");
	EXPECT_TRUE(run_report_reg(&o.report, "rip", &rip) && rip >= 0x1000 && rip < 0x1100,
		    "rip is %#llx", (unsigned long long)rip);
}

TEST_KVM("-", ending_by_a_time_limit_of_nothing, 0)
{
	struct outcome o = run_guest("02/spin", "--timeout=0.001");

	CONTEXT("the signal may come before the guest was ever entered: it is not lost");
	EXPECT_U64(o.status, 124);
	EXPECT_VERDICT(o, timeout);
}

TEST_KVM("-", ending_by_every_status, 0)
{
	/* out %al, $0xf4 after mov $N, %al: the byte becomes the status. */
	static const u8 bytes[] = { 0, 1, 2, 3, 16, 99, 124, 131, 255 };

	for (unsigned i = 0; i < ARRAY_SIZE(bytes); i++) {
		const u8 code[] = { 0xb0, bytes[i], 0xe6, 0xf4, 0xf4 };
		struct outcome o;

		CONTEXT("the guest writes %u to port 0xf4", bytes[i]);
		o = RUN_IMAGE(input_file(INPUT("exit"), code, sizeof(code)));
		EXPECT_U64(o.status, bytes[i]);
		EXPECT_VERDICT(o, exit);
		EXPECT_U64(o.report.status, bytes[i]);
		EXPECT_STR(o.err, "");
	}
}
