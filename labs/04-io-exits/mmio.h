/* SPDX-License-Identifier: MIT */
/* Task 4.1: devices in the guest's physical address space. */
#ifndef MMIO_H
#define MMIO_H

#include "vcpu.h"

/*
 * [task 4.1] The exit of an access to an address that no memory slot holds, or of a write to what
 * is read-only: KVM_EXIT_MMIO (api.rst 5). Put the access on the VM's MMIO bus.
 *
 * run->mmio.data has the bytes of a write; those of a read are to be put there, from its first byte
 * on, before the next KVM_RUN. run->mmio.len is 1 to 8 and need not be a power of two: KVM cuts an
 * access that crosses a page, or that is wider than eight bytes, into exits of its own. A length
 * that is none of these (0, or above 8) would not fit into data: V_ERROR.
 *
 * What nobody claims reads as all ones and forgets writes, as bus_io() does it for ports.
 */
exit_fn exit_mmio_bus;

/* Sign up for KVM_EXIT_MMIO, instead of lab 03. */
void mmio_init(struct vcpu *vcpu);

#endif
