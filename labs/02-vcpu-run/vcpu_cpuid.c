// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <sys/ioctl.h>

#include "vcpu_cpuid.h"

#define ROOM 256 /* entries: KVM keeps no more */

void vcpu_cpuid(const struct vcpu *vcpu, u32 leaf, u32 subleaf, struct kvm_cpuid_entry2 *e)
{
	struct kvm_cpuid2 *cpuid = calloc(1, sizeof(*cpuid) + ROOM * sizeof(cpuid->entries[0]));

	*e = (struct kvm_cpuid_entry2){ 0 };
	if (!cpuid)
		return;
	cpuid->nent = ROOM;
	if (ioctl(vcpu->fd, KVM_GET_CPUID2, cpuid) < 0)
		cpuid->nent = 0;
	for (u32 i = 0; i < cpuid->nent; i++) {
		if (cpuid->entries[i].function == leaf && cpuid->entries[i].index == subleaf)
			*e = cpuid->entries[i];
	}
	free(cpuid);
}
