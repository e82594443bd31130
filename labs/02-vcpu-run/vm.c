// SPDX-License-Identifier: MIT
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "todo.h"
#include "vm.h"

void vm_lock_init(pthread_mutex_t *lock)
{
	pthread_mutexattr_t attr;

	pthread_mutexattr_init(&attr);
	/* Of all kinds the one that the kernel hands over: futex(2). */
	pthread_mutexattr_setprotocol(&attr, PTHREAD_PRIO_INHERIT);
	pthread_mutex_init(lock, &attr);
	pthread_mutexattr_destroy(&attr);
}

/* [book:2.1] */
/* TASK 2.1 */
#if SOL >= 201
static int check_kvm(int kvm_fd)
{
	int version = ioctl(kvm_fd, KVM_GET_API_VERSION, 0);

	if (version < 0)
		return -errno;
	if (version != KVM_API_VERSION)
		return -EPROTO;
	if (ioctl(kvm_fd, KVM_CHECK_EXTENSION, KVM_CAP_USER_MEMORY) <= 0)
		return -EOPNOTSUPP;
	return 0;
}

static int create_vm(struct vm *vm)
{
	do /* a signal may come first, as after Ctrl-Z and fg */
		vm->fd = ioctl(vm->kvm_fd, KVM_CREATE_VM, 0UL);
	while (vm->fd < 0 && errno == EINTR);
	if (vm->fd < 0)
		return -errno;
	if (ioctl(vm->fd, KVM_SET_TSS_ADDR, VM_TSS_GPA) < 0) {
		int err = -errno;

		close(vm->fd);
		return err;
	}
	return 0;
}
#endif

int vm_init(struct vm *vm, const char *path)
{
	*vm = (struct vm){ .kvm_fd = -1, .fd = -1 };
	vm_lock_init(&vm->lock);
	vm->pio.lock = vm->mmio.lock = vm->describers.lock = &vm->lock;
	/* TASK 2.1 */
#if SOL >= 201
	int err;

	vm->kvm_fd = open(path, O_RDWR | O_CLOEXEC);
	if (vm->kvm_fd < 0)
		return -errno;
	err = check_kvm(vm->kvm_fd);
	if (!err)
		err = create_vm(vm);
	if (err) {
		close(vm->kvm_fd);
		*vm = (struct vm){ .kvm_fd = -1, .fd = -1 };
	}
	return err;
#else
	return TODO("2.1");
#endif
}
/* [book:end] */

void vm_destroy(struct vm *vm)
{
	mem_destroy(&vm->mem);
	if (vm->fd >= 0)
		close(vm->fd);
	if (vm->kvm_fd >= 0)
		close(vm->kvm_fd);
	*vm = (struct vm){ .kvm_fd = -1, .fd = -1 };
}
