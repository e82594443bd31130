// SPDX-License-Identifier: MIT
#include "cpu_level.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "todo.h"

#define ROOM	  256 /* entries: KVM keeps no more */
#define LEAF_NAME 0x80000002
#define LEAF_AMD  0x80000001
#define BIT(n)	  (1U << (n))

/* clang-format off */
const struct cpu_feature cpu_features[] = {
	/* VME DE PSE TSC MSR PAE MCE APIC SEP MTRR PGE MCA PAT PSE36 CLFSH; AMD has most of them twice */
	{ CPU_V1, NULL, 1, 0, REG_EDX, 0x000b7afe },
	{ CPU_V1, NULL, LEAF_AMD, 0, REG_EDX, 0x0183f3ff },
	/* x2APIC, TSC deadline, a hypervisor; NX and long mode */
	{ CPU_V1, NULL, 1, 0, REG_ECX, BIT(21) | BIT(24) | BIT(31) },
	{ CPU_V1, NULL, LEAF_AMD, 0, REG_EDX, BIT(20) | BIT(29) },
	{ CPU_V1, "fpu",	1, 0, REG_EDX, BIT(0) },
	{ CPU_V1, "cx8",	1, 0, REG_EDX, BIT(8) },
	{ CPU_V1, "cmov",	1, 0, REG_EDX, BIT(15) },
	{ CPU_V1, "mmx",	1, 0, REG_EDX, BIT(23) },
	{ CPU_V1, "fxsr",	1, 0, REG_EDX, BIT(24) },
	{ CPU_V1, "sse",	1, 0, REG_EDX, BIT(25) },
	{ CPU_V1, "sse2",	1, 0, REG_EDX, BIT(26) },
	{ CPU_V1, "syscall",	LEAF_AMD, 0, REG_EDX, BIT(11) },
	{ CPU_V2, "sse3",	1, 0, REG_ECX, BIT(0) },
	{ CPU_V2, "ssse3",	1, 0, REG_ECX, BIT(9) },
	{ CPU_V2, "cmpxchg16b",	1, 0, REG_ECX, BIT(13) },
	{ CPU_V2, "sse4.1",	1, 0, REG_ECX, BIT(19) },
	{ CPU_V2, "sse4.2",	1, 0, REG_ECX, BIT(20) },
	{ CPU_V2, "popcnt",	1, 0, REG_ECX, BIT(23) },
	{ CPU_V2, "lahf",	LEAF_AMD, 0, REG_ECX, BIT(0) },
	{ CPU_V3, "fma",	1, 0, REG_ECX, BIT(12) },
	{ CPU_V3, "movbe",	1, 0, REG_ECX, BIT(22) },
	{ CPU_V3, "xsave",	1, 0, REG_ECX, BIT(26) },
	{ CPU_V3, "avx",	1, 0, REG_ECX, BIT(28) },
	{ CPU_V3, "f16c",	1, 0, REG_ECX, BIT(29) },
	{ CPU_V3, "bmi1",	7, 0, REG_EBX, BIT(3) },
	{ CPU_V3, "avx2",	7, 0, REG_EBX, BIT(5) },
	{ CPU_V3, "bmi2",	7, 0, REG_EBX, BIT(8) },
	{ CPU_V3, "lzcnt",	LEAF_AMD, 0, REG_ECX, BIT(5) },
	{ .bits = 0 },
};
/* clang-format on */

/* [book:6.10] */
/* TASK 6.10 */
#if SOL >= 610
#define XSAVE_STATES 7	 /* x87, SSE, AVX */
#define XSAVE_BYTES  832 /* legacy region and header 576, AVX 256: SDM volume 1, 13.4 */

static u32 *register_of(struct kvm_cpuid_entry2 *e, enum cpu_register reg)
{
	u32 *const regs[] = { &e->eax, &e->ebx, &e->ecx, &e->edx };

	return regs[reg];
}

