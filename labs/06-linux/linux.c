// SPDX-License-Identifier: MIT
#include "linux.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#include "cpu_mode.h"
#include "dirty.h"
#include "layout.h"
#include "pvh_place.h"

/* The register in which a kernel looks for what it is told: EBX (PVH), ESI (bzImage). */
static int enter(struct vcpu *vcpu, u64 entry, u64 rbx, u64 rsi)
{
	struct kvm_regs regs;
	int err = cpu_mode_protected(vcpu, entry);

	if (err)
		return err;
	if (ioctl(vcpu->fd, KVM_GET_REGS, &regs) < 0)
		return -errno;
	regs.rbx = rbx;
	regs.rsi = rsi;
	return ioctl(vcpu->fd, KVM_SET_REGS, &regs) < 0 ? -errno : 0;
}

/* boot.rst, "32-bit Boot Protocol": __BOOT_CS and __BOOT_DS. A PVH kernel is told no selectors. */
#define LINUX_CS 0x10
#define LINUX_DS 0x18

/*
 * The segments of cpu_mode_protected(), by the selectors that a bzImage may count on: older kernels
 * load them before they have a GDT of their own.
 */
static int use_linux_selectors(struct vcpu *vcpu)
{
	struct mem *mem = &vcpu->vm->mem;
	struct kvm_sregs sregs;
	u64 gdt[LINUX_DS / 8 + 1];
	int err = mem_read(mem, BOOT_GDT_GPA, gdt, BOOT_DS + 8);

	if (err)
		return err;
	gdt[LINUX_DS / 8] = gdt[BOOT_DS / 8]; /* first: LINUX_CS is BOOT_DS */
	gdt[LINUX_CS / 8] = gdt[BOOT_CS / 8];
	err = mem_write(mem, BOOT_GDT_GPA, gdt, sizeof(gdt));
	if (err)
		return err;
	if (ioctl(vcpu->fd, KVM_GET_SREGS, &sregs) < 0)
		return -errno;
	sregs.gdt.limit = sizeof(gdt) - 1;
	sregs.cs.selector = LINUX_CS;
	sregs.ds.selector = sregs.es.selector = sregs.fs.selector = sregs.gs.selector =
		sregs.ss.selector = LINUX_DS;
	return ioctl(vcpu->fd, KVM_SET_SREGS, &sregs) < 0 ? -errno : 0;
}

static int load_pvh(struct machine *m, const struct image *image, struct handover *h,
		    struct why *why)
{
	int err = place_pvh(&m->vm.mem, image, h, why);

	if (err)
		return err;
	err = enter(&m->cpu[0].vcpu, image->start, PVH_INFO_GPA, 0);
	return err ? why_set(why, err, "the vCPU's registers: %s", strerror(-err)) : 0;
}

static int load_bzimage(struct machine *m, const struct image *image, struct handover *h,
			struct why *why)
{
	struct bzimage bz;
	int err = bzimage_parse(&bz, image->bytes, image->size, why);

	if (!err)
		err = bzimage_load(&bz, &m->vm.mem, h, why);
	if (err)
		return err;
	err = enter(&m->cpu[0].vcpu, bz.load_gpa, 0, ZERO_PAGE_GPA);
	if (!err)
		err = use_linux_selectors(&m->cpu[0].vcpu);
	return err ? why_set(why, err, "the vCPU's registers: %s", strerror(-err)) : 0;
}

static bool has_pvh_door(const struct image *image)
{
	return image->mode == MODE_PROTECTED && image->has_pvh;
}

bool linux_is_kernel(const struct image *image)
{
	return image->kind == IMAGE_BZIMAGE || has_pvh_door(image);
}

int linux_load(struct machine *m, const struct options *opt, const struct image *image,
	       struct handover *h)
{
	struct why why;
	int err;

	if (image->kind == IMAGE_BZIMAGE)
		err = load_bzimage(m, image, h, &why);
	else if (has_pvh_door(image))
		err = load_pvh(m, image, h, &why);
	else
		return machine_load(m, opt, image);
	if (err)
		return err == -ENOSYS ? 1 : fail(opt->image, why.text);
	if (opt->dirty_log && (err = dirty_log_start(&m->vm.mem, m->vm.fd)))
		return fail_errno("--dirty-log", err);
	return 0;
}
