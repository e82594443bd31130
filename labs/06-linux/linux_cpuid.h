/* SPDX-License-Identifier: MIT */
/*
 * Task 6.3: what CPUID answers to a kernel that believes it. What KVM supports (task 2.3) is what
 * this vCPU could have; what it does have is for us to say (api.rst 4.46,
 * KVM_GET_SUPPORTED_CPUID; Documentation/virt/kvm/x86/cpuid.rst).
 */
#ifndef LINUX_CPUID_H
#define LINUX_CPUID_H

#include <linux/kvm.h>

#include "vcpu.h"

/*
 * [task 6.3] Make of an entry what a vCPU with this number shall answer; apic: it has a local APIC
 * (--irqchip=kernel). All that is not named here stays.
 *
 * Leaf 1: ECX bit 31, "there is a hypervisor" (without it Linux does not look for KVM's leaves, and
 * has to find out by the timer how fast the TSC is). EBX bits 31:24 are the local APIC's number,
 * which is the vCPU's; EDX of leaves 0xb and 0x1f is, too. KVM has put the host's there.
 *
 * Without an APIC: not leaf 1's EDX bit 9 (APIC), ECX bits 21 and 24 (x2APIC, TSC deadline); and of
 * KVM's own features (leaf 0x40000001, EAX) only the clock's, bits 0, 3 and 24: all others come by
 * that APIC, or go through it.
 */
void linux_cpuid_entry(struct kvm_cpuid_entry2 *e, unsigned id, bool apic);

/*
 * [task 6.3] linux_cpuid_entry() for each entry that the vCPU has (KVM_GET_CPUID2, which api.rst
 * names in 4.20 only; KVM_SET_CPUID2). Before the first KVM_RUN: afterwards KVM refuses.
 *
 * Without an APIC that is not all: KVM keeps leaf 1's bit 9 as the enable bit of the APIC's base
 * (bit 11) says, as hardware does. So that is cleared as well, by KVM_SET_SREGS (apic_base).
 * 0 or a negative errno.
 */
int linux_cpuid(struct vcpu *vcpu, bool apic);

#endif
