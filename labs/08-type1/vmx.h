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
#include "x86.h"

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
	IA32_FS_BASE = 0xc0000100,
	IA32_GS_BASE = 0xc0000101,
};

#define FEATURE_LOCKED (1ULL << 0)
#define FEATURE_VMXON  (1ULL << 2) /* outside SMX */
#define BASIC_REVISION 0x7fffffffU
#define BASIC_TRUE     (1ULL << 55) /* the true MSRs exist, and are to be used */

#define CAP_INVEPT_ONE	25 /* bits of IA32_VMX_EPT_VPID_CAP: SDM 3D, A.10 */
#define CAP_INVVPID_ONE 41

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
 * 0; -EBUSY: host->area is not 0; -ENODEV, -EPERM, -ENOMEM; -EIO: VMXON failed. On an error
 * CR4.VMXE is clear, and no page is kept. The line that says it is given: say_on(), which asks
 * VMPTRST, too.
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
 * [task 8.7] hv.init(): vmx_nested_init() first; then a page for the VMCS with the revision in its
 * first 4 bytes (bit 31 clear); VMCLEAR, VMPTRLD; and then all areas, with VMWRITE: SDM 3C, 25.4
 * to 25.8, and what an entry checks, 27.2 and 27.3. A field that nobody has written is not zero.
 *
 * Controls. Exits on: HLT, each IN and OUT, each RDMSR and WRMSR, external interrupts, NMIs; no
 * exception. EPT, if guest->nested.map. An unrestricted guest, for GUEST_REAL. VPID, if there is
 * one in guest->tag and the host has tags. EFER is loaded at the entry, saved and loaded at the
 * exit; DR7 is loaded at the entry and saved at the exit, with the other debug controls.
 *
 * The host: as it is now (its registers; SEL_CODE, SEL_DATA, SEL_TSS of machine_map.h; the base of
 * the TSS from its descriptor). RSP and RIP are vmx_enter()'s affair.
 *
 * The guest: GUEST_REAL begins at 0:entry, with all bases 0 and limits 0xffff. GUEST_LONG begins
 * with flat segments, the GDT and the page tables that machine_map.h names, EFER.LME and LMA. Of
 * CR0 and CR4 what VMX demands is the host's (the mask). The shadow is the whole register as the
 * guest is to read it: as svm_init() makes it, without what only VMX demands. LDTR is of no use, TR
 * is busy, the link pointer all ones. guest->regs.rip is entry, rflags has bit 1 only, and
 * view.efer is the guest's: run() writes them. guest->launched is false.
 *
 * Of later tasks: vmx_exit_controls() and vmx_pin_controls() say what these controls get besides;
 * with PIN_TIMER the field VMCS_GUEST_TIMER gets vmx_timer_value(). At the end vmx_new_tag().
 *
 * 0; -ENOMEM; -ENOTSUP: a control that is needed is not there; -EINVAL: GUEST_REAL without
 * guest->nested.map (CR0.PE and PG may only be 0 with EPT); -EIO: an instruction failed. On an
 * error the page is given back, and guest->control is 0. What is wrong is said.
 */
int vmx_init(struct guest *guest, enum guest_mode mode, u64 entry);

/* Given: VMWRITE, and a line that says what went wrong: 0, -EIO. VMREAD: 0 if it fails. */
int vmx_put(u64 field, u64 value);
u64 vmx_get(u64 field);

/* --- vmx_enter.c, vmx_fields.c, vmx_run.c: in and out --- */

/*
 * [task 8.7] Enter the guest of the current VMCS by VMLAUNCH, or by VMRESUME: with regs in its
 * registers (not rip, rsp and rflags, which are in the VMCS), and with its registers in regs
 * afterwards. The host's RSP and RIP go into the VMCS: an exit comes back there. VMX_OK: it has run
 * and exited. To C it is a function: the registers that a callee keeps are kept.
 */
enum vmx_result vmx_enter(struct regs *regs, bool resume);

/*
 * [task 8.7] Why an instruction of VMX failed, in words, by the number in the field
 * VMCS_INSTRUCTION_ERROR (SDM 3C, 31.4: given); and why an entry failed, by its exit reason.
 */
const char *vmx_error_words(u32 error);
const char *vmx_entry_words(u32 reason);

/*
 * The CPU has not taken the guest; result is vmx_enter()'s. Given: fills *exit, and says why by the
 * two functions above.
 */
void vmx_refused(struct exit *exit, enum vmx_result result);

/* [task 8.7] This guest's VMCS is the current one, after this: VMPTRST, VMPTRLD. 0, -EIO. */
int vmx_make_current(struct guest *guest);

