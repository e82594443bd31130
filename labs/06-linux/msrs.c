// SPDX-License-Identifier: MIT
#include "msrs.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#include "todo.h"

/* [book:6.11] */
int msrs_filter(const struct msrs *msrs, int vm_fd)
{
	/* TASK 6.11 */
#if SOL >= 611
	/* One bit for each register of a range: 0. But KVM reads whole longs. */
	static unsigned long denied;
	struct kvm_enable_cap cap = { .cap = KVM_CAP_X86_USER_SPACE_MSR,
				      .args = { KVM_MSR_EXIT_REASON_FILTER } };
	struct kvm_msr_filter filter = { .flags = KVM_MSR_FILTER_DEFAULT_ALLOW };

	for (unsigned i = 0; i < msrs->count; i++)
		filter.ranges[i] = (struct kvm_msr_filter_range){
			.flags = KVM_MSR_FILTER_READ | KVM_MSR_FILTER_WRITE,
			.base = msrs->number[i],
			.nmsrs = 1,
			.bitmap = (u8 *)&denied,
		};
	if (ioctl(vm_fd, KVM_ENABLE_CAP, &cap) < 0 ||
	    ioctl(vm_fd, KVM_X86_SET_MSR_FILTER, &filter) < 0)
		return -errno;
	return 0;
#else
	return TODO("6.11");
#endif
}

/* TASK 6.11 */
#if SOL >= 611
static u64 *find(struct msrs *msrs, u32 number)
{
	for (unsigned i = 0; i < msrs->count; i++)
		if (msrs->number[i] == number)
			return &msrs->value[i];
	return NULL;
}
#endif

enum verdict exit_rdmsr(struct vcpu *vcpu, void *ctx)
{
	/* TASK 6.11 */
#if SOL >= 611
	const u64 *value = find(ctx, vcpu->run->msr.index);

	vcpu->run->msr.error = !value;
	if (value)
		vcpu->run->msr.data = *value;
	return V_RESUME;
#else
	return (TODO("6.11"), V_ERROR);
#endif
}

enum verdict exit_wrmsr(struct vcpu *vcpu, void *ctx)
{
	/* TASK 6.11 */
#if SOL >= 611
	u64 *value = find(ctx, vcpu->run->msr.index);

	vcpu->run->msr.error = !value;
	if (value)
		*value = vcpu->run->msr.data;
	return V_RESUME;
#else
	return (TODO("6.11"), V_ERROR);
#endif
}
/* [book:end] */

int msrs_init(struct msrs *msrs, struct vcpu *vcpu, const struct msr_options *opt)
{
	*msrs = (struct msrs){ .count = opt->count };
	memcpy(msrs->number, opt->number, sizeof(msrs->number));
	memcpy(msrs->value, opt->value, sizeof(msrs->value));
	vcpu_on_exit(vcpu, KVM_EXIT_X86_RDMSR, exit_rdmsr, msrs);
	vcpu_on_exit(vcpu, KVM_EXIT_X86_WRMSR, exit_wrmsr, msrs);
	return msrs_filter(msrs, vcpu->vm->fd);
}
