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
