/* SPDX-License-Identifier: MIT */
/* AMD's virtual machine control block, a page of memory: AMD APM 2, appendix B; chapter 15. */
#ifndef VMCB_H
#define VMCB_H

#include "types.h"

/* 15.9 ff.: what exits. Words of intercepts[3] and [4]; [0] and [1] are CRs and DRs, [2]
 * exceptions. */
enum {
	INTERCEPT_INTR = 1u << 0,
	INTERCEPT_NMI = 1u << 1,
	INTERCEPT_VINTR = 1u << 4,
	INTERCEPT_CPUID = 1u << 18,
	INTERCEPT_INVD = 1u << 22,
	INTERCEPT_HLT = 1u << 24,
	INTERCEPT_INVLPGA = 1u << 26,
	INTERCEPT_IOIO = 1u << 27,
	INTERCEPT_MSR = 1u << 28,
	INTERCEPT_SHUTDOWN = 1u << 31,
};
enum {
	INTERCEPT_VMRUN = 1u << 0,
	INTERCEPT_VMMCALL = 1u << 1,
	INTERCEPT_VMLOAD = 1u << 2,
	INTERCEPT_VMSAVE = 1u << 3,
	INTERCEPT_STGI = 1u << 4,
	INTERCEPT_CLGI = 1u << 5,
	INTERCEPT_SKINIT = 1u << 6,
};

/* 15.16: TLB_CONTROL. */
enum { TLB_KEEP = 0, TLB_FLUSH_ALL = 1, TLB_FLUSH_GUEST = 3 };

/* 15.21: the word vintr. */
#define VINTR_IRQ     (1ULL << 8)
#define VINTR_IGN_TPR (1ULL << 20) /* whatever the guest's CR8 says */
#define VINTR_MASKING (1ULL << 24) /* RFLAGS.IF of the guest is for virtual interrupts only */

/* 15.20: EVENTINJ, and EXITINTINFO in 15.7.2: the vector in bits 7:0. */
#define EVENTINJ_TYPE(t) ((u64)(t) << 8)
#define EVENTINJ_EV	 (1ULL << 11) /* there is an error code, in bits 63:32 */
#define EVENTINJ_V	 (1ULL << 31)
enum { EVENTINJ_INTR = 0, EVENTINJ_NMI = 2, EVENTINJ_EXCEPTION = 3, EVENTINJ_SOFT = 4 };

/* Appendix C: EXITCODE. */
enum {
	VMEXIT_EXCEPTION = 0x40, /* 32 of them */
	VMEXIT_INTR = 0x60,
	VMEXIT_NMI = 0x61,
	VMEXIT_VINTR = 0x64,
	VMEXIT_CPUID = 0x72,
	VMEXIT_HLT = 0x78,
	VMEXIT_IOIO = 0x7b,
	VMEXIT_MSR = 0x7c,
	VMEXIT_SHUTDOWN = 0x7f,
	VMEXIT_VMMCALL = 0x81,
	VMEXIT_NPF = 0x400,
};
#define VMEXIT_INVALID (~0ULL)

/* 15.10.2: EXITINFO1 of VMEXIT_IOIO; the port is in bits 31:16. */
enum { IOIO_IN = 1u << 0, IOIO_STRING = 1u << 2, IOIO_REP = 1u << 3, IOIO_SIZE = 7u << 4 };

/* 15.25.6: EXITINFO1 of VMEXIT_NPF. */
#define NPF_P	 (1ULL << 0)
#define NPF_W	 (1ULL << 1)
#define NPF_I	 (1ULL << 4)
#define NPF_WALK (1ULL << 33) /* in a walk of the guest's own page tables */

/* Segments: type and flags of a descriptor, without the gap between them. */
struct vmcb_segment {
	u16 selector, attributes;
	u32 limit;
	u64 base;
};
#define SEGMENT_CODE 0x09b /* present, code, readable, accessed */
#define SEGMENT_DATA 0x093
#define SEGMENT_LDT  0x082
#define SEGMENT_TSS  0x08b /* a busy one */
#define SEGMENT_L    (1u << 9)
#define SEGMENT_DB   (1u << 10)
#define SEGMENT_G    (1u << 11)

struct vmcb_save {
	struct vmcb_segment es, cs, ss, ds, fs, gs, gdtr, ldtr, idtr, tr;
	u8 reserved_0a0[43];
	u8 cpl;
	u32 reserved_0cc;
	u64 efer;
	u8 reserved_0d8[112];
	u64 cr4, cr3, cr0, dr7, dr6, rflags, rip;
	u8 reserved_180[88];
	u64 rsp;
	u8 reserved_1e0[24];
	u64 rax;
	u64 star, lstar, cstar, sfmask, kernel_gs_base;
	u64 sysenter_cs, sysenter_esp, sysenter_eip;
	u64 cr2;
	u8 reserved_248[32];
	u64 g_pat, dbgctl, br_from, br_to, lastexcpfrom, lastexcpto;
};

struct vmcb {
	u32 intercepts[6];
	u8 reserved_018[36];
	u16 pause_threshold, pause_count;
	u64 iopm, msrpm, tsc_offset;
	u32 asid;
	u8 tlb_control;
	u8 reserved_05d[3];
	u64 vintr;
	u64 shadow; /* bit 0: the guest is behind STI or MOV SS */
	u64 exitcode, exitinfo1, exitinfo2, exitintinfo;
	u64 np_enable; /* bit 0 */
	u8 reserved_098[16];
	u64 eventinj;
	u64 n_cr3; /* the nested page tables */
	u64 lbr;
	u32 clean, reserved_0c4;
	u64 nrip;
	u8 fetched, bytes[15];
	u8 reserved_0e0[800];
	struct vmcb_save save; /* at 0x400 */
	u8 rest[0x1000 - 0x400 - sizeof(struct vmcb_save)];
};

#define VMCB_AT(member, offset) _Static_assert(offsetof(struct vmcb, member) == (offset), #member)
VMCB_AT(iopm, 0x40);
VMCB_AT(vintr, 0x60);
VMCB_AT(exitcode, 0x70);
VMCB_AT(eventinj, 0xa8);
VMCB_AT(nrip, 0xc8);
VMCB_AT(save.cpl, 0x4cb);
VMCB_AT(save.efer, 0x4d0);
VMCB_AT(save.cr4, 0x548);
VMCB_AT(save.rsp, 0x5d8);
VMCB_AT(save.rax, 0x5f8);
VMCB_AT(save.cr2, 0x640);
VMCB_AT(save.g_pat, 0x668);
_Static_assert(sizeof(struct vmcb) == 0x1000, "a page");

/*
 * Why does VMRUN refuse this VMCB? The CPU says nothing but VMEXIT_INVALID; these are the rules of
 * 15.5.1, in words. NULL: none of them is broken.
 */
const char *vmcb_refusal(const struct vmcb *vmcb);

#endif
