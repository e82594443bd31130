// SPDX-License-Identifier: MIT
#include "cpu.h"

#include <errno.h>
#include <string.h>

#include "todo.h"

/* [book:1.2] */
int cpuid_read(u32 leaf, u32 subleaf, struct cpuid_leaf *l)
{
#ifdef __x86_64__
	/* TASK 1.2 */
#if SOL >= 102
	*l = (struct cpuid_leaf){ .leaf = leaf, .subleaf = subleaf };
	asm volatile("cpuid"
		     : "=a"(l->eax), "=b"(l->ebx), "=c"(l->ecx), "=d"(l->edx)
		     : "a"(leaf), "c"(subleaf));
	return 0;
#else
	return TODO("1.2");
#endif
#else
	return -EOPNOTSUPP;
#endif
}

/* TASK 1.2 */
#if SOL >= 102
static void put_name(char name[13], u32 first, u32 second, u32 third)
{
	memcpy(name, &first, 4);
	memcpy(name + 4, &second, 4);
	memcpy(name + 8, &third, 4);
	name[12] = 0;
}

static void decode_hypervisor(const struct facts *f, struct cpu *cpu)
{
	const struct cpuid_leaf *l = facts_leaf(f, 0x40000000, 0);

	if (cpu->hypervisor && l)
		put_name(cpu->hypervisor_name, l->ebx, l->ecx, l->edx);
}

#endif
int cpu_decode(const struct facts *f, struct cpu *cpu)
{
	/* TASK 1.2 */
#if SOL >= 102
	const struct cpuid_leaf *l = facts_leaf(f, 0, 0);

	*cpu = (struct cpu){ .physical_bits = 36, .linear_bits = 32 };
	if (!l)
		return -ENODATA;
	put_name(cpu->vendor, l->ebx, l->edx, l->ecx);
	l = facts_leaf(f, 1, 0);
	if (l) {
		cpu->vmx = l->ecx >> 5 & 1;
		cpu->hypervisor = l->ecx >> 31 & 1;
	}
	l = facts_leaf(f, 0x80000001, 0);
	if (l)
		cpu->svm = l->ecx >> 2 & 1;
	l = facts_leaf(f, 0x80000008, 0);
	if (l) {
		cpu->physical_bits = l->eax & 0xff;
		cpu->linear_bits = l->eax >> 8 & 0xff;
	}
	decode_hypervisor(f, cpu);
	return 0;
#else
	return TODO("1.2");
#endif
}
/* [book:end] */
