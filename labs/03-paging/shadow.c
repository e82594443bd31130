// SPDX-License-Identifier: MIT
#include "shadow_cache.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#include "boot.h"
#include "slots.h"

#define FRAMES_4G (GiB(4) / PAGE_SIZE_4K)

enum verdict shadow_dead(struct shadow *s, const char *format, ...)
{
	char why[160];
	va_list args;

	va_start(args, format);
	vsnprintf(why, sizeof(why), format, args);
	va_end(args);
	return run_end(&s->vcpu->vm->run, V_DEAD, 0, why);
}

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
	enum verdict verdict;

	if (s->stat.traps++ == 0)
		s->first = *s->trap;
	s->mail->count = 0;
	if ((s->trap->cs & 3) != 3) /* nobody else may knock here */
		return shadow_dead(s, "the stub itself faulted: vector %llu at 0x%llx",
				   (unsigned long long)s->trap->vector,
				   (unsigned long long)s->trap->rip);
	verdict = shadow_trap(s);
	/* The stub's IRETQ would fault in the guest's place. */
	if (verdict == V_RESUME && !is_canonical(s->trap->rip))
		verdict = shadow_reflect(s, 13, true, 0);
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
static void believe(void *ctx, struct kvm_regs *regs, struct kvm_sregs *sregs)
{
	const struct shadow *s = ctx;
	const struct trap_frame *f = s->trap;

	if (!s->stat.traps)
		return;
	if ((sregs->cs.selector & 3) == 0)
		*regs = (struct kvm_regs){
			.rax = f->reg[0],
			.rcx = f->reg[1],
			.rdx = f->reg[2],
			.rbx = f->reg[3],
			.rsp = f->rsp,
			.rbp = f->reg[5],
			.rsi = f->reg[6],
			.rdi = f->reg[7],
			.r8 = f->reg[8],
			.r9 = f->reg[9],
			.r10 = f->reg[10],
			.r11 = f->reg[11],
			.r12 = f->reg[12],
			.r13 = f->reg[13],
			.r14 = f->reg[14],
			.r15 = f->reg[15],
			.rip = f->rip,
			.rflags = f->rflags,
		};
	sregs->cs.selector = (u16)f->cs;
	sregs->cr0 = s->cpu.cr0;
	sregs->cr2 = s->cpu.cr2;
	sregs->cr3 = s->cpu.cr3;
	sregs->cr4 = s->cpu.cr4;
	sregs->efer = s->cpu.efer;
}

static const struct device_ops trap_ops = {
	.name = "trap",
	.io = trap_io,
};

static int memory(struct mmu *mmu, struct vcpu *vcpu, u64 size)
{
	struct shadow *s = calloc(1, sizeof(*s));
	struct vm *vm = vcpu->vm;
	int err;

	if (!s)
		return -ENOMEM;
	*s = (struct shadow){ .mmu = mmu, .vcpu = vcpu, .dev.ops = &trap_ops };
	paging_features(vcpu, &s->features);
	mmu->shadow = s;
	vcpu->believe = believe;
	vcpu->believe_ctx = s;
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
	if (!err && mmu->ops == &mmu_shadow_cached)
		err = cache_init(s, size);
	if (!err)
		err = bus_add(&vm->pio, TRAP_PORT, 1, &s->dev);
	s->dev.lock = NULL; /* it is its vCPU's own, and calls other devices */
	return err;
}

static int load_segment(const struct gmem *g, const struct image_segment *seg, struct why *why)
{
	if (seg->paddr < BOOT_END_GPA && seg->paddr + seg->memsz > BOOT_GDT_GPA)
		return why_set(why, -EINVAL,
			       "it covers 0x%x to 0x%x, where the VMM puts its tables; link it "
			       "from 1 MiB on (ld -Ttext-segment=0x100000)",
			       BOOT_GDT_GPA, BOOT_END_GPA - 1);
	for (u64 at = seg->paddr, n; at < seg->paddr + seg->memsz; at += n) {
		n = seg->paddr + seg->memsz - at;
		if (!gmem_span(g, at, &n))
			return why_set(why, -EFAULT, "guest memory has no address 0x%llx",
				       (unsigned long long)at);
	}
	return gmem_write(g, seg->paddr, seg->data, seg->filesz);
}

static int load(struct mmu *mmu, struct vcpu *vcpu, const struct image *image, enum cpu_mode mode,
		struct why *why)
{
	int err = 0;

	if (mode != MODE_LONG)
		return why_set(why, -EINVAL, "--mmu=%s runs 64-bit guests only%s", mmu->ops->name,
			       image->kind == IMAGE_ELF64 ? "; leave out --mode=protected" : "");
	for (unsigned i = 0; i < image->nsegments && !err; i++)
		err = load_segment(&mmu->guest, &image->segment[i], why);
	return err;
}

static int start(struct mmu *mmu, struct vcpu *vcpu, enum cpu_mode mode, u64 entry)
{
	int err = boot_tables(&mmu->tables, vcpu, &mmu->guest.pm);

	mmu->shadow->cpu = (struct virtual_cpu){
		.cr0 = 0x80000011, .cr3 = mmu->tables.root, .cr4 = 0x20, .efer = 0xd00
	};
	if (mmu->shadow->cache)
		cache_first_root(mmu->shadow);
	return err ? err
		   : stub_enter(vcpu, shadow_table_machine(mmu->shadow->root), entry,
				shadow_real_cr4(mmu->shadow));
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

const struct mmu_ops mmu_shadow = {
	.name = "shadow",
	.memory = memory,
	.load = load,
	.start = start,
	.paging = paging,
	.destroy = destroy,
};

const struct mmu_ops mmu_shadow_cached = {
	.name = "shadow-cached",
	.memory = memory,
	.load = load,
	.start = start,
	.paging = paging,
	.destroy = destroy,
};
