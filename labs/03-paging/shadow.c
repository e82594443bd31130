// SPDX-License-Identifier: MIT
#include "shadow_cache.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "boot.h"
#include "load.h"
#include "paging.h"
#include "slots.h"
#include "x86.h"

#define FRAMES_4G (GiB(4) / PAGE_SIZE_4K)

/*
 * The guest's 4 GiB, frame by frame: RAM in an order that looks drawn, behind the VMM's part; the
 * ROM where it is; all else where no memory is.
 */
static int make_frames(struct shadow *s, u64 size)
{
	const u64 ram = size / PAGE_SIZE_4K;

	s->frame = malloc(FRAMES_4G * sizeof(*s->frame));
	if (!s->frame)
		return -ENOMEM;
	frames_permute(s->frame, ram, VMM_SIZE / PAGE_SIZE_4K, size);
	for (u64 i = 0; i < FRAMES_4G; i++) {
		u64 gpa = i * PAGE_SIZE_4K;

		if (gpa >= ROM_GPA)
			s->frame[i] = (u32)i;
		else if (i >= ram || (gpa >= LOW_END_GPA && gpa < HIGH_GPA))
			s->frame[i] = (u32)(HOLE_MACHINE / PAGE_SIZE_4K + i);
	}
	return 0;
}

enum verdict shadow_knock(struct shadow *s)
{
	u64 fixed = s->stat.pf_fixed, guests = s->stat.pf_guest;
	enum verdict verdict;

	if (s->stat.traps++ == 0)
		s->first = *s->trap;
	*shadow_now(s) = (struct past_trap){ .frame = *s->trap };
	s->mail->count = 0;
	if ((s->trap->cs & 3) != 3) /* nobody else may knock here */
		return shadow_dead(s, "the stub itself faulted: vector %llu at 0x%llx",
				   (unsigned long long)s->trap->vector,
				   (unsigned long long)s->trap->rip);
	verdict = shadow_trap(s);
	shadow_now(s)->done = s->stat.pf_fixed != fixed	   ? "mapped"
			      : s->stat.pf_guest != guests ? "the guest's own"
							   : NULL;
	/* The stub's IRETQ would fault in the guest's place. */
	if (verdict == V_RESUME && !is_canonical(s->trap->rip))
		verdict = shadow_reflect(s, VECTOR_GP, true, 0);
	s->mail->root = shadow_table_machine(s->root);
	if (s->mail_full)
		return shadow_dead(s,
				   "one trap has changed more than %d entries of its shadow tables",
				   MAILBOX_MAX);
	return verdict;
}

static enum verdict trap_io(struct device *dev, bool write, u64 off, void *data, unsigned size)
{
	return shadow_knock(container_of(dev, struct shadow, dev));
}

/* Where the guest is, for messages. Behind the stub's OUT, its registers are in the trap frame. */
static void guest_view(void *ctx, struct kvm_regs *regs, struct kvm_sregs *sregs)
{
	const struct shadow *s = ctx;
	const struct trap_frame *f = s->trap;

	if (!s->stat.traps)
		return;
	if ((sregs->cs.selector & 3) == 0) {
		__u64 *const reg[] = { &regs->rax, &regs->rcx, &regs->rdx, &regs->rbx,
				       &regs->rsp, &regs->rbp, &regs->rsi, &regs->rdi,
				       &regs->r8,  &regs->r9,  &regs->r10, &regs->r11,
				       &regs->r12, &regs->r13, &regs->r14, &regs->r15 };

		for (unsigned i = 0; i < ARRAY_SIZE(reg); i++)
			*reg[i] = i == RSP ? f->rsp : f->reg[i];
		regs->rip = f->rip;
		regs->rflags = f->rflags;
	}
	sregs->cs.selector = (u16)f->cs;
	sregs->cr0 = s->cpu.cr0;
	sregs->cr2 = s->cpu.cr2;
	sregs->cr3 = s->cpu.cr3;
	sregs->cr4 = s->cpu.cr4;
	sregs->efer = s->cpu.efer;
}

static int memory(struct mmu *mmu, struct vcpu *vcpu, u64 size)
{
	struct shadow *s = calloc(1, sizeof(*s));
	struct vm *vm = vcpu->vm;
	int err;

	if (!s)
		return -ENOMEM;
	*s = (struct shadow){
		.mmu = mmu, .vcpu = vcpu, .policy = mmu->ops->policy, .ram = size, .dev.io = trap_io
	};
	paging_features(vcpu, &s->features);
	mmu->shadow = s;
	vcpu->guest_view = guest_view;
	vcpu->exit_view = shadow_exit_view;
	vcpu->guest_view_ctx = s;
	err = mem_add(&vm->mem, vm->fd, 0, VMM_SIZE + size);
	if (!err)
		err = rom_init(&vm->mem, vm->fd);
	if (!err)
		err = make_frames(s, size);
	if (!err)
		err = stub_init(&vm->mem);
	if (err)
		return err;
	gmem_init(&mmu->guest, &vm->mem, s->frame, FRAMES_4G);
	s->trap = stub_frame(&vm->mem);
	s->mail = stub_mailbox(&vm->mem);
	err = shadow_tables_init(s);
	if (!err)
		err = bus_add(&vm->pio, TRAP_PORT, 1, &s->dev);
	s->dev.lock = NULL; /* it is its vCPU's own, and calls other devices */
	return err;
}

static int load(struct mmu *mmu, struct vcpu *vcpu, const struct image *image, enum cpu_mode mode,
		struct why *why)
{
	int err;

	if (mode != MODE_LONG)
		return why_set(why, -EINVAL, "--mmu=%s runs 64-bit guests only%s", mmu->ops->name,
			       image->kind == IMAGE_ELF64 ? "; leave out --mode=protected" : "");
	err = image_keeps_out(image, why);
	for (unsigned i = 0; i < image->nsegments && !err; i++) {
		const struct image_segment *seg = &image->segment[i];

		err = gmem_write(&mmu->guest, seg->paddr, seg->data, seg->filesz);
		if (err)
			why_set(why, err, "guest memory does not take it at 0x%llx: %s",
				(unsigned long long)seg->paddr, strerror(-err));
	}
	return err;
}

static int start(struct mmu *mmu, struct vcpu *vcpu, enum cpu_mode mode, u64 entry)
{
	int err = boot_tables(&mmu->tables, vcpu, &mmu->guest.pm);
	struct shadow *s = mmu->shadow;

	s->cpu = (struct virtual_cpu){
		.cr0 = CR0_PG | CR0_ET | CR0_PE,
		.cr3 = mmu->tables.root,
		.cr4 = CR4_PAE,
		.efer = EFER_LME | EFER_LMA | EFER_NXE,
	};
	if (!err && s->policy->start)
		err = s->policy->start(s, s->ram);
	return err ? err
		   : stub_enter(vcpu, shadow_table_machine(s->root), entry, shadow_real_cr4(s));
}

static int paging(struct mmu *mmu, struct vcpu *vcpu, struct paging *p)
{
	shadow_paging(mmu->shadow, p);
	return 0;
}

static void destroy(struct mmu *mmu)
{
	if (!mmu->shadow)
		return;
	cache_destroy(mmu->shadow);
	free(mmu->shadow->table);
	free(mmu->shadow->frame);
	free(mmu->shadow);
	mmu->shadow = NULL;
}

const struct mmu_ops mmu_shadow = { "shadow", &shadow_plain, memory, load, start, paging, destroy };
const struct mmu_ops mmu_shadow_cached = {
	"shadow-cached", &shadow_cached, memory, load, start, paging, destroy,
};
