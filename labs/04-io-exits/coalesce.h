/* SPDX-License-Identifier: MIT */
/*
 * Task 4.12 (stretch): stores that can wait. KVM notes them down in a ring, and the guest goes on.
 * They become accesses to a device when KVM_RUN comes back the next time, for whatever reason.
 *
 * The ring is a page behind kvm_run, in the memory that the vCPU's descriptor maps. KVM writes at
 * `last`, we take from `first`; equal: it is empty. One place of COALESCE_MAX stays free, so when
 * it is full can be told from when it is empty: then the store is an exit, as without a ring.
 */
#ifndef COALESCE_H
#define COALESCE_H

#include "vcpu.h"

/* KVM_COALESCED_MMIO_MAX, which <linux/kvm.h> can only say in the kernel: what a page holds. */
#define COALESCE_MAX                                               \
	((PAGE_SIZE_4K - sizeof(struct kvm_coalesced_mmio_ring)) / \
	 sizeof(struct kvm_coalesced_mmio))

/*
 * [task 4.12] Stores into these len bytes of guest-physical addresses, if they lie inside as a
 * whole, need no exit from now on: KVM_REGISTER_COALESCED_MMIO (api.rst 4.116, on the VM). Reads
 * exit as ever. After each exit from now on, coalesce_collect() is called with the ring as its ctx:
 * hook_add(vcpu->after, ...).
 *
 * KVM_CAP_COALESCED_MMIO (4.4, KVM_CHECK_EXTENSION on kvm_fd) is the page's number, counted from
 * vcpu->run, or 0 (4.5). Returns 0; -EOPNOTSUPP if there is no such page, or it is not in the
 * run_size bytes; or the negative errno of the ioctl, or what hook_add() says.
 */
int coalesce_zone(struct vcpu *vcpu, u64 gpa, u32 len);

/*
 * [task 4.12] Empty the ring: put its stores on the bus, in their order, from `first` to `last`.
 * KVM may use a place again as soon as `first` has moved on: by then its store is done, or copied.
 * Behind the last place comes place 0.
 *
 * Returns V_RESUME; or the first other verdict of the bus, with that store taken out and those
 * behind it still there; or V_ERROR: before any store if first or last is no place, or when one
 * comes whose length is not 1 to 8 (whether that one is taken out is free).
 */
enum verdict coalesce_drain(struct kvm_coalesced_mmio_ring *ring, struct bus *mmio);

/* Given: coalesce_drain() with this ring and the VM's bus. */
exit_fn coalesce_collect;

#endif
