// SPDX-License-Identifier: MIT
#include "kvm_ask.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "todo.h"

#define CAP(lab, name)                                \
	{                                             \
		"KVM_CAP_" #name, KVM_CAP_##name, lab \
	}

const struct kvm_cap kvm_caps[KVM_CAPS] = {
	CAP(0, NR_VCPUS),	CAP(0, MAX_VCPUS),	CAP(0, NR_MEMSLOTS),
	CAP(2, USER_MEMORY),	CAP(2, SET_TSS_ADDR),	CAP(2, EXT_CPUID),
	CAP(2, SYNC_REGS),	CAP(2, IMMEDIATE_EXIT), CAP(2, BINARY_STATS_FD),
	CAP(3, READONLY_MEM),	CAP(3, SYNC_MMU),	CAP(4, IRQCHIP),
	CAP(4, PIT2),		CAP(4, USER_NMI),	CAP(4, VCPU_EVENTS),
	CAP(4, COALESCED_MMIO), CAP(5, IRQFD),		CAP(5, IOEVENTFD),
};

/* TASK 1.1 */
#if SOL >= 101
static void ask_open(int fd, struct kvm_answers *a)
{
	int vm;

	a->version = ioctl(fd, KVM_GET_API_VERSION, 0);
	if (a->version < 0) {
		a->version = -errno;
		return;
	}
	do
		vm = ioctl(fd, KVM_CREATE_VM, 0);
	while (vm < 0 && errno == EINTR);
	if (vm < 0)
		a->create_errno = errno;
	else
		close(vm);
	for (unsigned i = 0; i < KVM_CAPS; i++) {
		int answer = ioctl(fd, KVM_CHECK_EXTENSION, kvm_caps[i].number);

		a->cap[i] = answer < 0 ? 0 : answer;
	}
}

#endif
/* [book:1.1ask] */
int kvm_ask(const char *path, struct kvm_answers *a)
{
	/* TASK 1.1 */
#if SOL >= 101
	int fd = open(path, O_RDWR | O_CLOEXEC);

	*a = (struct kvm_answers){ 0 };
	if (fd < 0) {
		a->open_errno = errno;
		return 0;
	}
	ask_open(fd, a);
	close(fd);
	return 0;
#else
	return TODO("1.1");
#endif
}
/* [book:end] */

/* TASK 1.1 */
#if SOL >= 101
static enum kvm_state state_of_error(int error)
{
	switch (error) {
	case ENOENT:
		return KVM_MISSING;
	case EACCES:
	case EPERM:
		return KVM_NO_PERMISSION;
	case EBUSY:
		return KVM_BUSY;
	case ENODEV:
	case ENXIO:
		return KVM_NO_DRIVER;
	default:
		return KVM_FAILS;
	}
}

static bool lacks_any(const struct kvm_answers *a, unsigned lab)
{
	for (unsigned i = 0; i < KVM_CAPS; i++) {
		if (kvm_caps[i].lab == lab && a->cap[i] <= 0)
			return true;
	}
	return false;
}

#endif
/* [book:1.1state] */
int kvm_state(const struct kvm_answers *a, enum kvm_state *state)
{
	/* TASK 1.1 */
#if SOL >= 101
	if (a->open_errno)
		*state = state_of_error(a->open_errno);
	else if (a->version < 0)
		*state = KVM_NOT_KVM;
	else if (a->version != KVM_API_VERSION)
		*state = KVM_OTHER_VERSION;
	else if (a->create_errno)
		*state = state_of_error(a->create_errno);
	else
		*state = lacks_any(a, 2) ? KVM_LACKING : KVM_USABLE;
	return 0;
#else
	return TODO("1.1");
#endif
}
/* [book:end] */
