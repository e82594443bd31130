/* SPDX-License-Identifier: MIT */
#ifndef SHADOW_H
#define SHADOW_H

#include "insn.h"
#include "mmu.h"
#include "stub.h"

/*
 * Shadow paging, as before VT-x: the guest's own page tables are data; what the CPU walks are ours,
 * made from them entry by entry, as the guest touches its memory. The four kinds of address, and
 * what leads from one to the next:
 *
 *	gva	guest-virtual: what the guest's instructions say
 *		  the guest's own tables, from s->cpu.cr3 on: walk()
 *	gpa	guest-physical: where the guest believes its memory to be
 *		  s->frame[]: gmem_machine(), shadow_machine_page()
 *	machine	where it lies in the memory that KVM has
 *		  KVM's slots: mem_span()
 *	hva	host-virtual: a pointer in this process
 *
 * Our tables, from s->root on, lead the CPU from gva to machine at once. The path of one fault:
 *
 *	stub.c		  the CPU, at CPL 3, finds no entry: #PF; registers are saved, and OUT
 *	shadow.c	  trap_io(), shadow_knock(): s->trap is what was saved
 *	trap.c		  shadow_trap(): a page fault is for
 *	shadow_fault.c	  shadow_page_fault(), who walks the guest's tables for that gva. Refused:
 *	shadow_reflect.c  shadow_reflect_page_fault(): the guest goes on in its own handler
 *	shadow_fault.c	  Allowed: shadow_entry() translates gpa to machine, and permissions
 *	shadow_policy.c	  shadow_install(): what is made, and for how long it is kept
 *	shadow_table.c	  shadow_map(): tables and the entry go into the mailbox, by shadow_put()
 *	stub.c		  stores what the mailbox holds, loads CR3, and the guest tries again
 *
 * Below, each part is built only on those that stand before it.
 */

#define SHADOW_TABLES ((VMM_SIZE - STUB_POOL) / PAGE_SIZE_4K)
#define HOLE_MACHINE  (1ULL << 34) /* no memory is there: what a guest's hole is mapped to */

/* The guest's CPU, as the guest believes it to be. */
struct virtual_cpu {
	u64 cr0, cr2, cr3, cr4, efer;
	u64 idt_base, gdt_base;
	u16 idt_limit, gdt_limit;
};

/* A trap that is over, for the obituary. */
struct past_trap {
	struct trap_frame frame;
	const char *done; /* "mapped", ...; NULL: the frame says it all */
	struct {
		u16 port;
		u8 size; /* bytes; 0: it was no port I/O */
		bool write;
		u64 data;
	} io;
};
#define PAST_TRAPS 8 /* a power of two; no obituary shows more */

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
	struct paging features;	    /* what the vCPU's CPUID announces: it is asked once */
	struct shadow_table *table; /* SHADOW_TABLES of them; the first three are given: see root */
	unsigned next;		    /* where to look for a free one */
	unsigned root;		    /* the table at which the CPU begins: 0, but see task 3.13 */
	const struct shadow_policy *policy; /* how long what is made is kept */
	struct shadow_cache *cache;	    /* of shadow_cached: see shadow_cache.h */
	u64 ram;			    /* of the guest, bytes: from frame 0 on */
	u32 *frame;			    /* the frame table of mmu->guest */
	struct trap_frame *trap;
	struct mailbox *mail;
	bool mail_full;	   /* something did not fit */
	struct device dev; /* the stub's OUT arrives at this device */
	struct {
		u64 traps, pf_fixed, pf_guest, invlpg, tlb_flush;
	} stat;			 /* as kvm_stat names them */
	struct trap_frame first; /* the first trap, for --verbose */
	struct past_trap
		past[PAST_TRAPS]; /* number n in [n % PAST_TRAPS]; the last one is .traps - 1 */
};

extern const struct mmu_ops mmu_shadow, mmu_shadow_cached;

/* The PML4 slot that the VMM keeps for itself; the guest cannot have it. */
#define VMM_SLOT 511

/* Given: the trap that is being handled, as the obituary will know it. */
static inline struct past_trap *shadow_now(struct shadow *s)
{
	return &s->past[(s->stat.traps - 1) % PAST_TRAPS];
}

/* --- shadow_table.c: the tables that the CPU walks, from s->root on. --- */

/* Given: the tables that lead to the VMM's own part. */
int shadow_tables_init(struct shadow *s);
/* Given: change one entry: in s->table[], and by the mailbox where the CPU looks. */
void shadow_put(struct shadow *s, unsigned table, unsigned index, u64 entry);
/* Given: a free table without entries, or 0 if there is none. */
unsigned shadow_take(struct shadow *s);
/* Given: where a table lies in the machine; the entry that leads there, with P, RW and US; and the
 * table to which an entry leads. */
u64 shadow_table_machine(unsigned table);
u64 shadow_link(unsigned table);
unsigned shadow_below(u64 entry);

