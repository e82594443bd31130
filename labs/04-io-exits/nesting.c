// SPDX-License-Identifier: MIT
#include "nesting.h"

#include <stdio.h>
#include <sys/ioctl.h>

#include "vcpu_cpuid.h"
#include "x86.h"

void nesting_init(struct nesting *n, const struct vcpu *vcpu)
{
	struct kvm_cpuid_entry2 intel, amd;

	vcpu_cpuid(vcpu, 1, 0, &intel);
	vcpu_cpuid(vcpu, 0x80000001, 0, &amd);
	n->possible = (intel.ecx >> 5 & 1) || (amd.ecx >> 2 & 1);
}

void nesting_tell(struct nesting *n, const struct vcpu *vcpu)
{
	struct kvm_sregs sregs;

	if (ioctl(vcpu->fd, KVM_GET_SREGS, &sregs) < 0)
		return;
	if (!(sregs.efer & EFER_SVME) && !(sregs.cr4 & CR4_VMXE))
		return;
	n->possible = false;
	fprintf(stderr,
		"vmm: the guest is a hypervisor, and with --irqchip=user KVM lets no interrupt "
		"make its own guests exit: use --irqchip=kernel\n");
}
