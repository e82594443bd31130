// SPDX-License-Identifier: MIT
#include "diagnosis.h"

#include <string.h>

#include "todo.h"

static const struct {
	const char *name, *advice;
} table[] = {
	[D_VMX] = { "hardware VMX", "nothing to do: run the labs here" },
	[D_SVM] = { "hardware SVM", "nothing to do: run the labs here" },
	[D_SOFTWARE] = { "software-backed KVM",
			 "nothing to do: the labs run here; guests are slower" },
	[D_FIRMWARE] = { "disabled by firmware", "switch on \"Virtualization Technology\" (or SVM) "
						 "in the firmware's set-up" },
	[D_NONE] = { "none", "run the labs in an emulated CPU: ./lab run ENGINE=svm ..." },
};

const char *diagnosis_name(enum diagnosis d)
{
	return table[d].name;
}

const char *diagnosis_advice(enum diagnosis d, enum kvm_state kvm, const char *kvm_advice)
{
	return kvm == KVM_USABLE || d == D_FIRMWARE ? table[d].advice : kvm_advice;
}

/* [book:1.3] */
/* TASK 1.3 */
#if SOL >= 103
static bool switched_off(const struct facts *f, const struct cpu *cpu)
{
	const struct msr_value *m = facts_msr(f, cpu->vmx ? MSR_IA32_FEATURE_CONTROL : MSR_VM_CR);

	if (!m)
		return strcmp(f->cpuinfo, cpu->vmx ? "vmx" : "svm") != 0;
	if (cpu->vmx)
		return (m->value & FEATURE_CONTROL_LOCKED) && !(m->value & FEATURE_CONTROL_VMXON);
	return m->value & VM_CR_SVMDIS;
}

#endif
int diagnose(const struct facts *f, const struct cpu *cpu, enum kvm_state kvm, enum diagnosis *d)
{
	/* TASK 1.3 */
#if SOL >= 103
	enum diagnosis hardware = cpu->vmx ? D_VMX : D_SVM;

	if (!cpu->vmx && !cpu->svm)
		*d = kvm == KVM_USABLE ? D_SOFTWARE : D_NONE;
	else
		*d = kvm != KVM_USABLE && switched_off(f, cpu) ? D_FIRMWARE : hardware;
	return 0;
#else
	return TODO("1.3");
#endif
}
/* [book:end] */