/*
 * [task 8.7] hv.run(): make the VMCS current if it is not (VMPTRST), rip, rsp, rflags and
 * view.efer into it, enter, and back out of it, with the rest of view (cr0 and cr4 as the guest
 * reads them: a bit of the mask is the shadow's); vmx_exit_decode(), vmx_serve().
 *
 * With another rip than that of its exit the guest is no longer behind STI or MOV SS, whatever the
 * field "interruptibility" says: clear SHADOW there.
 *
 * The first time by VMLAUNCH, then by VMRESUME (guest->launched); a launch that was refused is
 * none. Refused: exit->cause is EXIT_REFUSED, raw the error's number, or the exit reason with bit
 * 31, and a line says it in words. 0; -EINVAL: guest->control is 0; -EIO: the VMCS cannot be
 * loaded.
 */
int vmx_run(struct guest *guest, struct exit *exit);

/* --- vmx_exit.c: what an exit says --- */

/*
 * [task 8.8] Read the exit out of the current VMCS: cause and raw from the reason (the cause from
 * its bits 15:0: above them are flags); length from the VMCS for CPUID, IN and OUT, RDMSR and
 * WRMSR, VMCALL (SDM 3C, 28.2.5); io, memory and event from the qualification and the fields beside
 * it (tables 28-5 and 28-7; 25.9.2), under_way from the IDT-vectoring information (25.9.3); what
 * INT1 made (type 5) is EVENT_SOFTWARE there, as INT n's is. An EPT misconfiguration is nothing
 * that a guest did: EXIT_OTHER. HLT is given.
 */
void vmx_exit_decode(struct exit *exit);

/* --- vmx_nested.c: the guest's memory --- */

/*
 * [task 8.8] If the host has EPT: NESTED_TABLES pages of the host's for tables, ept_init() of task
 * 3.12 with nested->machine (machine_memory_flat()), and the two functions of nested.h. Pages are
 * write-back. entry() goes by ept_walk(). 0, also without EPT; -ENOMEM; or what ept_init() says.
 */
int vmx_nested_init(struct guest *guest);

/* [task 8.8] What the field "EPT pointer" gets: ept_pointer() knows. SDM 3C, 25.6.11. */
u64 vmx_ept_pointer(const struct guest *guest);

/* --- vmx_event.c: events --- */

#define VMX_SLICE  (1U << 18) /* TSC ticks that a guest has with the preemption timer */
#define INT_LENGTH 2	      /* bytes of INT n */

/*
 * [task 8.9] hv.inject(), by the field VMCS_ENTRY_EVENT: SDM 3C, 25.8.3. The CPU clears its valid
 * bit when it has delivered the event. In real mode there are no error codes, and an entry with one
 * is refused (27.2.1.3). EVENT_SOFTWARE is INT n at the guest's RIP, so INT_LENGTH long.
 */
int vmx_inject(struct guest *guest, const struct event *event);

/* [task 8.9] hv.window(): interrupt-window exiting, a bit of the primary controls. Leave the rest.
 */
void vmx_window(struct guest *guest, bool wanted);

/* [task 8.9] What vmx_init() adds to the exit controls: acknowledge interrupt on exit. 25.7.1. */
u32 vmx_exit_controls(void);

/*
 * [task 8.9] What is left to do of an exit. One of the host's interrupts, acknowledged by the exit:
 * interrupt_serve() its vector. EXIT_TIMER: one may wait all the same; let it in, by
 * interrupts_on() and interrupts_off().
 */
void vmx_serve(const struct exit *exit);

/*
 * [task 8.9] With host->timer: the preemption timer as well, which counts also while a guest has
 * interrupts off. The value that makes VMX_SLICE ticks of the TSC: it counts once in 2^n of them, n
 * is in bits 4:0 of IA32_VMX_MISC. SDM 3C, 26.5.1. vmx_init() writes both.
 */
u32 vmx_pin_controls(const struct guest *guest);
u32 vmx_timer_value(void);

/* --- vmx_flush.c: translations that the CPU remembers --- */

/*
 * [task 8.10] hv.flush(), at once: INVEPT, if the guest has nested page tables, and INVVPID, if it
 * has a tag and the host has some. SDM 3C, 29.4.3 and 31.3. FLUSH_GUEST: the type for one EPT
 * pointer and for one VPID, or if IA32_VMX_EPT_VPID_CAP does not offer it, the type for all;
 * FLUSH_ALL: the types for all. What a type does not ask for is 0 in the descriptor.
 */
void vmx_flush(struct guest *guest, enum flush what);

/*
 * [task 8.10] A guest has just been made, and another one may have had its tag: forget that one.
 * vmx_init() calls it.
 */
void vmx_new_tag(struct guest *guest);

/* --- vmx_open.c: a port without exits --- */

/*
 * [task 8.11] hv.open(). The first time two pages (host->ports, for all guests) in which every port
 * exits: bitmap A has the bits of the ports 0 to 0x7fff, bitmap B, the page behind it, those of the
 * others; SDM 3C, 25.6.4. Then each time this port's bit, the addresses of both, and in the primary
 * controls "use I/O bitmaps", with which PRIMARY_IO no longer counts; what else is set there stays.
 */
int vmx_open(struct guest *guest, u16 port);

#endif
