// SPDX-License-Identifier: MIT
#include "vmx_msr.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "todo.h"

const u32 wanted_msrs[WANTED_MSRS] = {
	0x8b,  /* microcode revision: nearly every CPU, and every KVM, has it */
	0x10a, /* IA32_ARCH_CAPABILITIES */
	MSR_IA32_FEATURE_CONTROL, MSR_VM_CR,
	/* IA32_VMX_BASIC and all behind it */
	0x480, 0x481, 0x482, 0x483, 0x484, 0x485, 0x486, 0x487, 0x488, 0x489, 0x48a, 0x48b, 0x48c,
	0x48d, 0x48e, 0x48f, 0x490, 0x491
};

/* TASK 1.5 */
#if SOL >= 105
/* [book:1.5collect] */
static void collect_from_cpu(struct facts *f)
{
	int fd = open("/dev/cpu/0/msr", O_RDONLY | O_CLOEXEC);
	u64 value;

	if (fd < 0)
		return;
	for (unsigned i = 0; i < WANTED_MSRS; i++) {
		if (pread(fd, &value, sizeof(value), wanted_msrs[i]) == sizeof(value))
			facts_add_msr(f, wanted_msrs[i], value, MSR_FROM_CPU);
	}
	close(fd);
}

static bool is_wanted(u32 index)
{
	for (unsigned i = 0; i < WANTED_MSRS; i++) {
		if (wanted_msrs[i] == index)
			return true;
	}
	return false;
}

/* One at a time: KVM_GET_MSRS stops at the first that it cannot read. */
static void collect_one_from_kvm(int kvm, u32 index, struct facts *f)
{
	struct kvm_msrs *one = calloc(1, sizeof(*one) + sizeof(one->entries[0]));

	if (!one)
		return;
	one->nmsrs = 1;
	one->entries[0].index = index;
	if (is_wanted(index) && ioctl(kvm, KVM_GET_MSRS, one) == 1)
		facts_add_msr(f, index, one->entries[0].data, MSR_FROM_KVM);
	free(one);
}

static void collect_from_kvm(const char *path, struct facts *f)
{
	struct kvm_msr_list *list = calloc(1, sizeof(*list) + MSRS_MAX * sizeof(list->indices[0]));
	int kvm = open(path, O_RDWR | O_CLOEXEC);

	if (list && kvm >= 0) {
		list->nmsrs = MSRS_MAX;
		if (ioctl(kvm, KVM_GET_MSR_FEATURE_INDEX_LIST, list) == 0) {
			for (u32 i = 0; i < list->nmsrs && i < MSRS_MAX; i++)
				collect_one_from_kvm(kvm, list->indices[i], f);
		}
	}
	if (kvm >= 0)
		close(kvm);
	free(list);
}

#endif
int msr_collect(const char *kvm_path, struct facts *f)
{
	/* TASK 1.5 */
#if SOL >= 105
	collect_from_cpu(f);
	collect_from_kvm(kvm_path, f);
	return 0;
#else
	return TODO("1.5");
#endif
}
/* [book:end] */

/* TASK 1.5 */
#if SOL >= 105
/* [book:1.5decode] */
static void decode_control(const struct facts *f, const char *name, u32 index,
			   struct vmx_control *c)
{
	const struct msr_value *m = facts_msr(f, index);

	*c = (struct vmx_control){ .name = name };
	if (!m)
		return;
	c->known = true;
	c->must_be_1 = (u32)m->value;
	c->must_be_0 = ~(u32)(m->value >> 32);
	c->may_be_1 = ~c->must_be_1 & ~c->must_be_0;
}

static void decode_basic(u64 basic, struct vmx_caps *v)
{
	v->revision = basic & 0x7fffffff;
	v->vmcs_size = basic >> 32 & 0x1fff;
	v->memory_type = basic >> 50 & 0xf;
	v->true_controls = basic >> 55 & 1;
}

#endif
int vmx_decode(const struct facts *f, struct vmx_caps *v)
{
	/* TASK 1.5 */
#if SOL >= 105
	const struct msr_value *feature = facts_msr(f, MSR_IA32_FEATURE_CONTROL);
	const struct msr_value *basic = facts_msr(f, MSR_IA32_VMX_BASIC);
	u32 from;

	*v = (struct vmx_caps){ 0 };
	if (feature) {
		v->feature_known = true;
		v->locked = feature->value & FEATURE_CONTROL_LOCKED;
		v->vmxon_outside_smx = feature->value & FEATURE_CONTROL_VMXON;
	}
	if (!basic)
		return -ENODATA;
	decode_basic(basic->value, v);
	from = v->true_controls ? 0x48d : 0x481;
	decode_control(f, "pin-based", from, &v->control[C_PIN]);
	decode_control(f, "primary", from + 1, &v->control[C_PRIMARY]);
	decode_control(f, "exit", from + 2, &v->control[C_EXIT]);
	decode_control(f, "entry", from + 3, &v->control[C_ENTRY]);
	v->control[C_SECONDARY].name = "secondary";
	if (~v->control[C_PRIMARY].must_be_0 >> 31 && v->control[C_PRIMARY].known)
		decode_control(f, "secondary", MSR_IA32_VMX_PROCBASED_CTLS2,
			       &v->control[C_SECONDARY]);
	return 0;
#else
	return TODO("1.5");
#endif
}
/* [book:end] */
