/* SPDX-License-Identifier: MIT */
#ifndef DEAD_ENDS_H
#define DEAD_ENDS_H

#include "vcpu.h"

/*
 * The exits after which there is nothing to resume (api.rst 5, "exit_reason"). What they mean is
 * put into words by the given code (common/explain.c); a handler only gives the verdict.
 */

/* [task 2.4] HLT without an interrupt controller in the kernel: nothing can ever wake this CPU. */
exit_fn exit_hlt;

/* [task 2.9] Triple fault: the CPU has shut down. Entering it again would be a reset. */
exit_fn exit_shutdown;

/* [task 2.9] The hardware refused the guest's state. */
exit_fn exit_fail_entry;

/* [task 2.9] KVM itself cannot go on, for example with an instruction that it has to emulate. */
exit_fn exit_internal_error;

/* Sign up for the four. */
void dead_ends_init(struct vcpu *vcpu);

#endif
