/* SPDX-License-Identifier: MIT */
/* The names that the manuals give to bits and numbers of the x86 architecture. */
#ifndef X86_H
#define X86_H

/* General registers by their numbers in instructions; 8 to 15 have no other name. */
enum { RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI };

/* Control registers: SDM 3A, 2.5. (All of 64 bits, so that ~ of a name clears nothing else.) */
#define CR0_PE	 (1ULL << 0)
#define CR0_MP	 (1ULL << 1)
#define CR0_ET	 (1ULL << 4)
#define CR0_NE	 (1ULL << 5)
#define CR0_WP	 (1ULL << 16) /* the supervisor, too, may not write to read-only pages */
#define CR0_NW	 (1ULL << 29)
#define CR0_CD	 (1ULL << 30)
#define CR0_PG	 (1ULL << 31)
#define CR4_PAE	 (1ULL << 5)
#define CR4_UMIP (1ULL << 11)
#define CR4_VMXE (1ULL << 13)
#define CR4_SMEP (1ULL << 20)
#define CR4_SMAP (1ULL << 21)

/* The MSR EFER: SDM 3A, 2.2.1. */
#define EFER_SCE  (1ULL << 0)
#define EFER_LME  (1ULL << 8)
#define EFER_LMA  (1ULL << 10)
#define EFER_NXE  (1ULL << 11)
#define EFER_SVME (1ULL << 12)

/* RFLAGS: SDM 1, 3.4.3. */
#define RFLAGS_FIXED (1ULL << 1) /* is always 1 */
#define RFLAGS_TF    (1ULL << 8)
#define RFLAGS_IF    (1ULL << 9)
#define RFLAGS_DF    (1ULL << 10)
#define RFLAGS_NT    (1ULL << 14)
#define RFLAGS_RF    (1ULL << 16)
#define RFLAGS_AC    (1ULL << 18)

/* What DR6 says of a #DB: it ends a single step. SDM 3B, 18.2.3. */
#define DR6_BS (1ULL << 14)

/* Model-specific registers: SDM 4. */
#define MSR_EFER		     0xc0000080
#define MSR_IA32_FEATURE_CONTROL     0x3a  /* SDM 3C, 24.7; its bits are below */
#define MSR_IA32_VMX_BASIC	     0x480 /* SDM 3D, appendix A */
#define MSR_IA32_VMX_PROCBASED_CTLS  0x482
#define MSR_IA32_VMX_PROCBASED_CTLS2 0x48b
#define MSR_IA32_VMX_EPT_VPID_CAP    0x48c
#define MSR_VM_CR		     0xc0010114 /* APM 2, 15.30.1 */

/* What firmware says there: */
#define FEATURE_CONTROL_LOCKED (1ULL << 0) /* nobody can write the MSR until the next reset */
#define FEATURE_CONTROL_VMXON  (1ULL << 2) /* VMXON is allowed, outside SMX */
#define VM_CR_SVMDIS	       (1ULL << 4) /* EFER.SVME cannot be set */

/* Exceptions: SDM 3A, table 6-1. */
#define VECTOR_DB  1
#define VECTOR_NMI 2
#define VECTOR_BP  3
#define VECTOR_OF  4
#define VECTOR_DF  8
#define VECTOR_GP  13
#define VECTOR_PF  14

#endif
