// SPDX-License-Identifier: MIT
#include <stdarg.h>
#include <stdio.h>

#include "paging.h"
#include "shadow.h"

void shadow_paging(const struct shadow *s, struct paging *p)
{
	const struct virtual_cpu *cpu = &s->cpu;

	*p = s->features;
	paging_registers(p, cpu->cr0, cpu->cr3, cpu->cr4, cpu->efer, s->trap ? s->trap->rflags : 0);
}

u64 shadow_machine_page(const struct shadow *s, u64 gpa)
{
	u64 machine, len = 1;

	if (gmem_machine(&s->mmu->guest, gpa, &machine, &len))
		machine = HOLE_MACHINE + (gpa & (HOLE_MACHINE - 1));
	return machine & ~(PAGE_SIZE_4K - 1);
}

enum verdict shadow_dead(struct shadow *s, const char *format, ...)
{
	char why[160];
	va_list args;

	va_start(args, format);
	vsnprintf(why, sizeof(why), format, args);
	va_end(args);
	return run_end(&s->vcpu->vm->run, V_DEAD, 0, why);
}
