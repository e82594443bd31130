// SPDX-License-Identifier: MIT
#include "fake_kvm.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define RUN_SIZE 0x3000

struct fake_kvm fake_kvm;

struct kvm_cpuid_entry2 fake_cpuid(u32 i)
{
	return (struct kvm_cpuid_entry2){ .function = 0x40000000 + i, .eax = ~i };
}

static int new_vcpu(void)
{
	int fd = fake_kvm.no_page ? epoll_create1(EPOLL_CLOEXEC)
				  : memfd_create("vcpu", MFD_CLOEXEC);

	return fake_kvm.no_page || !ftruncate(fd, RUN_SIZE) ? fd : -errno;
}

static int supported_cpuid(struct kvm_cpuid2 *list)
{
	if (list->nent < fake_kvm.cpuids)
		return -E2BIG;
	for (u32 i = 0; i < fake_kvm.cpuids; i++)
		list->entries[i] = fake_cpuid(i);
	list->nent = fake_kvm.cpuids;
	return 0;
}

static int set_cpuid(const struct kvm_cpuid2 *list)
{
	if (list->nent > FAKE_CPUID_MAX)
		return -E2BIG;
	memcpy(fake_kvm.cpuid, list->entries, list->nent * sizeof(list->entries[0]));
	fake_kvm.told = list->nent;
	return 0;
}

static int answer(unsigned long request, void *arg)
{
	if (request == fake_kvm.fails)
		return fake_kvm.err;
	switch (request) {
	case KVM_GET_API_VERSION:
		return KVM_API_VERSION;
	case KVM_CHECK_EXTENSION:
		return 1;
	case KVM_SET_TSS_ADDR:
		fake_kvm.tss = (uintptr_t)arg;
		return 0;
	case KVM_CREATE_VM:
		fake_kvm.type = (uintptr_t)arg;
		return memfd_create("vm", MFD_CLOEXEC);
	case KVM_CREATE_VCPU:
		return new_vcpu();
	case KVM_GET_VCPU_MMAP_SIZE:
		return RUN_SIZE;
	case KVM_GET_SUPPORTED_CPUID:
		return supported_cpuid(arg);
	case KVM_SET_CPUID2:
		return set_cpuid(arg);
	case KVM_GET_SREGS:
		memcpy(arg, &fake_kvm.sregs, sizeof(fake_kvm.sregs));
		return 0;
	case KVM_SET_SREGS:
		memcpy(&fake_kvm.sregs, arg, sizeof(fake_kvm.sregs));
		return 0;
	case KVM_SET_REGS:
		memcpy(&fake_kvm.regs, arg, sizeof(fake_kvm.regs));
		return 0;
	default:
		return 0;
	}
}

int ioctl(int fd, unsigned long request, ...)
{
	va_list ap;
	void *arg;
	int ret;

	va_start(ap, request);
	arg = va_arg(ap, void *);
	va_end(ap);
	if (!fake_kvm.on || _IOC_TYPE(request) != KVMIO)
		return (int)syscall(SYS_ioctl, fd, request, arg);
	ret = answer(request, arg);
	if (ret >= 0)
		return ret;
	errno = -ret;
	return -1;
}
