/* SPDX-License-Identifier: MIT */
/*
 * Intel's half: tasks 8.6 to 8.10. The manual is the SDM; its volume 3C has VMX in the chapters 24
 * to 31, and volume 3D the numbers in the appendices A to C.
 */
#ifndef VMX_H
#define VMX_H

#include "hv.h"
#include "vmcs.h"
#include "vmx_insn.h"

/* MSRs: SDM 4, table 2-2; what they mean to VMX is in SDM 3D, appendix A. */
enum {
	IA32_FEATURE_CONTROL = 0x3a,
	IA32_SYSENTER_CS = 0x174,
	IA32_SYSENTER_ESP = 0x175,
	IA32_SYSENTER_EIP = 0x176,
	IA32_VMX_BASIC = 0x480,
	IA32_VMX_PIN = 0x481,
	IA32_VMX_PRIMARY = 0x482,
	IA32_VMX_EXIT = 0x483,
	IA32_VMX_ENTRY = 0x484,
	IA32_VMX_MISC = 0x485,
	IA32_VMX_CR0_FIXED0 = 0x486,
	IA32_VMX_CR0_FIXED1 = 0x487,
	IA32_VMX_CR4_FIXED0 = 0x488,
	IA32_VMX_CR4_FIXED1 = 0x489,
	IA32_VMX_SECONDARY = 0x48b,
	IA32_VMX_EPT_VPID_CAP = 0x48c,
	IA32_VMX_TRUE = 0x48d - 0x481, /* from the four of 0x481 to 0x484 to their true ones */
	IA32_EFER = 0xc0000080,
	IA32_FS_BASE = 0xc0000100,
	IA32_GS_BASE = 0xc0000101,
};

#define FEATURE_LOCKED (1ULL << 0)
#define FEATURE_VMXON  (1ULL << 2) /* outside SMX */
#define BASIC_REVISION 0x7fffffffU
#define BASIC_TRUE     (1ULL << 55) /* the true MSRs exist, and are to be used */

#define CR0_PE	 (1ULL << 0)
#define CR0_NE	 (1ULL << 5)
#define CR0_PG	 (1ULL << 31)
#define CR4_PAE	 (1ULL << 5)
#define CR4_VMXE (1ULL << 13)

/* --- vmx_cpu.c: on and off --- */

/*
 * [task 8.6] A control register as VMX wants it: value, with each bit that must be 1 set and each
 * that must be 0 clear. fixed0: IA32_VMX_CR0_FIXED0 or IA32_VMX_CR4_FIXED0; a bit that is 1 there
 * must be 1. The next MSR is fixed1: a bit that is 0 there must be 0. SDM 3D, A.7 and A.8.
 */
u64 vmx_fixed(u64 value, u32 fixed0);

/*
 * [task 8.6] hv.on() of VMX; SDM 3C, 24.6 to 24.8.
 *
 * CPUID leaf 1, ECX bit 5: is there VMX? IA32_FEATURE_CONTROL: not locked, then it is yours to
 * write, once until the next reset, with the lock; locked without FEATURE_VMXON, then firmware has
 * decided. Then CR0 and CR4, with CR4.VMXE; a page of host->pages with the revision in its first 4
 * bytes, bit 31 clear; and VMXON.
 *
 * host->area: that page. host->nested, host->tags: what the secondary controls offer (EPT;
 * VPID: then there are 65536 tags, else 0), if there are secondary controls at all.
 *
 * 0; -EBUSY: host->area is not 0; -ENODEV, -EPERM, -ENOMEM; -EIO: VMXON failed. On an error CR4.VMXE
 * is clear, and no page is kept. The line that says it is given: say_on(), which asks VMPTRST, too.
 */
int vmx_on(struct host *host);

/* [task 8.6] hv.off(): VMXOFF, CR4.VMXE clear, the page given back, host->area 0. Off: nothing. */
void vmx_off(struct host *host);

