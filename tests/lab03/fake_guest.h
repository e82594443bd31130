/* SPDX-License-Identifier: MIT */
/*
 * A guest under shadow paging, without a CPU: what it believes of its own, the registers that the
 * stub has saved, 2 MiB of memory that its tables map as it is, and a policy that counts.
 */
#ifndef LAB03_FAKE_GUEST_H
#define LAB03_FAKE_GUEST_H

#include "memory.h"
#include "shadow.h"
#include "vm.h"
#include "x86.h"

#define GUEST_PML4 0x1000
#define GUEST_PDPT 0x2000
#define GUEST_PD   0x3000
#define GUEST_RIP  0x100000
#define STUBS_RSP  0x6000 /* what reg[RSP] of the frame holds: nobody's affair */

struct fake_guest {
	struct shadow s;
	struct trap_frame trap;
	struct vcpu vcpu;
	struct vm vm;
	struct mmu mmu;
	struct fake_memory memory;
	unsigned flushes, loads; /* what the policy was told */
	int load_err;		 /* and what it answers to a load of CR3 */
};

static inline void fake_flush(struct shadow *s)
{
	container_of(s, struct fake_guest, s)->flushes++;
}

static inline int fake_load(struct shadow *s)
{
	struct fake_guest *g = container_of(s, struct fake_guest, s);

	g->loads++;
	return g->load_err;
}

static const struct shadow_policy fake_policy = { .load_cr3 = fake_load, .flush = fake_flush };

static inline struct shadow *fake_guest(struct fake_guest *g)
{
	*g = (struct fake_guest){ .vm.fd = -1, .vcpu.fd = -1 };
	fake_memory(&g->memory, 0, MiB(2), 0);
	put_entry(&g->memory, GUEST_PML4, GUEST_PDPT | PTE_P | PTE_RW);
	put_entry(&g->memory, GUEST_PDPT, GUEST_PD | PTE_P | PTE_RW);
	put_entry(&g->memory, GUEST_PD, PTE_P | PTE_RW | PTE_PS);
	g->vm.mem = g->memory.mem;
	gmem_init(&g->mmu.guest, &g->vm.mem, NULL, 0);
	g->vcpu.vm = &g->vm;
	g->trap = (struct trap_frame){ .rip = GUEST_RIP, .rflags = RFLAGS_FIXED };
	g->trap.reg[RSP] = STUBS_RSP;
	g->s.vcpu = &g->vcpu;
	g->s.mmu = &g->mmu;
	g->s.trap = &g->trap;
	g->s.policy = &fake_policy;
	g->s.features.max_phys = 40;
	g->s.cpu.cr0 = CR0_PG | CR0_ET | CR0_PE;
	g->s.cpu.cr3 = GUEST_PML4;
	g->s.cpu.cr4 = CR4_PAE;
	g->s.cpu.efer = EFER_LME | EFER_LMA;
	return &g->s;
}

#endif
