/* SPDX-License-Identifier: MIT */
#ifndef KVM_STATS_H
#define KVM_STATS_H

#include "vcpu.h"

/* One counter of KVM's: its name as `kvm_stat` shows it, and its (first) value. */
typedef void kvm_stat_fn(void *ctx, const char *name, u64 value);

/*
 * [task 2.10] Read the binary statistics behind fd, a descriptor from KVM_GET_STATS_FD (api.rst
 * 4.133), and call each() for every one: a header says where the descriptors and where the data
 * begin; each descriptor says its name, and where in the data its size values of 8 bytes lie.
 *
 * Use pread(): the descriptor is one file with three parts. Each descriptor is
 * sizeof(struct kvm_stats_desc) + name_size bytes long. Offsets and sizes differ by kernel.
 * Returns 0; -EIO if something is cut off or makes no sense, such as a name without a NUL within
 * name_size; -ENOMEM; or what pread() said.
 */
int kvm_stats_read(int fd, kvm_stat_fn *each, void *ctx);

/* --kvm-stats: the counters of the VM and of the vCPU that are not 0, on stderr. 0 or -errno. */
int kvm_stats_print(struct vcpu *vcpu);

#endif