/*
 * [task 3.5] Install the entry of level 1 for gva, and the tables on the way that are missing.
 * guest_page_size: of the page that the guest has there. If it is larger than ours, say so in
 * .pieces of each table whose whole reach (LEVEL_SIZE of the entry that leads to it) lies in that
 * page: task 3.9 needs it. (Whether an entry of a smaller page takes that back is free.) 0; -EPERM
 * for the VMM's slot; -ENOSPC when there is no table left (tables that were linked by then stay).
 */
int shadow_map(struct shadow *s, u64 gva, u64 entry, u64 guest_page_size);

/*
 * [task 3.9] Take out one entry of a table of that level (1 to 4), if it is there. The tables below
 * it, down to the last, are free again.
 */
void shadow_drop_entry(struct shadow *s, unsigned table, unsigned index, unsigned level);

/*
 * [task 3.9] The guest says INVLPG: forget what was made of the page that holds gva. Where the
 * guest had a large page, each of its pieces goes. VMM_SLOT is not the guest's: nothing.
 */
void shadow_drop_page(struct shadow *s, u64 gva);

/* [task 3.9] Forget all that this root table leads to, but for VMM_SLOT. */
void shadow_drop_all(struct shadow *s, unsigned root);

/* --- shadow_cpu.c --- */

/* Given: how the guest's CPU walks now, by s->cpu. */
void shadow_paging(const struct shadow *s, struct paging *p);
/* Given: where the page with gpa lies in the machine; where nothing is, an address without RAM. */
u64 shadow_machine_page(const struct shadow *s, u64 gpa);
/* Given: the end, with this reason. Returns V_DEAD. */
enum verdict shadow_dead(struct shadow *s, const char *format, ...) PRINTF(2, 3);

/* --- shadow_policy.c: how long is it kept? --- */

/* Until the next load of CR3 (shadow_plain), or as task 3.13 does (shadow_cached). */
struct shadow_policy {
	/* The guest has size bytes of RAM and is about to run, by s->cpu. 0 or a negative errno.
	 * May be NULL. */
	int (*start)(struct shadow *s, u64 size);
	/* shadow_map(), for a walk that allowed an access at gva. */
	int (*install)(struct shadow *s, u64 gva, u64 entry, const struct walk *w);
	/* The guest has loaded CR3 (s->cpu.cr3): what was made from its tables may be old, and
	 * s->root may become another table. 0 or a negative errno. */
	int (*load_cr3)(struct shadow *s);
	/* It has changed what all walks depend on. */
	void (*flush)(struct shadow *s);
	/* The VMM itself has written to its memory at gpa, on its behalf. May be NULL. */
	void (*written)(struct shadow *s, u64 gpa);
};
extern const struct shadow_policy shadow_plain;

/* Given: the guest changes what all walks depend on (CR0, CR4, EFER): nothing is kept. */
void shadow_flush(struct shadow *s);
/* Given: the guest loads CR3: into s->cpu.cr3, and what the policy makes of it. */
enum verdict shadow_load_cr3(struct shadow *s, u64 cr3);
/* Given: the policy's install; if there are no tables left, a flush and once more. */
enum verdict shadow_install(struct shadow *s, u64 gva, u64 entry, const struct walk *w);

/* --- shadow_copy.c --- */

/* [task 3.8] What every walk for the guest is to do besides: WALK_SET_AD. */
u32 shadow_walk_flags(void);

/* Given: copy guest-virtual memory as the guest's CPU would; buf NULL: only see whether it may. 0;
 * or what walk() says, with *w. */
int shadow_copy(struct shadow *s, u64 gva, void *buf, u64 len, u32 access, struct walk *w);

/* --- shadow_reflect.c --- */

/*
 * [task 3.7] Let the guest's own handler have an exception, as the CPU would have (SDM 3A, 6.12 to
 * 6.14): its gate in the guest's IDT must lie within the limit, be present, and be an interrupt or
 * trap gate of 64 bits. On the guest's stack, from an RSP rounded down to 16 bytes, lie then SS,
 * RSP, RFLAGS, CS, RIP and, if there is one, the error code; with the selectors that the guest
 * really has, so that its own IRETQ takes them. RFLAGS loses TF, NT and RF. Selector and IST of the
 * gate do not count here. What cannot be delivered changes nothing, and a double fault is tried in
 * its place (vector 8, error code 0). If that cannot be delivered either, shadow_dead(): "triple
 * fault: exception N at 0xRIP found no handler, and neither did the double fault after it", with
 * the first vector, decimal, and RIP, hexadecimal.
 */
enum verdict shadow_reflect(struct shadow *s, unsigned vector, bool has_error, u32 error);

/* [task 3.7] The same for a page fault: the guest's CR2 gets the address, and pf_guest counts. */
enum verdict shadow_reflect_page_fault(struct shadow *s, u64 cr2, u32 error);

/* Given: what comes of it when shadow_copy() has failed with err: a fault of the guest's, or its
 * end. */
enum verdict shadow_copy_failed(struct shadow *s, int err, const struct walk *w);

/* --- shadow_fault.c --- */

