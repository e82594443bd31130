// SPDX-License-Identifier: MIT
/* Why a run ended, in words: ending_explain(). */
#include <errno.h>
#include <string.h>

#include "obituary.h"
#include "test.h"

static struct kvm_run run;
static struct recorder rec;
static const unsigned no_slots;
static const struct witness witness = { .rec = &rec, .nslots = &no_slots, .vcpu_fd = -1 };

/* The ending that ending_explain() gives when KVM_RUN came back so. */
static struct ending explain(u32 reason, int err)
{
	struct ending ending = { .verdict = "dead", .status = 3 };

	recorder_init(&rec, &run, -1);
	run.exit_reason = reason;
	recorder_enter(&rec);
	recorder_leave(&rec, err);
	ending_explain(&ending, &witness);
	EXPECT_TRUE(strlen(ending.cause) < sizeof(ending.cause) - 1, "cut off: %s", ending.cause);
	EXPECT_TRUE(!strchr(ending.cause, '\n'));
	return ending;
}

TEST("-", ending_triple_fault, 0)
{
	struct ending ending = explain(KVM_EXIT_SHUTDOWN, 0);

	EXPECT_CONTAINS(ending.cause, "triple fault (KVM_EXIT_SHUTDOWN)");
	EXPECT_CONTAINS(ending.chapter, "chapter 2");
}

TEST("-", ending_fail_entry, 0)
{
	static const struct {
		u64 reason;
		const char *cause;
	} rows[] = {
		{ 0x80000021, "(KVM_EXIT_FAIL_ENTRY 0x80000021): invalid guest state" },
		{ 0x80000022, "0x80000022): loading the guest's MSRs failed" },
		{ UINT64_MAX, "0xffffffffffffffff): invalid guest state (VMEXIT_INVALID)" },
		{ 0xffffffff, "0xffffffff): invalid guest state (VMEXIT_INVALID)" },
		{ 7, "(KVM_EXIT_FAIL_ENTRY 0x7): see the CPU's manual" },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		run.fail_entry.hardware_entry_failure_reason = rows[i].reason;
		EXPECT_CONTAINS(explain(KVM_EXIT_FAIL_ENTRY, 0).cause, rows[i].cause);
	}
}

TEST("-", ending_internal_error, 0)
{
	static const char *const causes[] = {
		[0] = "suberror 0): a reason that linux/kvm.h does not name",
		[KVM_INTERNAL_ERROR_EMULATION] = "suberror 1): it had to emulate an instruction",
		[KVM_INTERNAL_ERROR_SIMUL_EX] = "suberror 2): two exceptions came at once",
		[KVM_INTERNAL_ERROR_DELIVERY_EV] = "suberror 3): an event could not be delivered",
		[KVM_INTERNAL_ERROR_UNEXPECTED_EXIT_REASON] = "suberror 4): the CPU left the guest",
	};

	for (unsigned i = 0; i < ARRAY_SIZE(causes); i++) {
		run.internal.suberror = i;
		EXPECT_CONTAINS(explain(KVM_EXIT_INTERNAL_ERROR, 0).cause, causes[i]);
	}
	run.internal.suberror = UINT32_MAX;
	EXPECT_CONTAINS(explain(KVM_EXIT_INTERNAL_ERROR, 0).cause, "suberror 4294967295)");
}

TEST("-", ending_kvm_run_failed, 0)
{
	EXPECT_STR(explain(KVM_EXIT_IO, -EFAULT).cause, "KVM_RUN: Bad address");
}

TEST("-", ending_nobody_handles, 0)
{
	EXPECT_CONTAINS(explain(KVM_EXIT_HYPERCALL, 0).cause,
			"a reason that nothing here handles: OTHER reason=3");
	run.mmio.phys_addr = UINT64_MAX;
	run.mmio.len = 8;
	run.mmio.is_write = 1;
	memset(run.mmio.data, 0xff, sizeof(run.mmio.data));
	EXPECT_CONTAINS(explain(KVM_EXIT_MMIO, 0).cause,
			"MMIO_WRITE gpa=0xffffffffffffffff size=8 data=ffffffffffffffff");
}

TEST("-", ending_before_the_first_entry, 0)
{
	struct ending ending = { .verdict = "error" };

	recorder_init(&rec, &run, -1);
	ending_explain(&ending, &witness);
	EXPECT_STR(ending.cause, "the guest never ran");
	EXPECT_TRUE(!ending.chapter);
}
