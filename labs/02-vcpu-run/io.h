/* SPDX-License-Identifier: MIT */
#ifndef IO_H
#define IO_H

#include "vcpu.h"

/*
 * [tasks 2.5 and 2.6] The exit of an IN or OUT instruction, KVM_EXIT_IO (api.rst 5): put the
 * access on the VM's port bus. The data lie in the kvm_run page, data_offset bytes from its start;
 * string instructions (INS, OUTS) bring count elements of size bytes there at once. The first
 * verdict that is not V_RESUME is that of the exit, and ends it.
 */
exit_fn exit_io;

/* Sign up for KVM_EXIT_IO. */
void io_init(struct vcpu *vcpu);

#endif
