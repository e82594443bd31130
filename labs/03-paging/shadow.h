/* SPDX-License-Identifier: MIT */
#ifndef SHADOW_H
#define SHADOW_H

#include "insn.h"
#include "mmu.h"
#include "stub.h"

/*
 * Shadow paging, as before VT-x: the guest's own page tables are data; what the CPU walks are ours,
 * made from them entry by entry, as the guest touches its memory.
 */

#define SHADOW_TABLES ((VMM_SIZE - STUB_POOL) / PAGE_SIZE_4K)
#define HOLE_MACHINE  (1ULL << 38) /* no memory is there: what a guest's hole is mapped to */

/* The guest's CPU, as the guest believes it to be. */
struct virtual_cpu {
	u64 cr0, cr2, cr3, cr4, efer;
	u64 idt_base, gdt_base;
	u16 idt_limit, gdt_limit;
};

/* A shadow table: our copy of what the stub will have stored in the page. */
struct shadow_table {
	u64 entry[TABLE_ENTRIES];
	bool used;
	bool pieces; /* some entries below came from a larger page of the guest */
};

struct shadow {
	struct mmu *mmu;
	struct vcpu *vcpu;
	struct virtual_cpu cpu;
	struct shadow_table *table; /* SHADOW_TABLES of them; the first three are given: see root */
	unsigned next;		    /* where to look for a free one */
	u32 *frame;		    /* the frame table of mmu->guest */
	struct trap_frame *trap;
	struct mailbox *mail;
	struct device dev; /* the stub's OUT arrives at this device */
	struct {
		u64 traps, pf_fixed, pf_guest, invlpg, tlb_flush;
	} stat;	       /* as kvm_stat names them */
	char why[160]; /* why the run ended, when shadow paging says so */
};

extern const struct mmu_ops mmu_shadow;

/* table.c: shadow tables. */
int shadow_tables_init(struct shadow *s);
#define SHADOW_ROOT STUB_POOL /* machine address of the root */
void shadow_put(struct shadow *s, unsigned table, unsigned index, u64 entry);
int shadow_map(struct shadow *s, u64 gva, u64 entry, u64 guest_page_size);
void shadow_drop_page(struct shadow *s, u64 gva);
void shadow_drop_all(struct shadow *s);

/* fault.c: a page fault is either ours or the guest's. */
void shadow_paging(const struct shadow *s, struct paging *p);
enum verdict shadow_page_fault(struct shadow *s);

/* Copy to or from guest-virtual memory, as the guest's CPU would. 0; -EACCES with *w the fault. */
int shadow_copy(struct shadow *s, u64 gva, void *buf, u64 len, u32 access, struct walk *w);

/* emulate.c: privileged instructions. */
enum verdict shadow_general_protection(struct shadow *s);

/* reflect.c: into the guest's own handler. */
enum verdict shadow_reflect(struct shadow *s, unsigned vector, bool has_error, u32 error);
enum verdict shadow_reflect_page_fault(struct shadow *s, u64 cr2, u32 error);

/* The end, with this reason. Returns V_DEAD. */
enum verdict shadow_dead(struct shadow *s, const char *format, ...) PRINTF(2, 3);

#endif
