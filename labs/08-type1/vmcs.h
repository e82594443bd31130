/* SPDX-License-Identifier: MIT */
/*
 * The VMCS, area by area: the names of its fields as VMREAD and VMWRITE know them, and the bits of
 * the controls. SDM 3C, chapter 25; the numbers are in SDM 3D, appendix B. Given.
 *
 * Of a field's number, bits 14:13 say its width (0: 16 bits, 1: 64, 2: 32, 3: as a register), and
 * bits 11:10 its area (0: controls, 1: what an exit says, 2: guest, 3: host).
 */
#ifndef VMCS_H
#define VMCS_H

enum vmcs_field {
	/* Controls, 25.6 to 25.8 */
	VMCS_VPID = 0x0000,
	VMCS_IO_BITMAP_A = 0x2000,
	VMCS_IO_BITMAP_B = 0x2002,
	VMCS_MSR_BITMAP = 0x2004,
	VMCS_EPT_POINTER = 0x201a,
	VMCS_PIN = 0x4000,
	VMCS_PRIMARY = 0x4002,
	VMCS_EXCEPTIONS = 0x4004,
	VMCS_PF_MASK = 0x4006,
	VMCS_PF_MATCH = 0x4008,
	VMCS_CR3_TARGETS = 0x400a,
	VMCS_EXIT = 0x400c,
	VMCS_EXIT_MSR_STORES = 0x400e,
	VMCS_EXIT_MSR_LOADS = 0x4010,
	VMCS_ENTRY = 0x4012,
	VMCS_ENTRY_MSR_LOADS = 0x4014,
	VMCS_ENTRY_EVENT = 0x4016,
	VMCS_ENTRY_ERROR_CODE = 0x4018,
	VMCS_ENTRY_LENGTH = 0x401a,
	VMCS_SECONDARY = 0x401e,
	VMCS_CR0_MASK = 0x6000,
	VMCS_CR4_MASK = 0x6002,
	VMCS_CR0_SHADOW = 0x6004,
	VMCS_CR4_SHADOW = 0x6006,

	/* What an exit says, 25.9 */
	VMCS_GUEST_PHYSICAL = 0x2400,
	VMCS_INSTRUCTION_ERROR = 0x4400,
	VMCS_REASON = 0x4402,
	VMCS_EXIT_EVENT = 0x4404,
	VMCS_EXIT_ERROR_CODE = 0x4406,
	VMCS_IDT_EVENT = 0x4408,
	VMCS_IDT_ERROR_CODE = 0x440a,
	VMCS_LENGTH = 0x440c,
	VMCS_QUALIFICATION = 0x6400,
	VMCS_GUEST_LINEAR = 0x640a,

	/* The guest, 25.4. ES, CS, SS, DS, FS, GS, LDTR, TR follow each other in steps of 2. */
	VMCS_GUEST_ES = 0x0800,
	VMCS_GUEST_CS = 0x0802,
	VMCS_GUEST_LDTR = 0x080c,
	VMCS_GUEST_TR = 0x080e,
	VMCS_LINK = 0x2800,
	VMCS_GUEST_DEBUGCTL = 0x2802,
	VMCS_GUEST_PAT = 0x2804,
	VMCS_GUEST_EFER = 0x2806,
	VMCS_GUEST_ES_LIMIT = 0x4800,
	VMCS_GUEST_GDTR_LIMIT = 0x4810,
	VMCS_GUEST_IDTR_LIMIT = 0x4812,
	VMCS_GUEST_ES_RIGHTS = 0x4814,
	VMCS_GUEST_INTERRUPTIBILITY = 0x4824,
	VMCS_GUEST_ACTIVITY = 0x4826,
	VMCS_GUEST_SYSENTER_CS = 0x482a,
	VMCS_GUEST_TIMER = 0x482e, /* the preemption timer's value */
	VMCS_GUEST_CR0 = 0x6800,
	VMCS_GUEST_CR3 = 0x6802,
	VMCS_GUEST_CR4 = 0x6804,
	VMCS_GUEST_ES_BASE = 0x6806,
	VMCS_GUEST_GDTR_BASE = 0x6816,
	VMCS_GUEST_IDTR_BASE = 0x6818,
	VMCS_GUEST_DR7 = 0x681a,
	VMCS_GUEST_RSP = 0x681c,
	VMCS_GUEST_RIP = 0x681e,
	VMCS_GUEST_RFLAGS = 0x6820,
	VMCS_GUEST_PENDING_DEBUG = 0x6822,
	VMCS_GUEST_SYSENTER_ESP = 0x6824,
	VMCS_GUEST_SYSENTER_EIP = 0x6826,

