/* SPDX-License-Identifier: MIT */
/* Task 1.3: two facts, "the CPU virtualizes" and "KVM is usable", and one verdict. */
#ifndef DIAGNOSIS_H
#define DIAGNOSIS_H

#include "cpu.h"
#include "kvm_ask.h"

enum diagnosis {
	D_VMX,	    /* hardware: Intel's VT-x */
	D_SVM,	    /* hardware: AMD-V */
	D_SOFTWARE, /* KVM is usable, though the CPU shows neither: it works without them */
	D_FIRMWARE, /* the CPU can, the firmware has switched it off */
	D_NONE,	    /* neither the CPU nor KVM */
};

/*
 * The verdict. In this order:
 *
 *   1. KVM is usable: VMX, SVM or, with neither flag in CPUID, software.
 *   2. The CPU has the flag in CPUID, and the firmware has switched it off. It has when:
 *      with VMX, FEATURE_CONTROL can be read and is locked without VMXON allowed outside SMX;
 *      with SVM, VM_CR can be read and has SVMDIS;
 *      or, the MSR not readable, /proc/cpuinfo does not list the flag: Linux drops it then, vmx
 *      since 5.6, svm since 6.7. An older one lists it all the same, and nobody is left to ask: 3.
 *   3. The CPU has the flag: VMX or SVM (KVM's own state says what is missing).
 *   4. None.
 *
 * The two MSRs and their three bits are macros in common/x86.h. A CPU with both flags does not
 * exist; take VMX. Returns 0, or -ENOSYS (task).
 */
int diagnose(const struct facts *f, const struct cpu *cpu, enum kvm_state kvm, enum diagnosis *d);

/* Given: "hardware VMX"..., and what to do; kvm_advice: about a device that is not usable. */
const char *diagnosis_name(enum diagnosis d);
const char *diagnosis_advice(enum diagnosis d, enum kvm_state kvm, const char *kvm_advice);

#endif
