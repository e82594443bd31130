// SPDX-License-Identifier: MIT
#include "mmu.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/ioctl.h>

/* SDM 3A, 2.5 and 2.2.1. */
#define CR0_WP	  (1u << 16)
#define CR4_SMEP  (1u << 20)
#define CR4_SMAP  (1u << 21)
#define EFER_NXE  (1u << 11)
#define RFLAGS_AC (1u << 18)

int mmu_init(struct mmu *mmu, const struct mmu_ops *ops, struct vcpu *vcpu)
{
	*mmu = (struct mmu){ .ops = ops };
	machine_memory_init(&mmu->machine, &vcpu->vm->mem);
	return ops->init(mmu, vcpu);
}

void paging_features(const struct vcpu *vcpu, struct paging *p)
{
	const u32 room = 256;
	struct kvm_cpuid2 *cpuid = calloc(1, sizeof(*cpuid) + room * sizeof(cpuid->entries[0]));

	p->max_phys = 36;
	if (!cpuid)
		return;
	cpuid->nent = room;
	if (ioctl(vcpu->fd, KVM_GET_CPUID2, cpuid) < 0)
		cpuid->nent = 0;
	for (u32 i = 0; i < cpuid->nent; i++) {
		const struct kvm_cpuid_entry2 *e = &cpuid->entries[i];

		if (e->function == 0x80000001)
			p->page_1g = e->edx >> 26 & 1;
		if (e->function == 0x80000008)
			p->max_phys = e->eax & 0xff;
	}
	if (p->max_phys < 32 || p->max_phys > 52)
		p->max_phys = 36;
	free(cpuid);
}

int paging_of(const struct vcpu *vcpu, struct paging *p)
{
	struct kvm_sregs sregs;
	struct kvm_regs regs;

	*p = (struct paging){ 0 };
	if (ioctl(vcpu->fd, KVM_GET_SREGS, &sregs) < 0 || ioctl(vcpu->fd, KVM_GET_REGS, &regs) < 0)
		return -errno;
	paging_features(vcpu, p);
	p->cr3 = sregs.cr3;
	p->wp = sregs.cr0 & CR0_WP;
	p->nxe = sregs.efer & EFER_NXE;
	p->smep = sregs.cr4 & CR4_SMEP;
	p->smap = sregs.cr4 & CR4_SMAP;
	p->ac = regs.rflags & RFLAGS_AC;
	return 0;
}

/* The hardware's way: the guest-physical space is KVM's, and the guest owns its tables. */
static int ept_mode_init(struct mmu *mmu, struct vcpu *vcpu)
{
	gmem_init(&mmu->guest, &vcpu->vm->mem, NULL, 0);
	return 0;
}

static int ept_mode_translate(struct mmu *mmu, struct vcpu *vcpu, u64 gva, u32 access,
			      struct walk *w)
{
	struct paging p;
	int err = paging_of(vcpu, &p);

	return err ? err : walk(&p, &mmu->machine.pm, gva, access, w);
}

const struct mmu_ops mmu_ept = {
	.name = "ept",
	.init = ept_mode_init,
	.translate = ept_mode_translate,
};
