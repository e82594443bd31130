// SPDX-License-Identifier: MIT
#include "facts.h"

const struct cpuid_leaf *facts_leaf(const struct facts *f, u32 leaf, u32 subleaf)
{
	for (unsigned i = 0; i < f->leaves; i++) {
		if (f->leaf[i].leaf == leaf && f->leaf[i].subleaf == subleaf)
			return &f->leaf[i];
	}
	return NULL;
}

const struct msr_value *facts_msr(const struct facts *f, u32 index)
{
	for (unsigned i = 0; i < f->msrs; i++) {
		if (f->msr[i].index == index)
			return &f->msr[i];
	}
	return NULL;
}

bool facts_add_leaf(struct facts *f, const struct cpuid_leaf *leaf)
{
	if (f->leaves == LEAVES_MAX)
		return false;
	f->leaf[f->leaves++] = *leaf;
	return true;
}

bool facts_add_msr(struct facts *f, u32 index, u64 value, enum msr_source source)
{
	if (facts_msr(f, index))
		return true;
	if (f->msrs == MSRS_MAX)
		return false;
	f->msr[f->msrs++] = (struct msr_value){ index, value, source };
	return true;
}
