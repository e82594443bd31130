/* SPDX-License-Identifier: MIT */
#ifndef CPU_MODE_H
#define CPU_MODE_H

#include "options.h"
#include "vcpu.h"

/*
 * In which mode the guest begins. Each function sets the vCPU's segment and control registers
 * (api.rst 4.14 KVM_SET_SREGS), then RIP to entry and RFLAGS to 2 (4.12 KVM_SET_REGS). It starts
 * from what KVM_GET_SREGS answers, since a made-up TR or LDTR would not pass the CPU's checks on
 * VM entry. The stack is the guest's own affair.
 *
 * All return 0 or a negative errno.
 */

/* What the VMM leaves in guest memory for protected and long mode (guest-physical addresses). */
#define BOOT_GDT_GPA  0x8000 /* three descriptors: null, code, data */
#define BOOT_PML4_GPA 0x9000 /* long mode: one page each of PML4, PDPT and page directory */
#define BOOT_PDPT_GPA 0xa000
#define BOOT_PD_GPA   0xb000
#define BOOT_END_GPA  0x10000 /* images keep out of [BOOT_GDT_GPA, this); lab 03 fills the rest */

#define BOOT_CS 0x08 /* selectors */
#define BOOT_DS 0x10

/*
 * [task 2.4] Real mode (Intel SDM volume 3, 21.1): after reset CS is 0xf000 with base 0xffff0000;
 * make selector and base 0 and leave the rest of it, so that entry is the physical address where
 * the guest starts.
 */
int cpu_mode_real(struct vcpu *vcpu, u64 entry);

/*
 * [task 2.7] 32-bit protected mode with flat segments and no paging (SDM volume 3, 3.4.5 and
 * 10.9.1): code BOOT_CS, data BOOT_DS in DS, ES, FS, GS and SS, base 0, limit 4 GiB, ring 0;
 * the same descriptors as a GDT at BOOT_GDT_GPA, and GDTR pointing there; CR0.PE, and ET, which
 * every CPU has set. The other bits of CR0 are free, but for PG.
 */
int cpu_mode_protected(struct vcpu *vcpu, u64 entry);

/*
 * [task 2.8] 64-bit mode (SDM volume 3, 10.8.5): the first GiB mapped to itself with 2 MiB pages
 * (4.5, tables at BOOT_*_GPA), CR3, CR4.PAE, EFER.LME and LMA, CR0.PE, ET and PG; code segment with
 * L set and D clear, in the register and in its descriptor in the GDT; all else of data segments
 * and GDT as in protected mode.
 */
int cpu_mode_long(struct vcpu *vcpu, u64 entry);

/* One of the three. */
int cpu_mode_set(struct vcpu *vcpu, enum cpu_mode mode, u64 entry);

#endif
