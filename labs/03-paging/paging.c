// SPDX-License-Identifier: MIT
#include "paging.h"

#include <errno.h>
#include <sys/ioctl.h>

#include "vcpu_cpuid.h"
#include "x86.h"

void paging_features(const struct vcpu *vcpu, struct paging *p)
{
	struct kvm_cpuid_entry2 features, widths;

	vcpu_cpuid(vcpu, 0x80000001, 0, &features);
	vcpu_cpuid(vcpu, 0x80000008, 0, &widths);
	p->page_1g = features.edx >> 26 & 1;
	p->max_phys = widths.eax & 0xff;
	if (p->max_phys < 32 || p->max_phys > 52)
		p->max_phys = 36;
}

void paging_registers(struct paging *p, u64 cr0, u64 cr3, u64 cr4, u64 efer, u64 rflags)
{
	p->cr3 = cr3;
	p->wp = cr0 & CR0_WP;
	p->nxe = efer & EFER_NXE;
	p->smep = cr4 & CR4_SMEP;
	p->smap = cr4 & CR4_SMAP;
	p->ac = rflags & RFLAGS_AC;
}

int paging_of(const struct vcpu *vcpu, struct paging *p)
{
	struct kvm_sregs sregs;
	struct kvm_regs regs;

	*p = (struct paging){ 0 };
	if (ioctl(vcpu->fd, KVM_GET_SREGS, &sregs) < 0 || ioctl(vcpu->fd, KVM_GET_REGS, &regs) < 0)
		return -errno;
	if (!(sregs.efer & EFER_LMA))
		return -EOPNOTSUPP;
	paging_features(vcpu, p);
	paging_registers(p, sregs.cr0, sregs.cr3, sregs.cr4, sregs.efer, regs.rflags);
	return 0;
}
