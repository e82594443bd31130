// SPDX-License-Identifier: MIT
#include "boot.h"
#include "load.h"
#include "mmu.h"
#include "paging.h"
#include "slots.h"

int mmu_init(struct mmu *mmu, const struct mmu_ops *ops, struct vcpu *vcpu, u64 size)
{
	*mmu = (struct mmu){ .ops = ops };
	machine_memory_init(&mmu->machine, &vcpu->vm->mem);
	return ops->memory(mmu, vcpu, size);
}

void mmu_destroy(struct mmu *mmu)
{
	if (mmu->ops && mmu->ops->destroy)
		mmu->ops->destroy(mmu);
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
