/* SPDX-License-Identifier: MIT */
/* AMD's SVM behind the functions of hv.h. AMD APM 2, chapter 15; numbers are its sections. */
#ifndef SVM_H
#define SVM_H

#include "hv.h"
#include "vmcb.h"

#define MSR_VM_HSAVE_PA 0xc0010117 /* 15.30.4; VM_CR and its bit are in common/x86.h */

#define CPUID_SVM	  (1u << 2)  /* leaf 0x80000001, ECX */
#define SVM_LEAF	  0x8000000a /* EAX 7:0: revision; EBX: number of ASIDs; EDX: */
#define SVM_NP		  (1u << 0)  /* nested paging */
#define SVM_LOCK	  (1u << 2)  /* SVMDIS can be undone with a key */
#define SVM_FLUSH_BY_ASID (1u << 6)

/* Instructions of SVM: bare/svm_insn.c. A VMCB is named by its machine address. */
void svm_vmsave(u64 vmcb); /* 15.5.2: FS, GS, TR, LDTR and some MSRs to the VMCB */
void svm_vmload(u64 vmcb); /* and from it */
void svm_clgi(void);	   /* 15.17: from here on nothing interrupts us */
void svm_stgi(void);

static inline struct vmcb *svm_vmcb(const struct guest *guest)
{
	return at(guest->control);
}

/*
 * [task 8.1] Switch SVM on: hv.on of hv.h.
 *
 * What is in the way is said in a line that names it (the leaf by its number, the bit, the MSR), in
 * this order, and nothing is touched (15.4):
 *	CPUID		leaf 0x80000001 has no CPUID_SVM, or SVM_LEAF is missing: -ENODEV
 *	VM_CR.SVMDIS	is set (SVM_LOCK: a key can undo that): -EPERM
 *	EFER.SVME	is set already: -EBUSY
 * No MSR of SVM is read before CPUID has it.
 *
 * Then host->tags and host->nested from SVM_LEAF, and two pages. The address of host->area
 * goes into VM_HSAVE_PA (15.30.4); host->saved gets the host's registers by VMSAVE, once SVME
 * is set. If there is no page: -ENOMEM, and none is kept. At the end say
 *
 *	hv: SVM is on: revision 1, 16 ASIDs, nested paging
 */
int svm_on(struct host *host);

/* [task 8.1] SVM off: SVME and VM_HSAVE_PA cleared, the pages given back, and 0 for them in host.
 */
void svm_off(struct host *host);

/*
 * [task 8.2] Make a guest: hv.init of hv.h. A VMCB, cleared, in guest->control; guest->regs.rip,
 * and rflags with bit 1 only; intercepts of HLT, SHUTDOWN and VMRUN; the ASID, guest->tag (-EINVAL:
 * 0, or not below host->tags). guest->view.efer is what the guest shall have, without SVME: the
 * first run loads it.
 *
 * The state (15.5.1; for real mode what a CPU has after INIT, 14.1.3): EFER with SVME, CR0.ET set,
 * DR6 0xffff0ff0, DR7 0x400, PAT 0x0007040600070406, LDTR and TR present, data segments that can be
 * written. GUEST_REAL: selectors and bases 0, limits 0xffff. GUEST_LONG: the state that lab 02
 * makes: CR0 PE and PG, CR4 PAE, EFER LME and LMA, CR3 GUEST_PML4, GDTR at GUEST_GDT with three
 * entries, CS SEL_CODE with L, the others SEL_DATA, flat.
 *
 * Then svm_want_exits(), svm_nested() and svm_want_timer(), in this order; what is not done yet
 * (-ENOSYS) of the first two is no error. On an error guest->control is 0 again.
 */
int svm_init(struct guest *guest, enum guest_mode mode, u64 entry);

/*
 * [task 8.2] Run it: hv.run of hv.h. guest->regs and view.efer (with SVME) go into the VMCB as far
 * as it has them, then, in this order: CLGI; VMLOAD of the guest's; svm_enter(); VMSAVE of the
 * guest's; VMLOAD of host->saved; STGI. Then regs and view come out of it (view.efer without SVME),
 * and TLB_CONTROL is TLB_KEEP again. If the guest goes on at another RIP than the one at which it
 * exited, it is no longer behind STI: the shadow goes.
 *
 * HLT (its length is 1), SHUTDOWN and INVALID become their cause; of the last vmcb_refusal() is
 * said, or "no rule of ours is broken" where that knows none; other exits are for svm_decode(). (Of
 * VMEXIT_INVALID some CPUs write only the lower 32 bits.) guest->control 0: -EINVAL.
 */
