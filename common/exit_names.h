/* SPDX-License-Identifier: MIT */
#ifndef EXIT_NAMES_H
#define EXIT_NAMES_H

#include "types.h"

/* The numbers by which KVM and the CPU say why a guest did not go on, in words. */

/* "KVM_EXIT_HYPERCALL" for kvm_run.exit_reason 3; NULL for a number that linux/kvm.h has not. */
const char *exit_reason_name(u32 reason);

/* kvm_run.fail_entry.hardware_entry_failure_reason in words. Returns buf. */
const char *entry_failure_text(u64 reason, char *buf, size_t len);

/* kvm_run.internal.suberror in words (linux/kvm.h, KVM_INTERNAL_ERROR_*). */
const char *internal_error_text(u32 suberror);

#endif
