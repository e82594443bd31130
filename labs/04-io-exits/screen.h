/* SPDX-License-Identifier: MIT */
#ifndef SCREEN_H
#define SCREEN_H

#include "options.h"
#include "vcpu.h"
#include "vga.h"

/*
 * Given: make the text screen in the way that --vga says; coalesced is MMIO whose stores KVM notes
 * down (task 4.12). Returns 0 or a negative errno.
 */
int screen_init(struct vga *vga, struct vcpu *vcpu, enum vga_kind kind);

#endif
