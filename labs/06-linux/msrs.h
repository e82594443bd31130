/* SPDX-License-Identifier: MIT */
/*
 * Task 6.11 (stretch): model-specific registers of one's own. RDMSR and WRMSR are KVM's affair: it
 * has some 200 registers, and all others are a #GP. Those of --msr shall leave KVM_RUN, and be
 * answered here (api.rst 4.97 KVM_X86_SET_MSR_FILTER, 7 KVM_CAP_X86_USER_SPACE_MSR, and 5,
 * KVM_EXIT_X86_RDMSR).
 */
#ifndef MSRS_H
#define MSRS_H

#include "options.h"
#include "vcpu.h"

struct msrs {
	unsigned count; /* 1 to OPTIONS_MSRS */
	u32 number[OPTIONS_MSRS];
	u64 value[OPTIONS_MSRS]; /* what stands in each of them now */
};

/* Given: those of the options, from now on, on this vCPU. 0 or a negative errno. */
int msrs_init(struct msrs *msrs, struct vcpu *vcpu, const struct msr_options *opt);

/*
 * [task 6.11] Tell KVM: what the filter denies shall be an exit and no #GP, and it denies these
 * registers, both to read and to write, and no other (a range of one register each; the bit of one
 * that is denied is 0, and KVM copies as many bits as there are in a long). Before the guest's
 * first KVM_RUN. 0 or a negative errno.
 */
int msrs_filter(const struct msrs *msrs, int vm_fd);

/*
 * [task 6.11] The guest has read one of them: run->msr.index is its number, its value goes to
 * run->msr.data. It has written one: the value is there, and stays. In both cases run->msr.error
 * says whether the guest gets a #GP (1: there is no such register, 0: all is well). The guest goes
 * on.
 */
exit_fn exit_rdmsr, exit_wrmsr;

#endif