static void keep(struct kvm_cpuid_entry2 *e, enum cpu_register reg, enum cpu_level level)
{
	u32 bits = 0;

	for (const struct cpu_feature *f = cpu_features; f->bits; f++)
		if (f->from <= level && f->function == e->function && f->index == e->index &&
		    f->reg == reg)
			bits |= f->bits;
	*register_of(e, reg) &= bits;
}

static void keep_xsave(struct kvm_cpuid_entry2 *e, enum cpu_level level)
{
	if (level >= CPU_V3 && e->index == 2)
		return;
	e->eax = level >= CPU_V3 && e->index == 0 ? e->eax & XSAVE_STATES : 0;
	e->ebx = e->ecx = level >= CPU_V3 && e->index == 0 ? XSAVE_BYTES : 0;
	e->edx = 0;
}

static void name(struct kvm_cpuid_entry2 *e, enum cpu_level level)
{
	char text[48] = "";
	u32 part[4];

	snprintf(text, sizeof(text), "vmmlab %s", cpu_level_name(level));
	memcpy(part, text + 16 * (e->function - LEAF_NAME), sizeof(part));
	e->eax = part[0];
	e->ebx = part[1];
	e->ecx = part[2];
	e->edx = part[3];
}
#endif

void cpu_level_entry(struct kvm_cpuid_entry2 *e, enum cpu_level level)
{
	/* TASK 6.10 */
#if SOL >= 610
	switch (e->function) {
	case 7:
	case 0x80000021:
		e->eax = 0;
		keep(e, REG_EBX, level);
		keep(e, REG_ECX, level);
		keep(e, REG_EDX, level);
		break;
	case 1:
	case LEAF_AMD:
		keep(e, REG_ECX, level);
		keep(e, REG_EDX, level);
		break;
	case 0x80000008:
		keep(e, REG_EBX, level);
		break;
	case 0xd:
		keep_xsave(e, level);
		break;
	case LEAF_NAME:
	case LEAF_NAME + 1:
	case LEAF_NAME + 2:
		name(e, level);
		break;
	}
#else
	TODO("6.10");
#endif
}

/* TASK 6.10 */
#if SOL >= 610
static bool has(const struct kvm_cpuid2 *cpuid, const struct cpu_feature *f)
{
	for (u32 i = 0; i < cpuid->nent; i++) {
		struct kvm_cpuid_entry2 e = cpuid->entries[i];

		if (e.function == f->function && e.index == f->index)
			return *register_of(&e, f->reg) & f->bits;
	}
	return false;
}
#endif

const char *cpu_level_missing(const struct kvm_cpuid2 *cpuid, enum cpu_level level)
{
	/* TASK 6.10 */
#if SOL >= 610
	for (const struct cpu_feature *f = cpu_features; f->bits; f++)
		if (f->name && f->from <= level && !has(cpuid, f))
			return f->name;
	return NULL;
#else
	return (TODO("6.10"), NULL);
#endif
}
/* [book:end] */

/* 0 or a negative errno; -ENOTSUP with the line on stderr. */
static int set_level(struct vcpu *vcpu, struct kvm_cpuid2 *cpuid, enum cpu_level level)
{
	const char *missing;

	cpuid->nent = ROOM;
	if (ioctl(vcpu->fd, KVM_GET_CPUID2, cpuid) < 0)
		return -errno;
	missing = cpu_level_missing(cpuid, level);
	if (missing) {
		fprintf(stderr, "vmm: --cpu=%s: this host's CPU does not have %s\n",
			cpu_level_name(level), missing);
		return -ENOTSUP;
	}
	for (u32 i = 0; i < cpuid->nent; i++)
		cpu_level_entry(&cpuid->entries[i], level);
	return ioctl(vcpu->fd, KVM_SET_CPUID2, cpuid) < 0 ? -errno : 0;
}

int cpu_level(struct vcpu *vcpu, enum cpu_level level)
{
	struct kvm_cpuid2 *cpuid = calloc(1, sizeof(*cpuid) + ROOM * sizeof(cpuid->entries[0]));
	int err = cpuid ? set_level(vcpu, cpuid, level) : -ENOMEM;

	free(cpuid);
	return !err ? 0 : err == -ENOTSUP ? 1 : fail_errno("--cpu", err);
}
