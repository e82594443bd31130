// SPDX-License-Identifier: MIT
/* What a VM entry checks: SDM 3C, 27.2 and 27.3, as far as this lab's guests come. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "fake_vmx.h"
#include "machine_map.h"

static bool bad(const char *fmt, ...) PRINTF(1, 2);

/* The first thing that is wrong with this entry. Always true. */
static bool bad(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (!*fake_vmx.why)
		vsnprintf(fake_vmx.why, sizeof(fake_vmx.why), fmt, ap);
	va_end(ap);
	return true;
}

static bool unwritten(const u32 *fields, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (!fake_written(fields[i]))
			return bad("the field 0x%x was never written", fields[i]);
	return false;
}

/* --- error 7: the controls --- */

static bool bad_control(const char *name, u32 field, u32 msr)
{
	u64 allowed = fake_msr_get(msr);
	u32 value = (u32)fake_field(field);

	if (value & ~(u32)(allowed >> 32))
		return bad("%s controls: a bit that must be 0 is 1", name);
	if ((u32)allowed & ~value)
		return bad("%s controls: a bit that must be 1 is 0", name);
	return false;
}

static u32 secondary(void)
{
	bool used = fake_field(VMCS_PRIMARY) & PRIMARY_SECONDARY;

	return used ? (u32)fake_field(VMCS_SECONDARY) : 0;
}

static bool bad_event(void)
{
	u32 event = (u32)fake_field(VMCS_ENTRY_EVENT), type = event >> 8 & 7;
	bool real = !(fake_field(VMCS_GUEST_CR0) & CR0_PE);

	if (!(event & EVENT_VALID))
		return false;
	if (type == 1 || type == 7 || (type == 2 && (u8)event != 2) ||
	    (type == 3 && (u8)event > 31))
		return bad("entry event: the type does not fit the vector");
	if ((event & EVENT_ERROR_CODE) && (type != 3 || real))
		return bad("entry event: an error code where there is none");
	if (type >= 4 && (!fake_written(VMCS_ENTRY_LENGTH) || !fake_field(VMCS_ENTRY_LENGTH)))
		return bad("entry event: the length of the instruction is 0");
	return false;
}

static bool bad_controls(void)
{
	static const u32 needed[] = {
		VMCS_PIN,
		VMCS_PRIMARY,
		VMCS_EXIT,
		VMCS_ENTRY,
		VMCS_EXCEPTIONS,
		VMCS_PF_MASK,
		VMCS_PF_MATCH,
		VMCS_CR3_TARGETS,
		VMCS_EXIT_MSR_STORES,
		VMCS_EXIT_MSR_LOADS,
		VMCS_ENTRY_MSR_LOADS,
		VMCS_ENTRY_EVENT,
	};

	if (unwritten(needed, ARRAY_SIZE(needed)) ||
	    bad_control("pin-based", VMCS_PIN, IA32_VMX_PIN + IA32_VMX_TRUE) ||
	    bad_control("primary", VMCS_PRIMARY, IA32_VMX_PRIMARY + IA32_VMX_TRUE) ||
	    bad_control("exit", VMCS_EXIT, IA32_VMX_EXIT + IA32_VMX_TRUE) ||
	    bad_control("entry", VMCS_ENTRY, IA32_VMX_ENTRY + IA32_VMX_TRUE))
		return true;
	if (fake_field(VMCS_PRIMARY) & PRIMARY_SECONDARY &&
	    (!fake_written(VMCS_SECONDARY) ||
	     bad_control("secondary", VMCS_SECONDARY, IA32_VMX_SECONDARY)))
		return bad("the secondary controls were never written");
	if (secondary() & SECONDARY_UNRESTRICTED && !(secondary() & SECONDARY_EPT))
		return bad("an unrestricted guest without EPT");
	if (secondary() & SECONDARY_EPT &&
	    (!fake_written(VMCS_EPT_POINTER) || (fake_field(VMCS_EPT_POINTER) & 0xfff) != 0x1e))
		return bad("the EPT pointer: not write-back with walks of 4 levels");
	if (secondary() & SECONDARY_VPID && (!fake_written(VMCS_VPID) || !fake_field(VMCS_VPID)))
		return bad("guest VPID == 0");
	if (fake_field(VMCS_CR3_TARGETS) > 4)
		return bad("more than 4 CR3-target values");
	return bad_event();
}

/* --- error 8: the host --- */

static bool differs(const char *name, u32 field, u64 expected)
{
	if (fake_field(field) == expected)
		return false;
	return bad("the host's %s is 0x%llx, and will be 0x%llx after an exit", name,
		   (unsigned long long)expected, (unsigned long long)fake_field(field));
}