int svm_run(struct guest *guest, struct exit *exit);

/*
 * [task 8.2] VMRUN, with the guest's registers: svm_enter.c. The CPU switches RAX, RSP, RIP and
 * RFLAGS, from and to the VMCB; all other general registers are loaded from regs before and stored
 * there after. To C it is a function: those that a callee keeps are kept.
 */
void svm_enter(u64 vmcb, struct regs *regs);

/* Which exit is it, of those that are not svm_run()'s? Given: it asks the functions below. */
int svm_decode(const struct guest *guest, struct exit *exit);

/*
 * [task 8.3] Let these exit, too: CPUID, VMMCALL, every port and every MSR; and what is the
 * hypervisor's alone: VMLOAD, VMSAVE, STGI, CLGI, SKINIT, INVLPGA and INVD (15.9). The guest's EFER
 * has SVME, so its CPU has them all, and VMLOAD and VMSAVE take machine addresses, which no nested
 * page tables translate. Nobody handles these exits: such a guest dies. The bitmaps (15.10.1:
 * 12 KiB, 15.11: 8 KiB, a bit set exits) are made once for all guests: host->ports, host->msrs. 0,
 * -ENOMEM.
 */
int svm_want_exits(struct guest *guest);

/*
 * [task 8.3] VMEXIT_IOIO, CPUID, MSR, VMMCALL: cause, io and length. The guest's RIP and view are
 * those of the exit already: guest->regs.rip. EXITINFO2 of IOIO is the RIP behind the instruction;
 * EXITINFO1 of MSR is 0 for RDMSR, 1 for WRMSR. This CPU tells no length but that of IOIO: CPUID,
 * RDMSR and WRMSR have 2 bytes, VMMCALL has 3, and each may have prefixes before it (66 67 F0 F2
 * F3, 2E 36 3E 26 64 65; in 64-bit code 40 to 4F), which count; up to 15 bytes in all. The code is
 * at view.cs_base (0 in 64-bit code) + RIP: memory_read(). If it cannot be read: without prefixes.
 */
void svm_decode_instruction(const struct guest *guest, struct exit *exit);

/*
 * [task 8.4] Nested page tables: guest->nested, empty (15.25). NESTED_TABLES pages for
 * page_tables_init() of task 3.1; NP_ENABLE and N_CR3 in the VMCB. map() by page_tables_map(): an
 * entry that lacks US is an endless fault, since the CPU walks as a user (15.25.5); MAY_FETCH is
 * the absence of NX (the host's EFER.NXE is set). Nothing is done, and 0 returned, if the CPU has
 * none (host->nested). entry() finds the entry in which a translation ends, of 4 KiB or of 2 MiB.
 */
int svm_nested(struct guest *guest);

/* [task 8.4] VMEXIT_NPF: cause and memory (15.25.6). */
void svm_decode_npf(const struct guest *guest, struct exit *exit);

/* [task 8.5] hv.inject of hv.h: EVENTINJ (15.20). -EBUSY if it holds one already; EVENT_NONE is
 * none. */
int svm_inject(struct guest *guest, const struct event *event);

/* [task 8.5] hv.window of hv.h: a virtual interrupt (15.21.4) that exits before it comes in. */
void svm_window(struct guest *guest, bool wanted);

/* [task 8.5] From the format of EVENTINJ and EXITINTINFO; EVENT_NONE if V is clear. */
struct event svm_event(u64 eventinj);

/*
 * [task 8.9] Let the host's interrupts end a run: INTR exits, and the guest's RFLAGS.IF is for its
 * own only (15.21.1). 0. Nothing is done if host->timer is false. The host's IF has to be set while
 * the guest runs (interrupts_on() between CLGI and VMRUN, interrupts_off() after STGI: there the
 * interrupt is served).
 */
int svm_want_timer(struct guest *guest);

/*
 * [task 8.10] hv.flush of hv.h: TLB_CONTROL of the next run (15.16.2). FLUSH_GUEST forgets this
 * guest's ASID only, if the CPU can (SVM_FLUSH_BY_ASID), else all. A wider flush that waits already
 * stays.
 */
void svm_flush(struct guest *guest, enum flush what);

/*
 * [task 8.11] hv.open of hv.h: this port's bit in the bitmap of task 8.3 (15.10.1), which is
 * all guests'. No other port is open then. An access that touches a port with a bit set exits as a
 * whole.
 */
int svm_open(struct guest *guest, u16 port);

#endif
