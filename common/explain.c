// SPDX-License-Identifier: MIT
/* Why a run ended, in words. */
#include <linux/kvm.h>
#include <stdio.h>
#include <string.h>

#include "exit_names.h"
#include "obituary.h"

void explain_last_exit(struct ending *ending, const struct witness *witness)
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
			 entry_failure_text(run->fail_entry.hardware_entry_failure_reason, text,
					    sizeof(text)));
		break;
	case EXIT_INTERNAL_ERROR:
		snprintf(cause, n, "KVM gave up on it (KVM_EXIT_INTERNAL_ERROR, suberror %u): %s",
			 run->internal.suberror, internal_error_text(run->internal.suberror));
		break;
	case EXIT_RUN_ERROR:
		snprintf(cause, n, "KVM_RUN: %s", strerror((int)last->reason));
		break;
	default:
		snprintf(cause, n, "it left for a reason that nothing here handles: %s",
			 exit_describe(last, text, sizeof(text)));
	}
}