static bool bad_host(void)
{
	static const u32 needed[] = {
		VMCS_HOST_ES,		VMCS_HOST_CS,	       VMCS_HOST_SS,
		VMCS_HOST_DS,		VMCS_HOST_FS,	       VMCS_HOST_GS,
		VMCS_HOST_TR,		VMCS_HOST_EFER,	       VMCS_HOST_CR0,
		VMCS_HOST_CR3,		VMCS_HOST_CR4,	       VMCS_HOST_FS_BASE,
		VMCS_HOST_GS_BASE,	VMCS_HOST_TR_BASE,     VMCS_HOST_GDTR_BASE,
		VMCS_HOST_IDTR_BASE,	VMCS_HOST_SYSENTER_CS, VMCS_HOST_SYSENTER_ESP,
		VMCS_HOST_SYSENTER_EIP,
	};

	if (unwritten(needed, ARRAY_SIZE(needed)))
		return true;
	if (!(fake_field(VMCS_EXIT) & EXIT_HOST_64))
		return bad("a host in long mode, and no 64-bit host in the exit controls");
	if (!fake_field(VMCS_HOST_CS) || !fake_field(VMCS_HOST_TR))
		return bad("the host's CS or TR is 0");
	return differs("CR0", VMCS_HOST_CR0, fake.cr0) || differs("CR3", VMCS_HOST_CR3, fake.cr3) ||
	       differs("CR4", VMCS_HOST_CR4, fake.cr4) ||
	       differs("EFER", VMCS_HOST_EFER, fake_msr_get(MSR_EFER)) ||
	       differs("CS", VMCS_HOST_CS, SEL_CODE) || differs("SS", VMCS_HOST_SS, SEL_DATA) ||
	       differs("TR", VMCS_HOST_TR, SEL_TSS) ||
	       differs("TR base", VMCS_HOST_TR_BASE, FAKE_TSS) ||
	       differs("GDTR base", VMCS_HOST_GDTR_BASE, read_gdtr().base) ||
	       differs("IDTR base", VMCS_HOST_IDTR_BASE, read_idtr().base) ||
	       differs("FS base", VMCS_HOST_FS_BASE, fake_msr_get(IA32_FS_BASE)) ||
	       differs("GS base", VMCS_HOST_GS_BASE, fake_msr_get(IA32_GS_BASE)) ||
	       differs("SYSENTER_CS", VMCS_HOST_SYSENTER_CS, fake_msr_get(IA32_SYSENTER_CS)) ||
	       differs("SYSENTER_ESP", VMCS_HOST_SYSENTER_ESP, fake_msr_get(IA32_SYSENTER_ESP)) ||
	       differs("SYSENTER_EIP", VMCS_HOST_SYSENTER_EIP, fake_msr_get(IA32_SYSENTER_EIP));
}

/* --- exit reason 33: the guest --- */

static u32 rights(unsigned segment)
{
	return (u32)fake_field(VMCS_GUEST_ES_RIGHTS + 2 * segment);
}

static bool bad_segments(void)
{
	bool long_mode = fake_field(VMCS_ENTRY) & ENTRY_GUEST_64;

	for (unsigned i = 0; i < 8; i++) {
		u32 limit;

		if (!fake_written(VMCS_GUEST_ES + 2 * i) ||
		    !fake_written(VMCS_GUEST_ES_BASE + 2 * i) ||
		    !fake_written(VMCS_GUEST_ES_LIMIT + 2 * i) ||
		    !fake_written(VMCS_GUEST_ES_RIGHTS + 2 * i))
			return bad("segment %u (of ES CS SS DS FS GS LDTR TR) is not whole", i);
		limit = (u32)fake_field(VMCS_GUEST_ES_LIMIT + 2 * i);
		if (rights(i) & RIGHTS_NONE)
			continue;
		if (limit >> 20 && !(rights(i) & 0x8000))
			return bad("segment %u: a limit above 1 MiB without G", i);
		if (!(rights(i) & 0x80) || (i < 6) != !!(rights(i) & 0x10))
			return bad("segment %u: not present, or of the wrong kind", i);
	}
	if ((rights(1) & 0xf) != 0xb)
		return bad("CS is no accessed code");
	if (long_mode && (rights(1) & 0x6000) != RIGHTS_L)
		return bad("CS of a 64-bit guest: L must be 1, D 0");
	if ((rights(7) & 0x1001f) != 0xb)
		return bad("TR is no busy TSS");
	return false;
}

