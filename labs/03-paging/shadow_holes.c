// SPDX-License-Identifier: MIT
#include <string.h>

#include "shadow.h"
#include "todo.h"
#include "vcpu_cpuid.h"
#include "x86.h"

bool shadow_has_umip(const struct shadow *s)
{
	struct kvm_cpuid_entry2 features;

	vcpu_cpuid(s->vcpu, 7, 0, &features);
	return features.ecx >> 2 & 1;
}

/* [book:3.15] */
u64 shadow_real_cr4(const struct shadow *s)
{
	/* TASK 3.15 */
#if SOL >= 315
	return shadow_has_umip(s) ? CR4_UMIP : 0;
#else
	return 0; /* CR4_UMIP is for you */
#endif
}

/* TASK 3.15 */
#if SOL >= 315
static int store(struct shadow *s, const struct insn *insn, u64 *value, struct walk *w)
{
	u64 regs[16], address, *reg = insn->reg == RSP ? &s->trap->rsp : &s->trap->reg[insn->reg];
	int err;

	if (!insn->has_memory) {
		if (insn->size > 2)
			*reg = 0; /* 4 bytes clear the upper half */
		memcpy(reg, value, insn->size);
		return 0;
	}
	memcpy(regs, s->trap->reg, sizeof(regs));
	regs[RSP] = s->trap->rsp;
	address = insn_address(insn, regs, s->trap->rip);
	err = shadow_copy(s, address, NULL, insn->size, ACCESS_WRITE, w);
	return err ? err : shadow_copy(s, address, value, insn->size, ACCESS_WRITE, w);
}

#endif

enum verdict shadow_hole(struct shadow *s, const struct insn *insn)
{
	/* TASK 3.15 */
#if SOL >= 315
	const struct virtual_cpu *cpu = &s->cpu;
	u64 value[2] = { 0 };
	struct walk w;
	int err;

	if (insn->kind == INSN_SGDT) {
		memcpy(value, &cpu->gdt_limit, 2);
		memcpy((u8 *)value + 2, &cpu->gdt_base, 8);
	} else if (insn->kind == INSN_SIDT) {
		memcpy(value, &cpu->idt_limit, 2);
		memcpy((u8 *)value + 2, &cpu->idt_base, 8);
	} else if (insn->kind == INSN_SMSW) {
		value[0] = cpu->cr0;
	}
	err = store(s, insn, value, &w);
	if (err)
		return shadow_copy_failed(s, err, &w);
	s->trap->rip += insn->len;
	return V_RESUME;
#else
	return (TODO("3.15"), shadow_reflect(s, VECTOR_GP, true, (u32)s->trap->error));
#endif
}
/* [book:end] */
