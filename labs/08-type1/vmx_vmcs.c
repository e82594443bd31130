// SPDX-License-Identifier: MIT
/* Task 8.7: the VMCS, area by area. */
#include "vmx.h"

#include <errno.h>

#include "cpu_insn.h"
#include "machine_map.h"
#include "say.h"
#include "todo.h"

/* What came of vmx_init(), in a line; hands err back. */
static int say_init(int err)
{
	static const struct {
		int err;
		const char *words;
	} lines[] = {
		{ -ENOMEM, "no page for the VMCS" },
		{ -ENOTSUP, "this CPU lacks a control that we need" },
		{ -EINVAL, "real mode needs EPT, and a guest that is unrestricted" },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(lines); i++)
		if (lines[i].err == err)
			print("hv: %s\n", lines[i].words);
	return err;
}

int vmx_controls(u32 capability, u32 wanted, u32 *controls)
{
	/* TASK 8.7 */
#if SOL >= 807
	u64 allowed;

	if (capability != IA32_VMX_SECONDARY && (rdmsr(IA32_VMX_BASIC) & BASIC_TRUE))
		capability += IA32_VMX_TRUE;
	allowed = rdmsr(capability);
	if (wanted & ~(u32)(allowed >> 32))
		return -ENOTSUP;
	*controls = wanted | (u32)allowed;
	return 0;
#else
	return TODO("8.7");
#endif
}

/* TASK 8.7 */
#if SOL >= 807
struct field {
	u64 number, value;
};

static int put_all(const struct field *fields, unsigned count)
{
	int err = 0;

	for (unsigned i = 0; i < count && !err; i++)
		err = vmx_put(fields[i].number, fields[i].value);
	return err;
}

/* A page for a VMCS, cleared as only VMCLEAR can, and current. */
static int make_vmcs(struct guest *guest)
{
	u64 page = page_alloc(guest->host->pages);

	guest->launched = false;
	guest->control = page;
	if (!page)
		return -ENOMEM;
	*(u32 *)at(page) = (u32)rdmsr(IA32_VMX_BASIC) & BASIC_REVISION;
	return vmclear(page) == VMX_OK && vmptrld(page) == VMX_OK ? 0 : -EIO;
}

static u32 wanted_secondary(const struct guest *guest, enum guest_mode mode)
{
	return (guest->nested.map ? SECONDARY_EPT : 0) |
	       (mode == GUEST_REAL ? SECONDARY_UNRESTRICTED : 0) |
	       (guest->tag && guest->host->tags ? SECONDARY_VPID : 0);
}

static int put_controls(const struct guest *guest, enum guest_mode mode)
{
	u32 secondary = wanted_secondary(guest, mode), controls;
	const struct {
		u32 capability, field, wanted;
	} all[] = {
		{ IA32_VMX_PIN, VMCS_PIN,
		  PIN_INTERRUPT_EXITING | PIN_NMI_EXITING | vmx_pin_controls(guest) },
		{ IA32_VMX_PRIMARY, VMCS_PRIMARY,
		  PRIMARY_HLT | PRIMARY_IO | (secondary ? PRIMARY_SECONDARY : 0) },
		{ IA32_VMX_SECONDARY, VMCS_SECONDARY, secondary },
		{ IA32_VMX_EXIT, VMCS_EXIT,
		  EXIT_SAVE_DEBUG | EXIT_HOST_64 | EXIT_SAVE_EFER | EXIT_LOAD_EFER |
			  vmx_exit_controls() },
		{ IA32_VMX_ENTRY, VMCS_ENTRY,
		  ENTRY_LOAD_DEBUG | ENTRY_LOAD_EFER | (mode == GUEST_LONG ? ENTRY_GUEST_64 : 0) },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(all); i++) {
		int err;

		if (all[i].capability == IA32_VMX_SECONDARY && !secondary)
			continue;
		err = vmx_controls(all[i].capability, all[i].wanted, &controls);
		if (!err)
			err = vmx_put(all[i].field, controls);
		if (err)
			return err;
	}
	return 0;
}