/*
 * [task 3.5] The entry for the 4 KiB that hold w->gpa, from a walk that allowed `access`: where it
 * lies in the machine, present, for user mode (the guest runs at CPL 3); RW if shadow_writable()
 * says so; NX if it may not be executed (with SMEP, a user's page neither). shadow_writable(): if
 * the guest's supervisor may write there, by its entries or because p->wp is clear. [task 3.8] But
 * as long as D is clear in the guest's own entry, only a write makes it writable.
 */
u64 shadow_entry(const struct shadow *s, const struct paging *p, const struct walk *w, u32 access);
bool shadow_writable(const struct paging *p, const struct walk *w, u32 access);

/*
 * [task 3.5] A page fault, at s->trap->cr2 with s->trap->error: walk the guest's tables, for the
 * supervisor that the guest believes to be. If they allow it the fault is ours: shadow_install().
 * If not it is the guest's: shadow_reflect_page_fault() with the walk's error code. If a table is
 * not in memory, the guest is dead. Use shadow_walk_flags() with the access.
 */
enum verdict shadow_page_fault(struct shadow *s);

/* --- shadow_holes.c --- */

/* Given: does the vCPU have UMIP? CPUID 7, ECX bit 2. */
bool shadow_has_umip(const struct shadow *s);

/*
 * [task 3.15] What the real CR4 gets besides PAE: UMIP, if the vCPU has it. Then SGDT, SIDT, SLDT,
 * STR and SMSW are #GP(0) at CPL 3 (SDM 3A, 2.5).
 */
u64 shadow_real_cr4(const struct shadow *s);

/*
 * [task 3.15] Do what one of these five would have done on the guest's own CPU, by s->cpu, and move
 * RIP behind it. SGDT and SIDT store 2 bytes of limit and 8 of base; SMSW the low bits of CR0; SLDT
 * and STR zero, as LLDT and LTR have no effect here. insn->size bytes go to memory or to the
 * register, where 4 clear the upper half and 2 leave the rest alone.
 */
enum verdict shadow_hole(struct shadow *s, const struct insn *insn);

/* --- shadow_emulate.c --- */

/* Given: one access of the guest's to a port; and INS or OUTS, which moves RIP, RCX, RSI, RDI. */
enum verdict shadow_port_io(struct shadow *s, u16 port, bool write, void *data, unsigned size);
enum verdict shadow_string_io(struct shadow *s, const struct insn *insn, u16 port);

/* Given: fetch and decode what raised #GP; what is not privileged is reflected. */
enum verdict shadow_general_protection(struct shadow *s);

/*
 * [task 3.6] Do what one privileged instruction would have done, to s->cpu and to the registers in
 * s->trap (RSP is .rsp, not .reg[4]), and move RIP behind it.
 *
 * CR0 to CR4 are read and written in s->cpu; CR8 is 0, and forgets what is written to it; CR0
 * without PG or PE ends the run (V_DEAD); a write to CR0 or CR4 flushes (shadow_flush()), CR3 goes
 * to shadow_load_cr3(), and all three count as tlb_flush; INVLPG drops a page (3.9:
 * shadow_drop_page()) and counts as invlpg. RDMSR and WRMSR know EFER, by ECX (a write flushes,
 * too; whether it counts is free), all others are #GP(0). LIDT and LGDT read 2 bytes of limit and 8
 * of base. HLT ends the run. IN and OUT go to shadow_port_io(), with the lowest bytes of RAX; a
 * 32-bit IN clears the upper half. INS and OUTS: shadow_string_io(), given. INSN_NO_EFFECT:
 * nothing. INSN_OTHER: #GP with the error code of the trap.
 */
enum verdict shadow_carry_out(struct shadow *s, const struct insn *insn);

/* --- trap.c --- */

/* [task 3.4] Does the CPU push an error code for this exception? SDM 3A, table 6-1. */
bool trap_has_error(unsigned vector);

/*
 * [task 3.4] "#PF error 0x6 at 0x100043, address 0x40000000": name (`?` where the vector has none),
 * error code if there is one (0 is one, too), RIP, and for a page fault what CR2 holds. Returns
 * buf, in which there is room for all of it: 100 bytes are enough.
 */
char *trap_text(const struct trap_frame *f, char *buf, size_t size);

/*
 * [task 3.4] s->trap holds what the stub has saved: who takes care of it? A page fault goes to
 * shadow_page_fault(), #GP to shadow_general_protection(), all others are the guest's own affair:
 * shadow_reflect(). After V_RESUME the guest goes on with what is in the frame then.
 */
enum verdict shadow_trap(struct shadow *s);

/* --- shadow_past.c --- */

/*
 * Given: the i-th last exit (0: the last), if it was a trap, in words, as in struct witness: by
 * trap_text(), and what came of it. ctx: struct shadow.
 */
bool shadow_exit_view(void *ctx, u64 i, char *text, size_t size);

/* --- shadow.c --- */

/*
 * Given: the stub has knocked, so that s->trap is new and the mailbox is to be filled.
 * After V_RESUME the stub goes on with both.
 */
enum verdict shadow_knock(struct shadow *s);

#endif