/* --- vmx_vmcs.c: the VMCS, area by area --- */

/*
 * [task 8.7] Control bits as the CPU takes them: wanted, and those that must be 1. capability:
 * IA32_VMX_PIN, _PRIMARY, _EXIT, _ENTRY or _SECONDARY; of the first four the true MSR is read if
 * IA32_VMX_BASIC says that there is one. Bits 31:0 of the MSR: must be 1. Bits 63:32: may be 1.
 * SDM 3D, A.2 to A.5. 0; -ENOTSUP: a wanted bit may not be 1 (*controls is unchanged).
 */
int vmx_controls(u32 capability, u32 wanted, u32 *controls);

/*
 * [task 8.7] hv.init(): a page for the VMCS with the revision in its first 4 bytes (bit 31 clear);
 * VMCLEAR, VMPTRLD; and then all areas, with VMWRITE: SDM 3C, 25.4 to 25.8, and what an entry
 * checks, 27.2 and 27.3. A field that nobody has written is not zero.
 *
 * Controls. Exits on: HLT, each IN and OUT, each RDMSR and WRMSR, external interrupts, NMIs, and
 * the exceptions of guest->exceptions. EPT and an unrestricted guest, if guest->nested; then its
 * CR3 is its own. VPID, if there is one in guest->tag and the host has tags. EFER is loaded at the
 * entry, saved and loaded at the exit.
 *
 * The host: as it is now (its registers; SEL_CODE, SEL_DATA, SEL_TSS of layout.h; the base of the
 * TSS from its descriptor), with RIP at vmx_exited. RSP is vmx_enter()'s affair.
 *
 * The guest: GUEST_REAL begins at 0:entry, with all bases 0 and limits 0xffff. GUEST_LONG begins
 * with flat segments, the GDT and the page tables that layout.h names, IA32_EFER.LME and LMA. Of
 * CR0 and CR4 what VMX demands is the host's: the guest reads 0 there (mask and shadow). LDTR is
 * of no use, TR is busy, the link pointer all ones.
 *
 * 0; -ENOMEM; -ENOTSUP: a control that is needed is not there; -EINVAL: GUEST_REAL without
 * guest->nested (CR0.PE and PG may only be 0 with EPT); -EIO: an instruction failed. On an error the
 * page is given back. What is wrong is said.
 */
int vmx_init(struct guest *guest, enum guest_mode mode, u64 entry);

/* --- vmx_enter.c, vmx_run.c: in and out --- */

/*
 * [task 8.7] Enter the guest of the current VMCS by VMLAUNCH, or by VMRESUME: with regs in its
 * registers (not rip, rsp and rflags, which are in the VMCS), and with its registers in regs
 * afterwards. The host's RSP goes into the VMCS, and comes back. VMX_OK: it has run and exited.
 */
enum vmx_result vmx_enter(struct regs *regs, bool resume);
void vmx_exited(void); /* where an exit comes back to; no function to call */

/*
 * [task 8.7] Why an instruction of VMX failed, in words, by the number in the field
 * VMCS_INSTRUCTION_ERROR (SDM 3C, 31.4: given); and why an entry failed, by its exit reason.
 */
const char *vmx_error_words(u32 error);
const char *vmx_entry_words(u32 reason);

/*
 * [task 8.7] hv.run(): make the VMCS current if it is not (VMPTRST), rip, rsp and rflags into it,
 * enter, and back out of it; guest->view; vmx_exit_decode().
 *
 * The first time by VMLAUNCH, then by VMRESUME (guest->launched); a launch that was refused is none.
 * Refused: exit->cause is EXIT_REFUSED, raw the error's number, or the exit reason with bit 31, and
 * a line says it in words. 0; -EINVAL: guest->control is NULL; -EIO: the VMCS cannot be loaded.
 */
int vmx_run(struct guest *guest, struct exit *exit);

#endif