/* The counts and addresses that belong to the controls; what is not used is 0. */
static int put_control_values(const struct guest *guest, u32 secondary)
{
	static const struct field zero[] = {
		{ VMCS_EXCEPTIONS, 0 },	      { VMCS_PF_MASK, 0 },
		{ VMCS_PF_MATCH, 0 },	      { VMCS_CR3_TARGETS, 0 },
		{ VMCS_EXIT_MSR_STORES, 0 },  { VMCS_EXIT_MSR_LOADS, 0 },
		{ VMCS_ENTRY_MSR_LOADS, 0 },  { VMCS_ENTRY_EVENT, 0 },
		{ VMCS_ENTRY_ERROR_CODE, 0 }, { VMCS_ENTRY_LENGTH, 0 },
	};
	int err = put_all(zero, ARRAY_SIZE(zero));

	if (!err && secondary & SECONDARY_EPT)
		err = vmx_put(VMCS_EPT_POINTER, vmx_ept_pointer(guest));
	if (!err && secondary & SECONDARY_VPID)
		err = vmx_put(VMCS_VPID, guest->tag);
	if (!err && vmx_pin_controls(guest) & PIN_TIMER)
		err = vmx_put(VMCS_GUEST_TIMER, vmx_timer_value());
	return err;
}

/* Where the TSS lies stands in its descriptor, in pieces: SDM 3A, figure 8-4. */
static u64 tss_base(u64 gdt)
{
	const u64 *descriptor = at(gdt + SEL_TSS);

	return (descriptor[0] >> 16 & 0xffffff) | (descriptor[0] >> 56) << 24 | descriptor[1] << 32;
}

static int put_host(void)
{
	u64 gdt = read_gdtr().base;
	const struct field fields[] = {
		{ VMCS_HOST_ES, SEL_DATA },
		{ VMCS_HOST_CS, SEL_CODE },
		{ VMCS_HOST_SS, SEL_DATA },
		{ VMCS_HOST_DS, SEL_DATA },
		{ VMCS_HOST_FS, SEL_DATA },
		{ VMCS_HOST_GS, SEL_DATA },
		{ VMCS_HOST_TR, SEL_TSS },
		{ VMCS_HOST_CR0, read_cr0() },
		{ VMCS_HOST_CR3, read_cr3() },
		{ VMCS_HOST_CR4, read_cr4() },
		{ VMCS_HOST_EFER, rdmsr(MSR_EFER) },
		{ VMCS_HOST_FS_BASE, rdmsr(IA32_FS_BASE) },
		{ VMCS_HOST_GS_BASE, rdmsr(IA32_GS_BASE) },
		{ VMCS_HOST_TR_BASE, tss_base(gdt) },
		{ VMCS_HOST_GDTR_BASE, gdt },
		{ VMCS_HOST_IDTR_BASE, read_idtr().base },
		{ VMCS_HOST_SYSENTER_CS, rdmsr(IA32_SYSENTER_CS) },
		{ VMCS_HOST_SYSENTER_ESP, rdmsr(IA32_SYSENTER_ESP) },
		{ VMCS_HOST_SYSENTER_EIP, rdmsr(IA32_SYSENTER_EIP) },
	};

	return put_all(fields, ARRAY_SIZE(fields));
}

enum { ES, CS, SS, DS, FS, GS, LDTR, TR, SEGMENTS };

/* Rights as in a descriptor: present, accessed; D and G of 32-bit data, L of 64-bit code. */
static int put_segments(enum guest_mode mode)
{
	bool flat = mode == GUEST_LONG;
	int err = 0;

	for (unsigned i = 0; i < SEGMENTS && !err; i++) {
		u32 rights = i == CS ? 0x9b : 0x93, limit = flat ? 0xffffffff : 0xffff;
		u32 selector = !flat ? 0 : i == CS ? SEL_CODE : SEL_DATA;

		if (flat)
			rights |= i == CS ? 0xa000 : 0xc000;
		if (i == LDTR || i == TR) {
			rights = i == TR ? 0x8b : RIGHTS_NONE;
			limit = 0xffff;
			selector = 0;
		}
		const struct field fields[] = {
			{ VMCS_GUEST_ES + 2 * i, selector },
			{ VMCS_GUEST_ES_LIMIT + 2 * i, limit },
			{ VMCS_GUEST_ES_RIGHTS + 2 * i, rights },
			{ VMCS_GUEST_ES_BASE + 2 * i, 0 },
		};

		err = put_all(fields, ARRAY_SIZE(fields));
	}
	return err;
}

