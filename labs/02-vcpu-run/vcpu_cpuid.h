/* SPDX-License-Identifier: MIT */
#ifndef VCPU_CPUID_H
#define VCPU_CPUID_H

#include "vcpu.h"

/*
 * Given: what the CPUID instruction answers on this vCPU for EAX = leaf, ECX = subleaf, in *e; all
 * zero if there is no such leaf. It asks KVM for the whole list (KVM_GET_CPUID2):
 * once is enough, since nothing here changes.
 */
void vcpu_cpuid(const struct vcpu *vcpu, u32 leaf, u32 subleaf, struct kvm_cpuid_entry2 *e);

#endif
