// SPDX-License-Identifier: MIT
/* Tasks 2.9 and 2.10, from outside: how a run ends, and what KVM has counted. */
#include <stdio.h>
#include <string.h>

#include "test.h"

TEST("2.9", triple_fault_is_the_end, 1)
{
	struct outcome o = run_guest("02/triple-fault");

	CONTEXT("the guest has no IDT and runs ud2: KVM_EXIT_SHUTDOWN, and no way back");
	EXPECT_STR(o.out, "three faults, and out\n");
	EXPECT_VERDICT(o, dead);
	EXPECT_U64(o.status, 3);
	EXPECT_EXITS(o, SHUTDOWN, 1);
	EXPECT_CONTAINS(o.err, "vmm: the guest died: triple fault (KVM_EXIT_SHUTDOWN)");
}

TEST("2.9", entry_failure_is_the_end, 1)
{
	struct outcome o = run_vmm(
		&(struct vmm_run){ .guest = "02/halt", .preload = "exit=FAIL_ENTRY:0x80000021" });

	CONTEXT("the CPU refuses the guest's state: KVM_EXIT_FAIL_ENTRY");
	EXPECT_VERDICT(o, dead);
	EXPECT_U64(o.status, 3);
	EXPECT_CONTAINS(o.err, "KVM_EXIT_FAIL_ENTRY 0x80000021): invalid guest state");
}

TEST("2.9", internal_error_is_the_end, 1)
{
	struct outcome o = run_guest("02/bad-instruction");

	CONTEXT("the guest jumps to where no memory is: KVM_EXIT_INTERNAL_ERROR");
	EXPECT_STR(o.out, "jumping to nowhere\n");
	EXPECT_VERDICT(o, dead);
	EXPECT_U64(o.status, 3);
	EXPECT_CONTAINS(o.err, "KVM_EXIT_INTERNAL_ERROR, suberror 1");
}

TEST("2.9", interrupted_runs_go_on, 1)
{
	struct outcome o =
		run_vmm(&(struct vmm_run){ .guest = "02/countdown", .preload = "run=EINTR:3@1" });

	CONTEXT("KVM_RUN answers EINTR, then EAGAIN: enter the guest again; EFAULT: give up");
	EXPECT_VERDICT(o, halted);
	EXPECT_EXITS(o, INTR, 3);
	EXPECT_EXITS(o, HLT, 1);
	o = run_vmm(&(struct vmm_run){ .guest = "02/countdown", .preload = "run=EAGAIN:1@1" });
	EXPECT_VERDICT(o, halted);
	o = run_vmm(&(struct vmm_run){ .guest = "02/countdown", .preload = "run=EFAULT" });
	EXPECT_U64(o.status, 1);
	EXPECT_CONTAINS(o.err, "KVM_RUN: Bad address");
}

TEST("2.9", time_limit, 1, .seconds = 0.4)
{
	struct outcome o = run_guest("02/spin", "--timeout=0.3");

	CONTEXT("the guest jumps to itself for ever; --timeout=0.3 ends it with status 124");
	EXPECT_STR(o.out, "spinning\n");
	EXPECT_VERDICT(o, timeout);
	EXPECT_U64(o.status, 124);
	EXPECT_CONTAINS(o.err, "vmm: time limit: 0.3 s are over");
}

/* The value that --kvm-stats shows for a counter of the vCPU, or 0. */
static u64 stat_of(const char *text, const char *name)
{
	char found[64];
	unsigned long long value;

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (sscanf(line, " vcpu %63s %llu", found, &value) == 2 && !strcmp(found, name))
			return value;
	}
	return 0;
}

TEST("2.10", kvm_counts_what_we_count, 4)
{
	struct outcome o = run_guest("02/countdown", "--kvm-stats");

	CONTEXT("the guest halts once; KVM's own counters halt_exits and exits say the same");
	EXPECT_U64(stat_of(o.err, "halt_exits"), 1);
	EXPECT_TRUE(stat_of(o.err, "exits") >= (o.nonce & 15) + 3, "exits is %llu",
		    (unsigned long long)stat_of(o.err, "exits"));
}
