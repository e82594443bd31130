// SPDX-License-Identifier: MIT
#include "boot.h"
#include "cpuid.h"
#include "load.h"
#include "mmu.h"
#include "slots.h"
#include "x86.h"

#include <errno.h>
#include <sys/ioctl.h>

int mmu_init(struct mmu *mmu, const struct mmu_ops *ops, struct vcpu *vcpu, u64 size)
{
	*mmu = (struct mmu){ .ops = ops };
	machine_memory_init(&mmu->machine, &vcpu->vm->mem);
	return ops->memory(mmu, vcpu, size);
}

int mmu_translate(struct mmu *mmu, struct vcpu *vcpu, u64 gva, u32 access, struct walk *w)
{
	struct physmem *pm = mmu->guest.frame ? &mmu->guest.pm : &mmu->machine.pm;
	struct paging p;
	int err = mmu->ops->paging(mmu, vcpu, &p);

	return err ? err : walk(&p, pm, gva, access, w);
}

void mmu_destroy(struct mmu *mmu)
{
	if (mmu->ops && mmu->ops->destroy)
		mmu->ops->destroy(mmu);
}

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
	p->cr3 = sregs.cr3;
	p->wp = sregs.cr0 & CR0_WP;
	p->nxe = sregs.efer & EFER_NXE;
	p->smep = sregs.cr4 & CR4_SMEP;
	p->smap = sregs.cr4 & CR4_SMAP;
	p->ac = regs.rflags & RFLAGS_AC;
	return 0;
}

/* The hardware's way: the guest-physical space is KVM's, and the guest owns its tables. */
static int ept_memory(struct mmu *mmu, struct vcpu *vcpu, u64 size)
{
	gmem_init(&mmu->guest, &vcpu->vm->mem, NULL, 0);
	return memory_map_init(&vcpu->vm->mem, vcpu->vm->fd, size);
}

static int ept_load(struct mmu *mmu, struct vcpu *vcpu, const struct image *image,
		    enum cpu_mode mode, struct why *why)
{
	return image_load(image, mode, &vcpu->vm->mem, why);
}

/* A 64-bit guest starts in lab 02's long mode, and then gets the tables of this lab. */
static int ept_start(struct mmu *mmu, struct vcpu *vcpu, enum cpu_mode mode, u64 entry)
{
	int err = cpu_mode_set(vcpu, mode, entry);

	if (err || mode != MODE_LONG)
		return err;
	err = boot_tables(&mmu->tables, vcpu, &mmu->machine.pm);
	return err ? err : boot_tables_use(&mmu->tables, vcpu);
}

static int ept_paging(struct mmu *mmu, struct vcpu *vcpu, struct paging *p)
{
	return paging_of(vcpu, p);
}

const struct mmu_ops mmu_ept = {
	.name = "ept",
	.memory = ept_memory,
	.load = ept_load,
	.start = ept_start,
	.paging = ept_paging,
};
