// SPDX-License-Identifier: MIT
#include "linux_cpuid.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#include "todo.h"

/* [book:6.3] */
/* TASK 6.3 */
#if SOL >= 603
#define ROOM 256 /* entries: KVM keeps no more */

#define ECX_X2APIC	  (1U << 21)
#define ECX_TSC_DEADLINE  (1U << 24)
#define ECX_HYPERVISOR	  (1U << 31)
#define APIC_BASE_ENABLE  (1ULL << 11)
#define EDX_APIC	  (1U << 9)
#define KVM_LEAF_FEATURES 0x40000001
#define KVM_CLOCKS	  (1U << 0 | 1U << 3 | 1U << 24)

#endif

void linux_cpuid_entry(struct kvm_cpuid_entry2 *e, unsigned id, bool apic)
{
	/* TASK 6.3 */
#if SOL >= 603
	switch (e->function) {
	case 1:
		e->ebx = (e->ebx & 0xffffff) | id << 24;
		e->ecx |= ECX_HYPERVISOR;
		if (!apic) {
			e->ecx &= ~(ECX_X2APIC | ECX_TSC_DEADLINE);
			e->edx &= ~EDX_APIC;
		}
		break;
	case 0xb:
	case 0x1f:
		e->edx = id;
		break;
	case KVM_LEAF_FEATURES:
		if (!apic)
			e->eax &= KVM_CLOCKS;
		break;
	}
#else
	TODO("6.3");
#endif
}

/* TASK 6.3 */
#if SOL >= 603
static int no_apic(struct vcpu *vcpu)
{
	struct kvm_sregs sregs;

	if (ioctl(vcpu->fd, KVM_GET_SREGS, &sregs) < 0)
		return -errno;
	sregs.apic_base &= ~APIC_BASE_ENABLE;
	return ioctl(vcpu->fd, KVM_SET_SREGS, &sregs) < 0 ? -errno : 0;
}
#endif

int linux_cpuid(struct vcpu *vcpu, bool apic)
{
	/* TASK 6.3 */
#if SOL >= 603
	struct kvm_cpuid2 *cpuid = calloc(1, sizeof(*cpuid) + ROOM * sizeof(cpuid->entries[0]));
	int err = 0;

	if (!cpuid)
		return -ENOMEM;
	cpuid->nent = ROOM;
	if (ioctl(vcpu->fd, KVM_GET_CPUID2, cpuid) < 0)
		err = -errno;
	for (u32 i = 0; !err && i < cpuid->nent; i++)
		linux_cpuid_entry(&cpuid->entries[i], vcpu->id, apic);
	if (!err && ioctl(vcpu->fd, KVM_SET_CPUID2, cpuid) < 0)
		err = -errno;
	free(cpuid);
	return !err && !apic ? no_apic(vcpu) : err;
#else
	return (TODO_NOTED("6.3"), 0); /* as KVM has it */
#endif
}
/* [book:end] */
