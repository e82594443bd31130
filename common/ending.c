// SPDX-License-Identifier: MIT
/* Why a run ended, in words. */
#include <linux/kvm.h>
#include <stdio.h>
#include <string.h>

#include "obituary.h"

/* linux/kvm.h names them KVM_INTERNAL_ERROR_*; api.rst describes them under KVM_RUN. */
static const char *suberror_name(u32 suberror)
{
	switch (suberror) {
	case KVM_INTERNAL_ERROR_EMULATION:
		return "it had to emulate an instruction and could not fetch or carry it out";
	case KVM_INTERNAL_ERROR_SIMUL_EX:
		return "two exceptions came at once";
	case KVM_INTERNAL_ERROR_DELIVERY_EV:
		return "an event could not be delivered to the guest";
	case KVM_INTERNAL_ERROR_UNEXPECTED_EXIT_REASON:
		return "the CPU left the guest for a reason that KVM does not know";
	default:
		return "a reason that linux/kvm.h does not name";
	}
}

/*
 * Intel: bit 31 marks a failed VM entry, the low bits are a basic exit reason (SDM volume 3,
 * appendix C). AMD: the exit code VMEXIT_INVALID, -1 (APM volume 2, appendix C).
 */
static const char *entry_failure_name(u64 reason)
{
	switch (reason) {
	case 0x80000021:
		return "invalid guest state";
	case 0x80000022:
		return "loading the guest's MSRs failed";
	case 0xffffffff:
	case UINT64_MAX:
		return "invalid guest state (VMEXIT_INVALID)";
	default:
		return "see the CPU's manual";
	}
}

void ending_explain(struct ending *ending, const struct witness *witness)
{
	const struct exit_record *last = recorder_last(witness->rec, 0);
	const struct kvm_run *run = witness->rec->run;
	char *cause = ending->cause;
	size_t n = sizeof(ending->cause);
	char text[96];

	if (!last) {
		snprintf(cause, n, "the guest never ran");
		return;
	}
	ending->chapter = CHAPTER_ENDINGS;
	switch (last->kind) {
	case EXIT_SHUTDOWN:
		snprintf(cause, n,
			 "triple fault (KVM_EXIT_SHUTDOWN): an exception found no handler, and "
			 "neither did the double fault after it");
		break;
	case EXIT_FAIL_ENTRY:
		snprintf(cause, n, "the CPU refused to enter it (KVM_EXIT_FAIL_ENTRY 0x%llx): %s",
			 run->fail_entry.hardware_entry_failure_reason,
			 entry_failure_name(run->fail_entry.hardware_entry_failure_reason));
		break;
	case EXIT_INTERNAL_ERROR:
		snprintf(cause, n, "KVM gave up on it (KVM_EXIT_INTERNAL_ERROR, suberror %u): %s",
			 run->internal.suberror, suberror_name(run->internal.suberror));
		break;
	case EXIT_RUN_ERROR:
		snprintf(cause, n, "KVM_RUN: %s", strerror((int)last->reason));
		break;
	default:
		snprintf(cause, n, "it left for a reason that nothing here handles: %s",
			 exit_describe(last, text, sizeof(text)));
	}
}
