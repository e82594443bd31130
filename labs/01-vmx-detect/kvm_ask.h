/* SPDX-License-Identifier: MIT */
/* Task 1.1: what /dev/kvm answers, and what that means. */
#ifndef KVM_ASK_H
#define KVM_ASK_H

#include "facts.h"

/* The capabilities that the labs need; lab 0 marks numbers to show, which nobody needs. */
struct kvm_cap {
	const char *name;
	int number; /* KVM_CAP_... of <linux/kvm.h> */
	unsigned lab;
};
extern const struct kvm_cap kvm_caps[KVM_CAPS];

/*
 * Ask the device at path, and close what was opened:
 *
 *   open() for reading and writing; its errno
 *   KVM_GET_API_VERSION (api.rst 4.1): the number, or a negative errno
 *   KVM_CREATE_VM (4.2): only trying tells whether the CPU is free and permitted; its errno.
 *     EINTR is none: a signal came in between (mmu_notifier_register() in the kernel); ask again
 *   KVM_CHECK_EXTENSION (4.4) for each of kvm_caps[]: its answer, 0 also for an error
 *
 * Without a device, or without a version, nothing more is asked. A refused KVM_CREATE_VM stops
 * nothing: a busy KVM still tells what it can do. What was not asked is 0, whatever *a held before.
 * Returns 0: a device that refuses is an answer, too.
 */
int kvm_ask(const char *path, struct kvm_answers *a);

/*
 * What the answers mean, the first that applies in the order of asking: enum kvm_state is in
 * common/kvm_device.h. An errno means the same at open() and at KVM_CREATE_VM. Returns 0, or
 * -ENOSYS (task).
 */
int kvm_state(const struct kvm_answers *a, enum kvm_state *state);

#endif
