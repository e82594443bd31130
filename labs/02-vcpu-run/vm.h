/* SPDX-License-Identifier: MIT */
#ifndef VM_H
#define VM_H

#include <pthread.h>

#include "bus.h"
#include "describe.h"
#include "mem.h"
#include "run.h"

/* A virtual machine: what its vCPUs share. */
struct vm {
	int kvm_fd;	      /* the KVM device: the system's ioctls */
	int fd;		      /* this machine: the VM's ioctls */
	struct run run;	      /* whether it goes on, and who runs in it */
	struct mem mem;	      /* guest RAM */
	struct bus pio;	      /* who answers at which port */
	struct bus mmio;      /* lab 04: and at which guest-physical address */
	pthread_mutex_t lock; /* of all devices: from lab 04 on, these have a second thread */
	struct describers describers; /* who says what state they are in when all goes wrong */
};

/*
 * [task 2.1] Open the KVM device at path and make a virtual machine on it.
 *
 * Checks that the device speaks version 12 of the API (api.rst 4.1, KVM_GET_API_VERSION) and has
 * KVM_CAP_USER_MEMORY (4.4, KVM_CHECK_EXTENSION), makes the VM (4.2, KVM_CREATE_VM, type 0), and
 * lends KVM the three pages at VM_TSS_GPA that Intel CPUs need for real mode (4.36,
 * KVM_SET_TSS_ADDR). A signal that comes while the VM is made ends KVM_CREATE_VM with EINTR, which
 * is no error: again. (It is the only ioctl of the set-up to which this happens.)
 *
 * Returns 0, or a negative errno with nothing left open, and -1 in kvm_fd and fd: what open() or
 * the ioctl said (a file that is no KVM device answers ENOTTY), -EPROTO for another API version,
 * -EOPNOTSUPP for a missing capability.
 */
int vm_init(struct vm *vm, const char *path);

/*
 * Given: a lock that is handed over: who waits for it has it next, and who lets go of it only to
 * take it again, as a busy I/O thread does, waits for him. (A usual mutex is his who is awake.)
 */
void vm_lock_init(pthread_mutex_t *lock);

/* Just below 4 GiB: no RAM and no device of ours is ever there. */
#define VM_TSS_GPA 0xfffbd000

/* Let go of everything that vm_init() and mem_add() took. */
void vm_destroy(struct vm *vm);

#endif
