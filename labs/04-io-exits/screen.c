// SPDX-License-Identifier: MIT
#include "screen.h"

#include "coalesce.h"

int screen_init(struct vga *vga, struct vcpu *vcpu, enum vga_kind kind)
{
	int err;

	if (kind == VGA_NONE)
		return 0;
	if (kind == VGA_RAM)
		return vga_init_ram(vga, &vcpu->vm->mem, vcpu->vm->fd);
	err = vga_init_mmio(vga, &vcpu->vm->mmio);
	if (!err && kind == VGA_COALESCED)
		err = coalesce_zone(vcpu, VGA_GPA, VGA_SIZE);
	return err;
}