	/* The host, 25.5. No limits nor rights: an exit sets those. */
	VMCS_HOST_ES = 0x0c00,
	VMCS_HOST_CS = 0x0c02,
	VMCS_HOST_SS = 0x0c04,
	VMCS_HOST_DS = 0x0c06,
	VMCS_HOST_FS = 0x0c08,
	VMCS_HOST_GS = 0x0c0a,
	VMCS_HOST_TR = 0x0c0c,
	VMCS_HOST_EFER = 0x2c02,
	VMCS_HOST_SYSENTER_CS = 0x4c00,
	VMCS_HOST_CR0 = 0x6c00,
	VMCS_HOST_CR3 = 0x6c02,
	VMCS_HOST_CR4 = 0x6c04,
	VMCS_HOST_FS_BASE = 0x6c06,
	VMCS_HOST_GS_BASE = 0x6c08,
	VMCS_HOST_TR_BASE = 0x6c0a,
	VMCS_HOST_GDTR_BASE = 0x6c0c,
	VMCS_HOST_IDTR_BASE = 0x6c0e,
	VMCS_HOST_SYSENTER_ESP = 0x6c10,
	VMCS_HOST_SYSENTER_EIP = 0x6c12,
	VMCS_HOST_RSP = 0x6c14,
	VMCS_HOST_RIP = 0x6c16,
};

/* Pin-based controls, table 25-5 */
#define PIN_INTERRUPT_EXITING (1U << 0)
#define PIN_NMI_EXITING	      (1U << 3)
#define PIN_TIMER	      (1U << 6)

/* Primary processor-based controls, table 25-6 */
#define PRIMARY_WINDOW	    (1U << 2) /* exit as soon as the guest can take an interrupt */
#define PRIMARY_HLT	    (1U << 7)
#define PRIMARY_CR3_LOAD    (1U << 15)
#define PRIMARY_CR3_STORE   (1U << 16)
#define PRIMARY_IO	    (1U << 24) /* every IN and OUT */
#define PRIMARY_IO_BITMAPS  (1U << 25)
#define PRIMARY_MSR_BITMAPS (1U << 28)
#define PRIMARY_SECONDARY   (1U << 31) /* the secondary controls count */

/* Secondary ones, table 25-7 */
#define SECONDARY_EPT	       (1U << 1)
#define SECONDARY_VPID	       (1U << 5)
#define SECONDARY_UNRESTRICTED (1U << 7) /* CR0.PE and CR0.PG may be 0 */

/* VM-exit and VM-entry controls, tables 25-13 and 25-15 */
#define EXIT_SAVE_DEBUG (1U << 2) /* DR7 and DEBUGCTL: an exit sets them to 0x400 and 0 */
#define EXIT_HOST_64	(1U << 9)
#define EXIT_ACKNOWLEDGE \
	(1U << 15) /* an interrupt is taken from the chip; the exit has its vector */
#define EXIT_SAVE_EFER	 (1U << 20)
#define EXIT_LOAD_EFER	 (1U << 21)
#define EXIT_SAVE_TIMER	 (1U << 22)
#define ENTRY_LOAD_DEBUG (1U << 2)
#define ENTRY_GUEST_64	 (1U << 9)
#define ENTRY_LOAD_EFER	 (1U << 15)

/* An event, of an entry or of an exit: table 25-17. Bits 7:0 are the vector. */
#define EVENT_TYPE(t)	 ((u32)(t) << 8)
#define EVENT_ERROR_CODE (1U << 11) /* and there is an error code */
#define EVENT_VALID	 (1U << 31)

/* Segment rights, 25.4.1: bits 7:0 and 15:12 are a descriptor's; bit 16 says that there is none. */
#define RIGHTS_NONE (1U << 16)
#define RIGHTS_L    (1U << 13)
#define RIGHTS_D    (1U << 14)

/* Interruptibility, table 25-3: no event yet, behind STI or MOV SS. */
#define SHADOW (3U << 0)

/* Basic exit reasons: SDM 3D, appendix C. Bit 31 of the reason: it was the entry that failed. */
enum vmx_reason {
	REASON_EXCEPTION = 0,
	REASON_INTERRUPT = 1,
	REASON_TRIPLE_FAULT = 2,
	REASON_WINDOW = 7,
	REASON_CPUID = 10,
	REASON_HLT = 12,
	REASON_VMCALL = 18,
	REASON_CR = 28,
	REASON_IO = 30,
	REASON_RDMSR = 31,
	REASON_WRMSR = 32,
	REASON_GUEST_STATE = 33,
	REASON_MSR_LOAD = 34,
	REASON_EPT_VIOLATION = 48,
	REASON_EPT_MISCONFIGURATION = 49,
	REASON_TIMER = 52,
};
#define REASON_ENTRY_FAILED (1U << 31)

#endif
