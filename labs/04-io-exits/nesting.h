/* SPDX-License-Identifier: MIT */
/*
 * A guest that is a hypervisor itself wants interrupts to make *its* guest exit. With
 * --irqchip=user KVM does not do that. An interrupt that came by KVM_INTERRUPT counts as delivered:
 * it goes to the inner guest, if that has IF = 1. With IF = 0 nothing happens, since run->if_flag
 * is the inner guest's. (Linux says so itself, in kvm_cpu_has_extint, arch/x86/kvm/irq.c.) No
 * other ioctl does better without a local APIC in KVM, so we say it.
 */
#ifndef NESTING_H
#define NESTING_H

#include "vcpu.h"

struct nesting {
	bool possible; /* this guest may become a hypervisor, and we have not said so yet */
};

/* Given: it may if its CPUID has SVM or VT-x. Once the vCPU has its CPUID. */
void nesting_init(struct nesting *n, const struct vcpu *vcpu);

/*
 * Given: if the guest is one by now (EFER.SVME or CR4.VMXE is set), say so on stderr, once. It asks
 * KVM: so only when an interrupt waits for the guest or has just been given to it. On the vCPU's
 * thread, between entries.
 */
void nesting_tell(struct nesting *n, const struct vcpu *vcpu);

#endif