static bool bad_guest(void)
{
	static const u32 needed[] = {
		VMCS_GUEST_CR0,
		VMCS_GUEST_CR3,
		VMCS_GUEST_CR4,
		VMCS_CR0_MASK,
		VMCS_CR4_MASK,
		VMCS_CR0_SHADOW,
		VMCS_CR4_SHADOW,
		VMCS_GUEST_EFER,
		VMCS_LINK,
		VMCS_GUEST_DEBUGCTL,
		VMCS_GUEST_DR7,
		VMCS_GUEST_GDTR_BASE,
		VMCS_GUEST_GDTR_LIMIT,
		VMCS_GUEST_IDTR_BASE,
		VMCS_GUEST_IDTR_LIMIT,
		VMCS_GUEST_RIP,
		VMCS_GUEST_RSP,
		VMCS_GUEST_RFLAGS,
		VMCS_GUEST_ACTIVITY,
		VMCS_GUEST_SYSENTER_CS,
		VMCS_GUEST_SYSENTER_ESP,
		VMCS_GUEST_SYSENTER_EIP,
		VMCS_GUEST_PENDING_DEBUG,
		VMCS_GUEST_INTERRUPTIBILITY,
	};
	u64 free = secondary() & SECONDARY_UNRESTRICTED ? CR0_PE | CR0_PG : 0, cr0, efer;
	bool long_mode;

	if (unwritten(needed, ARRAY_SIZE(needed)))
		return true;
	long_mode = fake_field(VMCS_ENTRY) & ENTRY_GUEST_64;
	cr0 = fake_field(VMCS_GUEST_CR0);
	efer = fake_field(VMCS_GUEST_EFER);
	if (fake_msr_get(IA32_VMX_CR0_FIXED0) & ~free & ~cr0)
		return bad("the guest's CR0: a bit that must be 1 is 0");
	if (fake_msr_get(IA32_VMX_CR4_FIXED0) & ~fake_field(VMCS_GUEST_CR4))
		return bad("the guest's CR4: a bit that must be 1 is 0");
	if ((cr0 & CR0_PG) && !(cr0 & CR0_PE))
		return bad("the guest's CR0: PG without PE");
	if (long_mode && (!(cr0 & CR0_PG) || !(fake_field(VMCS_GUEST_CR4) & CR4_PAE)))
		return bad("a 64-bit guest without CR0.PG or CR4.PAE");
	if (!!(efer & EFER_LMA) != long_mode ||
	    ((cr0 & CR0_PG) && !!(efer & EFER_LME) != !!(efer & EFER_LMA)))
		return bad("the guest's EFER: LMA is not as the entry controls, or LME not as LMA");
	if (fake_field(VMCS_LINK) != ~0ULL)
		return bad("the link pointer is not all ones");
	if (!(fake_field(VMCS_GUEST_RFLAGS) & RFLAGS_FIXED))
		return bad("the guest's RFLAGS: bit 1 is always 1");
	if (fake_field(VMCS_GUEST_ACTIVITY) || fake_field(VMCS_GUEST_INTERRUPTIBILITY) & ~0xbULL)
		return bad("the guest's activity or interruptibility");
	return bad_segments();
}

/* --- the entry --- */

static enum vmx_result refuse(u32 error)
{
	fake_set(VMCS_INSTRUCTION_ERROR, error);
	return VMX_FAIL_VALID;
}

static enum vmx_result refuse_state(u32 reason)
{
	fake_set(VMCS_REASON, REASON_ENTRY_FAILED | reason);
	fake_set(VMCS_QUALIFICATION, 0);
	return VMX_OK;
}

enum vmx_result vmx_enter(struct regs *regs, bool resume)
{
	struct fake_vmcs *v = fake_vmx.current;

	*fake_vmx.why = '\0';
	fake_vmx.launches += !resume;
	fake_vmx.resumes += resume;
	if (!v)
		return VMX_FAIL_INVALID;
	if (fake_vmx.refuse)
		return refuse(fake_vmx.refuse);
	if (resume != v->launched)
		return refuse(resume ? 5 : 4);
	if (bad_controls())
		return refuse(7);
	if (bad_host())
		return refuse(8);
	if (fake_vmx.refuse_state)
		return refuse_state(fake_vmx.refuse_state);
	if (bad_guest())
		return refuse_state(REASON_GUEST_STATE);
	v->launched = true;
	fake_set(VMCS_ENTRY_EVENT, fake_field(VMCS_ENTRY_EVENT) & ~(u64)EVENT_VALID);
	fake_set(VMCS_IDT_EVENT, 0);
	fake_set(VMCS_EXIT_EVENT, 0);
	fake_exit(REASON_HLT, 0, 1);
	if (fake_vmx.guest)
		fake_vmx.guest(regs);
	return VMX_OK;
}

void fake_exit(u32 reason, u64 qualification, u32 length)
{
	fake_set(VMCS_REASON, reason);
	fake_set(VMCS_QUALIFICATION, qualification);
	fake_set(VMCS_LENGTH, length);
}
