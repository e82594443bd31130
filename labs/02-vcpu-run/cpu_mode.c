// SPDX-License-Identifier: MIT
#include <errno.h>
#include <sys/ioctl.h>

#include "cpu_mode.h"
#include "pte.h"
#include "todo.h"
#include "x86.h"

/* Segment types (SDM volume 3, table 3-1); "accessed", so that the CPU need not set it. */
#define SEG_DATA 3  /* read, write, accessed */
#define SEG_CODE 11 /* execute, read, accessed */

/* [book:2.4] */
/* TASK 2.4 */
#if SOL >= 204
static int set_entry(struct vcpu *vcpu, u64 entry)
{
	struct kvm_regs regs = { .rip = entry, .rflags = RFLAGS_FIXED };

	return ioctl(vcpu->fd, KVM_SET_REGS, &regs) < 0 ? -errno : 0;
}
#endif

int cpu_mode_real(struct vcpu *vcpu, u64 entry)
{
	/* TASK 2.4 */
#if SOL >= 204
	struct kvm_sregs sregs;

	if (ioctl(vcpu->fd, KVM_GET_SREGS, &sregs) < 0)
		return -errno;
	sregs.cs.selector = 0;
	sregs.cs.base = 0;
	if (ioctl(vcpu->fd, KVM_SET_SREGS, &sregs) < 0)
		return -errno;
	return set_entry(vcpu, entry);
#else
	return TODO("2.4");
#endif
}
/* [book:end] */

/* [book:2.7] */
/* TASK 2.7 */
#if SOL >= 207
/* The 8 bytes of a GDT entry for a segment as KVM describes it: SDM volume 3, figure 3-8. */
static u64 descriptor(const struct kvm_segment *seg)
{
	u64 limit = seg->g ? seg->limit >> 12 : seg->limit;

	return (limit & 0xffff) | (seg->base & 0xffffff) << 16 | (u64)seg->type << 40 |
	       (u64)seg->s << 44 | (u64)seg->dpl << 45 | (u64)seg->present << 47 |
	       (limit >> 16 & 0xf) << 48 | (u64)seg->l << 53 | (u64)seg->db << 54 |
	       (u64)seg->g << 55 | (seg->base >> 24 & 0xff) << 56;
}

/*
 * Load CS with code and the others with flat data, and write the GDT that says the same: a guest
 * may reload a selector at any time, and then the CPU reads the table, not our registers.
 */
static int set_segments(struct vcpu *vcpu, struct kvm_sregs *sregs, struct kvm_segment code)
{
	struct kvm_segment data = code;
	u64 gdt[3];

	data.selector = BOOT_DS;
	data.type = SEG_DATA;
	data.db = 1;
	data.l = 0;
	gdt[0] = 0;
	gdt[BOOT_CS / 8] = descriptor(&code);
	gdt[BOOT_DS / 8] = descriptor(&data);
	sregs->cs = code;
	sregs->ds = sregs->es = sregs->fs = sregs->gs = sregs->ss = data;
	sregs->gdt.base = BOOT_GDT_GPA;
	sregs->gdt.limit = sizeof(gdt) - 1;
	return mem_write(&vcpu->vm->mem, BOOT_GDT_GPA, gdt, sizeof(gdt));
}

static const struct kvm_segment flat_code = {
	.selector = BOOT_CS,
	.limit = 0xffffffff,
	.type = SEG_CODE,
	.s = 1, /* code or data, not a system segment */
	.present = 1,
	.db = 1, /* 32-bit */
	.g = 1,	 /* the limit counts 4 KiB */
};
#endif

int cpu_mode_protected(struct vcpu *vcpu, u64 entry)
{
	/* TASK 2.7 */
#if SOL >= 207
	struct kvm_sregs sregs;
	int err;

	if (ioctl(vcpu->fd, KVM_GET_SREGS, &sregs) < 0)
		return -errno;
	err = set_segments(vcpu, &sregs, flat_code);
	if (err)
		return err;
	sregs.cr0 = CR0_PE | CR0_ET;
	if (ioctl(vcpu->fd, KVM_SET_SREGS, &sregs) < 0)
		return -errno;
	return set_entry(vcpu, entry);
#else
	return TODO("2.7");
#endif
}
/* [book:end] */

/* [book:2.8] */
/* TASK 2.8 */
#if SOL >= 208
/* PML4[0] -> PDPT[0] -> a page directory of 512 pages of 2 MiB: the first GiB, as it is. */
static int write_page_tables(struct mem *mem)
{
	const u64 pml4e = BOOT_PDPT_GPA | PTE_P | PTE_RW;
	const u64 pdpte = BOOT_PD_GPA | PTE_P | PTE_RW;
	u64 pd[TABLE_ENTRIES];
	int err;

	for (u64 i = 0; i < TABLE_ENTRIES; i++)
		pd[i] = MiB(2) * i | PTE_P | PTE_RW | PTE_PS;
	err = mem_write(mem, BOOT_PML4_GPA, &pml4e, sizeof(pml4e));
	if (!err)
		err = mem_write(mem, BOOT_PDPT_GPA, &pdpte, sizeof(pdpte));
	if (!err)
		err = mem_write(mem, BOOT_PD_GPA, pd, sizeof(pd));
	return err;
}
#endif

int cpu_mode_long(struct vcpu *vcpu, u64 entry)
{
	/* TASK 2.8 */
#if SOL >= 208
	struct kvm_segment code = flat_code;
	struct kvm_sregs sregs;
	int err;

	if (ioctl(vcpu->fd, KVM_GET_SREGS, &sregs) < 0)
		return -errno;
	code.l = 1;
	code.db = 0; /* L and D together are reserved: SDM volume 3, 5.2.1 */
	err = set_segments(vcpu, &sregs, code);
	if (!err)
		err = write_page_tables(&vcpu->vm->mem);
	if (err)
		return err;
	sregs.cr3 = BOOT_PML4_GPA;
	sregs.cr4 = CR4_PAE;
	sregs.efer = EFER_LME | EFER_LMA;
	sregs.cr0 = CR0_PE | CR0_ET | CR0_PG;
	if (ioctl(vcpu->fd, KVM_SET_SREGS, &sregs) < 0)
		return -errno;
	return set_entry(vcpu, entry);
#else
	return TODO("2.8");
#endif
}
/* [book:end] */

int cpu_mode_set(struct vcpu *vcpu, enum cpu_mode mode, u64 entry)
{
	if (mode == MODE_LONG)
		return cpu_mode_long(vcpu, entry);
	if (mode == MODE_PROTECTED)
		return cpu_mode_protected(vcpu, entry);
	return cpu_mode_real(vcpu, entry);
}
