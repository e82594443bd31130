/* SPDX-License-Identifier: MIT */
/*
 * What a machine says about itself, raw: collected from the live machine, or read from a dump. All
 * that the tasks decode comes from here, so that a decoder can be tried on any CPU there is.
 */
#ifndef FACTS_H
#define FACTS_H

#include "kvm_device.h"
#include "types.h"
#include "x86.h"

#define LEAVES_MAX 128
#define MSRS_MAX   64
#define KVM_CAPS   18 /* entries of kvm_caps[], kvm_ask.h */

/* One CPUID answer: EAX=leaf and ECX=subleaf asked, four registers came. SDM 2A, "CPUID". */
struct cpuid_leaf {
	u32 leaf, subleaf, eax, ebx, ecx, edx;
};

/* Who told the value of an MSR: the CPU itself, or KVM, which tells what it offers to guests. */
enum msr_source { MSR_FROM_CPU, MSR_FROM_KVM };

struct msr_value {
	u32 index;
	u64 value;
	enum msr_source source;
};

/* The answers of /dev/kvm. Task 1.1 collects them; api.rst 4.1, 4.2, 4.4. */
struct kvm_answers {
	int open_errno;	   /* of open(); 0: it opened. Then the others mean something: */
	int version;	   /* KVM_GET_API_VERSION, or a negative errno */
	int create_errno;  /* of KVM_CREATE_VM; 0: a machine could be made */
	int cap[KVM_CAPS]; /* KVM_CHECK_EXTENSION for each of kvm_caps[], 0: has it not */
};

struct facts {
	char origin[160]; /* which machine this is, for people */
	struct kvm_answers kvm;
	/* Whose the device is, and where: for the advice. From a dump nothing is known of them. */
	struct kvm_node kvm_node;
	struct kvm_place place;
	bool live;
	struct cpuid_leaf leaf[LEAVES_MAX];
	unsigned leaves;
	struct msr_value msr[MSRS_MAX];
	unsigned msrs;
	char cpuinfo[8]; /* which of "vmx" and "svm" is a flag in /proc/cpuinfo; "" for none */
};

/* The answer to one CPUID question, or NULL: this CPU has no such leaf. */
const struct cpuid_leaf *facts_leaf(const struct facts *f, u32 leaf, u32 subleaf);

/* The value of one MSR, or NULL: it could not be read. Never guess one that could not be read. */
const struct msr_value *facts_msr(const struct facts *f, u32 index);

/* For those that collect: false when there is no more room. An MSR is not overwritten. */
bool facts_add_leaf(struct facts *f, const struct cpuid_leaf *leaf);
bool facts_add_msr(struct facts *f, u32 index, u64 value, enum msr_source source);

#endif
