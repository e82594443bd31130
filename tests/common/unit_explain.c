// SPDX-License-Identifier: MIT
/* Why a run ended, in words: explain_last_exit(). */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "exit_names.h"
#include "obituary.h"
#include "test.h"

static struct kvm_run run;
static struct recorder rec;
static const unsigned no_slots;
static const struct witness witness = { .rec = &rec, .nslots = &no_slots, .vcpu_fd = -1 };

/* The ending that explain_last_exit() gives when KVM_RUN came back so. */
static struct ending explain(u32 reason, int err)
{
	struct ending ending = { .verdict = "dead", .status = 3 };

	recorder_init(&rec, &run, -1);
	run.exit_reason = reason;
	recorder_enter(&rec);
	recorder_leave(&rec, err);
	explain_last_exit(&ending, &witness);
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
		{ 0x80000029, "0x80000029): a machine check came during the VM entry" },
		{ 0, "(KVM_EXIT_FAIL_ENTRY 0x0): VMLAUNCH failed without a number" },
		{ 7, "(KVM_EXIT_FAIL_ENTRY 0x7): invalid control fields in the VMCS" },
		{ 8, "(KVM_EXIT_FAIL_ENTRY 0x8): invalid host-state fields in the VMCS" },
		{ 26, "0x1a): events are blocked by MOV SS" },
		{ 12, "0xc): VM-instruction error 12 (SDM volume 3)" },
		{ 0x80000002, "0x80000002): basic exit reason 2 (SDM volume 3, appendix C)" },
		{ 1ULL << 40, "0x10000000000): no number of Intel's" },
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
			"a reason that nothing here handles: OTHER reason=3 KVM_EXIT_HYPERCALL");
	EXPECT_CONTAINS(explain(UINT32_MAX, 0).cause,
			"OTHER reason=4294967295 (linux/kvm.h has no");
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
	explain_last_exit(&ending, &witness);
	EXPECT_STR(ending.cause, "the guest never ran");
	EXPECT_TRUE(!ending.chapter);
}

/* All names that linux/kvm.h of this machine has for a number, each with a blank behind. */
static bool header_names(u32 number, char *names, size_t size)
{
	FILE *f = fopen("/usr/include/linux/kvm.h", "r");
	char line[400], name[80];
	unsigned value;

	*names = 0;
	if (!f)
		return false;
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "#define %79s %u", name, &value) == 2 && value == number &&
		    !strncmp(name, "KVM_EXIT_", 9))
			snprintf(names + strlen(names), size - strlen(names), "%s ", name);
	fclose(f);
	return true;
}

TEST("-", ending_exit_reasons_are_named_as_the_header_does, 0)
{
	char names[400], mine[80];

	if (!header_names(0, names, sizeof(names)))
		SKIP("linux/kvm.h is not on this machine");
	for (u32 reason = 0; reason < 64; reason++) {
		const char *name = exit_reason_name(reason);

		CONTEXT("exit reason %u; the header has: %s", reason, names);
		header_names(reason, names, sizeof(names));
		EXPECT_TRUE(name || !names[0], "no name");
		snprintf(mine, sizeof(mine), "%s ", name ? name : "");
		if (names[0])
			EXPECT_CONTAINS(names, mine);
	}
	EXPECT_TRUE(!exit_reason_name(UINT32_MAX));
}