/* A control register: what VMX demands is set, and the guest does not see it. */
static int put_cr(u64 value, bool cr0, bool unrestricted)
{
	u64 demanded = rdmsr(cr0 ? IA32_VMX_CR0_FIXED0 : IA32_VMX_CR4_FIXED0);

	if (cr0 && unrestricted)
		demanded &= ~(CR0_PE | CR0_PG);
	const struct field fields[] = {
		{ cr0 ? VMCS_GUEST_CR0 : VMCS_GUEST_CR4, value | demanded },
		{ cr0 ? VMCS_CR0_MASK : VMCS_CR4_MASK, demanded },
		{ cr0 ? VMCS_CR0_SHADOW : VMCS_CR4_SHADOW, value },
	};

	return put_all(fields, ARRAY_SIZE(fields));
}

static int put_guest(enum guest_mode mode)
{
	bool flat = mode == GUEST_LONG;
	const struct field fields[] = {
		{ VMCS_LINK, ~0ULL },
		{ VMCS_GUEST_DEBUGCTL, 0 },
		{ VMCS_GUEST_CR3, flat ? GUEST_PML4 : 0 },
		{ VMCS_GUEST_GDTR_BASE, flat ? GUEST_GDT : 0 },
		{ VMCS_GUEST_GDTR_LIMIT, flat ? 3 * 8 - 1 : 0xffff },
		{ VMCS_GUEST_IDTR_BASE, 0 },
		{ VMCS_GUEST_IDTR_LIMIT, flat ? 0 : 0xffff },
		{ VMCS_GUEST_INTERRUPTIBILITY, 0 },
		{ VMCS_GUEST_ACTIVITY, 0 },
		{ VMCS_GUEST_PENDING_DEBUG, 0 },
		{ VMCS_GUEST_DR7, 0x400 },
		{ VMCS_GUEST_SYSENTER_CS, 0 },
		{ VMCS_GUEST_SYSENTER_ESP, 0 },
		{ VMCS_GUEST_SYSENTER_EIP, 0 },
	};
	int err = put_all(fields, ARRAY_SIZE(fields));

	if (!err)
		err = put_segments(mode);
	if (!err)
		err = put_cr(flat ? CR0_PG | CR0_ET | CR0_PE : CR0_ET, true, !flat);
	return err ? err : put_cr(flat ? CR4_PAE : 0, false, !flat);
}
#endif

int vmx_init(struct guest *guest, enum guest_mode mode, u64 entry)
{
	/* TASK 8.7 */
#if SOL >= 807
	int err = vmx_nested_init(guest);

	if (!err)
		err = mode == GUEST_REAL && !guest->nested.map ? -EINVAL : make_vmcs(guest);
	if (!err)
		err = put_controls(guest, mode);
	if (!err)
		err = put_control_values(guest, wanted_secondary(guest, mode));
	if (!err)
		err = put_host();
	if (!err)
		err = put_guest(mode);
	if (err && guest->control) {
		vmclear(guest->control);
		page_free(guest->host->pages, guest->control);
		guest->control = 0;
	}
	if (!err)
		vmx_new_tag(guest);
	guest->regs.rip = entry;
	guest->regs.rflags = RFLAGS_FIXED;
	guest->view = (struct view){ .efer = mode == GUEST_LONG ? EFER_LME | EFER_LMA : 0 };
	return say_init(err);
#else
	return say_init(TODO("8.7"));
#endif
}
