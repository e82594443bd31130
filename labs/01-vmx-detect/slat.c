// SPDX-License-Identifier: MIT
#include "slat.h"

#include <errno.h>

#include "todo.h"

/* TASK 1.4 */
#if SOL >= 104
static bool bit(u64 value, unsigned n)
{
	return value >> n & 1;
}

static int decode_svm(const struct facts *f, struct svm_slat *s)
{
	const struct cpuid_leaf *l = facts_leaf(f, 0x8000000a, 0);

	if (!l)
		return -ENODATA;
	*s = (struct svm_slat){ .revision = l->eax & 0xff, .asids = l->ebx, .npt = bit(l->edx, 0) };
	return 0;
}

static void decode_ept_vpid(u64 cap, struct vmx_slat *s)
{
	s->execute_only = bit(cap, 0);
	s->walk_4 = bit(cap, 6);
	s->walk_5 = bit(cap, 7);
	s->page_2m = bit(cap, 16);
	s->page_1g = bit(cap, 17);
	s->accessed_dirty = bit(cap, 21);
	s->invept = bit(cap, 20);
	s->invept_single = bit(cap, 25);
	s->invept_all = bit(cap, 26);
	s->invvpid = bit(cap, 32);
	s->invvpid_address = bit(cap, 40);
	s->invvpid_single = bit(cap, 41);
	s->invvpid_all = bit(cap, 42);
	s->invvpid_globals = bit(cap, 43);
}

/* [book:1.4] */
static int decode_vmx(const struct facts *f, struct vmx_slat *s)
{
	const struct msr_value *primary = facts_msr(f, MSR_IA32_VMX_PROCBASED_CTLS);
	const struct msr_value *secondary = facts_msr(f, MSR_IA32_VMX_PROCBASED_CTLS2);
	const struct msr_value *cap = facts_msr(f, MSR_IA32_VMX_EPT_VPID_CAP);

	*s = (struct vmx_slat){ 0 };
	if (!primary)
		return -ENODATA;
	if (!bit(primary->value, 32 + 31))
		return 0;
	if (!secondary)
		return -ENODATA;
	s->ept = bit(secondary->value, 32 + 1);
	s->vpid = bit(secondary->value, 32 + 5);
	s->unrestricted = bit(secondary->value, 32 + 7);
	if (!s->ept && !s->vpid)
		return 0;
	if (!cap)
		return -ENODATA;
	decode_ept_vpid(cap->value, s);
	return 0;
}

#endif
int slat_decode(const struct facts *f, const struct cpu *cpu, struct slat *s)
{
	/* TASK 1.4 */
#if SOL >= 104
	*s = (struct slat){ .is_vmx = cpu->vmx };
	if (cpu->vmx)
		return decode_vmx(f, &s->vmx);
	return cpu->svm ? decode_svm(f, &s->svm) : -ENOENT;
#else
	return TODO("1.4");
#endif
}
/* [book:end] */
