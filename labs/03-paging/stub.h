/* SPDX-License-Identifier: MIT */
#ifndef STUB_H
#define STUB_H

#include "pte.h"
#include "vcpu.h"

/*
 * The VMM's own part of a deprivileged guest's address space (given). The guest runs at CPL 3, so
 * each exception goes through an IDT to code at CPL 0; ours lies at the very top of every address
 * space, in PML4 entry 511, where only CPL 0 may look. It saves the registers, and its OUT is what
 * brings the VMM into play. On the way back it does two things that nobody else can do as well: it
 * stores what the VMM has left in the mailbox, and it loads CR3 from there.
 *
 * Why the mailbox? Where KVM itself shadows page tables, it write-protects those that it knows. A
 * store by the guest's side it sees; one through the VMM's own mapping of that memory it does not,
 * and would go on with what it had copied.
 */
#define VMM_GVA	  0xffffff8000000000ULL /* entry 511: the machine's first VMM_SIZE bytes */
#define VMM_SIZE  MiB(4)
#define TRAP_PORT 0xf8 /* the stub's OUT; the guest's own accesses never get here */

/* Bit N: the CPU pushes an error code for vector N, and the stub need not: SDM 3A, table 6-1. (Not
 * in x86.h, since task 3.4 asks for it; who wants to know it from C asks trap_has_error().) */
#define VECTORS_WITH_ERROR 0x227d00

/* In the machine, from 0 on. */
#define STUB_TABLES  0x0000 /* GDT, TSS, IDT */
#define STUB_CODE    0x1000
#define STUB_MAILBOX 0x2000
#define STUB_STACK   0x13000 /* its end: one page below is the stack */
#define STUB_POOL    0x20000 /* pages for shadow tables, to VMM_SIZE */

/* What the stub has on its stack when the VMM sees a trap, lowest address first. */
struct trap_frame {
	u64 cr2;
	u64 reg[16]; /* RAX RCX RDX RBX (RSP: see below) RBP RSI RDI R8..R15: the CPU's numbers */
	u64 vector, error;
	u64 rip, cs, rflags, rsp, ss; /* as the CPU pushed them; IRETQ takes them back */
};

#define MAILBOX_MAX 4000
struct mailbox {
	u64 count;
	u64 root; /* machine address of the table that CR3 gets */
	struct store {
		u64 gva, value;
	} store[MAILBOX_MAX];
};

/* Write GDT, TSS, IDT and code into the machine's memory. 0 or a negative errno. */
int stub_init(struct mem *machine);

/* Where they are for us. */
struct trap_frame *stub_frame(const struct mem *machine);
struct mailbox *stub_mailbox(const struct mem *machine);

/*
 * Registers of a vCPU that begins at CPL 3 at rip, on the tables at root (machine), with PAE and
 * what else there is in cr4. 0 or -errno.
 */
int stub_enter(struct vcpu *vcpu, u64 root, u64 rip, u64 cr4);

#endif
