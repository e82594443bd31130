// SPDX-License-Identifier: MIT
#include "fake_vmx.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "machine_map.h"

struct fake_vmx fake_vmx;

#define POISON 0xccccccccccccccccULL

/* On a CPU this is an exception, and the hypervisor's end. */
static void exception(const char *which, const char *why)
{
	CONTEXT("%s", why);
	expect_str(HERE("what the CPU raises"), which, "no exception");
}

static void need_root(const char *name)
{
	if (!fake_vmx.region)
		exception("#UD", test_text("%s, and VMX is not on", name));
}

static enum vmx_result fail(u32 error)
{
	if (!fake_vmx.current)
		return VMX_FAIL_INVALID;
	fake_set(VMCS_INSTRUCTION_ERROR, error);
	return VMX_FAIL_VALID;
}

/* --- the controls of this CPU: those of Bochs's Haswell --- */

static const struct {
	u32 msr;
	u64 value;
} msrs[] = {
	{ IA32_FEATURE_CONTROL, 0 },
	{ IA32_VMX_BASIC, 0x00d8100000000000 | FAKE_REVISION },
	{ IA32_VMX_PIN, 0x0000007f00000016 },
	{ IA32_VMX_PRIMARY, 0xf7f9fffe0401e172 },
	{ IA32_VMX_EXIT, 0x007fffff00036dff },
	{ IA32_VMX_ENTRY, 0x0000ffff000011ff },
	{ IA32_VMX_MISC, 0x0000000020010005 },
	{ IA32_VMX_CR0_FIXED0, 0x80000021 },
	{ IA32_VMX_CR0_FIXED1, 0xffffffff },
	{ IA32_VMX_CR4_FIXED0, 0x2000 },
	{ IA32_VMX_CR4_FIXED1, 0x0017ffff },
	{ IA32_VMX_SECONDARY, 0x00047fff00000000 },
	{ IA32_VMX_EPT_VPID_CAP, 0x00000f0106334141 },
	{ IA32_VMX_PIN + IA32_VMX_TRUE, 0x0000007f00000016 },
	{ IA32_VMX_PRIMARY + IA32_VMX_TRUE, 0xf7f9fffe04006172 },
	{ IA32_VMX_EXIT + IA32_VMX_TRUE, 0x007fffff00036dfb },
	{ IA32_VMX_ENTRY + IA32_VMX_TRUE, 0x0000ffff000011fb },
	{ IA32_SYSENTER_CS, 0x11 },
	{ IA32_SYSENTER_ESP, 0x222000 },
	{ IA32_SYSENTER_EIP, 0x333000 },
	{ MSR_EFER, EFER_LME | EFER_LMA },
	{ IA32_FS_BASE, 0x444000 },
	{ IA32_GS_BASE, 0x555000 },
};

void fake_no_msr(u32 msr)
{
	for (unsigned i = 0; i < fake.nmsrs; i++)
		if (fake.msr[i].index == msr)
			fake.msr[i] = fake.msr[--fake.nmsrs];
}

/* The descriptor of the TSS, whose base stands in it in pieces: SDM 3A, figure 8-4. */
static void make_gdt(void)
{
	u64 *tss;

	fake.gdt = page_alloc_zeroed(&fake.pages);
	tss = at(fake.gdt + SEL_TSS);
	tss[0] = 0x00008b0000000067 | (FAKE_TSS & 0xffffff) << 16 | (FAKE_TSS >> 24 & 0xff) << 56;
	tss[1] = FAKE_TSS >> 32;
	fake.pages.used = 0;
}

void fake_intel(void)
{
	fake_init();
	make_gdt();
	fake_vmx = (struct fake_vmx){ .region = 0 };
	fake.cr0 = CR0_PG | CR0_ET | CR0_PE;
	fake.cr3 = 0x1006000;
	fake.cr4 = CR4_PAE;
	fake_leaf_set(1, (struct cpuid){ .ecx = 1u << 5 });
	for (unsigned i = 0; i < ARRAY_SIZE(msrs); i++)
		fake_msr_set(msrs[i].msr, msrs[i].value);
}

void fake_intel_on(void)
{
	fake_intel();
	EXPECT_ERR(vmx_on(&fake.host), 0);
}

/* --- on and off --- */

static void check_fixed(const char *name, u64 value, u32 fixed0)
{
	if (fake_msr_get(fixed0) & ~value)
		exception("#GP", test_text("VMXON with %s = 0x%llx: a bit that must be 1 is 0",
					   name, (unsigned long long)value));
	if (value & ~fake_msr_get(fixed0 + 1))
		exception("#GP", test_text("VMXON with %s = 0x%llx: a bit that must be 0 is 1",
					   name, (unsigned long long)value));
}

enum vmx_result vmxon(u64 region)
{
	if (!(fake.cr4 & CR4_VMXE))
		exception("#UD", "VMXON, and CR4.VMXE is 0");
	check_fixed("CR0", fake.cr0, IA32_VMX_CR0_FIXED0);
	check_fixed("CR4", fake.cr4, IA32_VMX_CR4_FIXED0);
	if ((fake_msr_get(IA32_FEATURE_CONTROL) & 5) != 5)
		exception("#GP", "VMXON, and IA32_FEATURE_CONTROL does not say locked and allowed");
	if (region % PAGE_SIZE_4K || !region || fake_vmx.fail_vmxon ||
	    *(u32 *)at(region) != FAKE_REVISION)
		return VMX_FAIL_INVALID;
	fake_vmx.region = region;
	return VMX_OK;
}

enum vmx_result vmxoff(void)
{
	need_root("VMXOFF");
	fake_vmx.region = 0;
	fake_vmx.current = NULL;
	return VMX_OK;
}

/* --- which VMCS --- */

static struct fake_vmcs *vmcs_of(u64 page)
{
	for (unsigned i = 0; i < FAKE_VMCS; i++) {
		struct fake_vmcs *v = &fake_vmx.vmcs[i];

		if (v->page == page || !v->page) {
			if (!v->page)
				v->launched = true; /* as any page is, before VMCLEAR */
			v->page = page;
			return v;
		}
	}
	test_error("the test uses too many VMCSs");
}

enum vmx_result vmclear(u64 page)
{
	struct fake_vmcs *v;

	need_root("VMCLEAR");
	if (!page || page % PAGE_SIZE_4K)
		return fail(2);
	if (page == fake_vmx.region)
		return fail(3);
	v = vmcs_of(page);
	v->launched = false;
	if (fake_vmx.current == v)
		fake_vmx.current = NULL;
	fake_vmx.clears++;
	return VMX_OK;
}

enum vmx_result vmptrld(u64 page)
{
	need_root("VMPTRLD");
	if (!page || page % PAGE_SIZE_4K)
		return fail(9);
	if (page == fake_vmx.region)
		return fail(10);
	if (*(u32 *)at(page) != FAKE_REVISION)
		return fail(11);
	fake_vmx.current = vmcs_of(page);
	fake_vmx.loads++;
	return VMX_OK;
}

enum vmx_result vmptrst(u64 *vmcs)
{
	need_root("VMPTRST");
	*vmcs = fake_vmx.current ? fake_vmx.current->page : VMCS_NONE;
	return VMX_OK;
}

/* --- its fields --- */

static u64 *find(u64 number)
{
	struct fake_vmcs *v = fake_vmx.current;

	for (unsigned i = 0; v && i < v->n; i++)
		if (v->field[i].number == number)
			return &v->field[i].value;
	return NULL;
}

bool fake_written(u64 number)
{
	return find(number) != NULL;
}

u64 fake_field(u64 number)
{
	if (!find(number)) {
		CONTEXT("the field 0x%llx of the VMCS (vmcs.h)", (unsigned long long)number);
		expect_str(HERE("the field"), "never written", "written");
	}
	return *find(number);
}

void fake_set(u64 number, u64 value)
{
	u64 *field = find(number);
	struct fake_vmcs *v = fake_vmx.current;
	unsigned bits = number >> 13 & 3;

	if (bits == 0)
		value = (u16)value;
	if (bits == 2)
		value = (u32)value;
	if (!field) {
		if (v->n == FAKE_FIELDS)
			test_error("too many fields");
		v->field[v->n].number = number;
		field = &v->field[v->n++].value;
	}
	*field = value;
}

enum vmx_result vmread(u64 number, u64 *value)
{
	const u64 *field = find(number);

	need_root("VMREAD");
	if (!fake_vmx.current)
		return VMX_FAIL_INVALID;
	*value = field ? *field : POISON;
	return VMX_OK;
}

enum vmx_result vmwrite(u64 number, u64 value)
{
	need_root("VMWRITE");
	if (!fake_vmx.current)
		return VMX_FAIL_INVALID;
	if (fake_vmx.fail_field && number == fake_vmx.fail_field)
		return fail(12);
	if ((number >> 10 & 3) == 1)
		return fail(13);
	fake_set(number, value);
	return VMX_OK;
}

void fake_expect_entry(void)
{
	if (!*fake_vmx.why)
		return;
	CONTEXT("the CPU does not take this entry: %s", fake_vmx.why);
	expect_str(HERE("the entry"), "refused", "taken");
}

/* --- translations --- */

static enum vmx_result invalidate(bool ept, u64 type, const struct vmx_invalidate *d)
{
	need_root(ept ? "INVEPT" : "INVVPID");
	if (fake_vmx.invalidations == ARRAY_SIZE(fake_vmx.invalidation))
		test_error("too many invalidations");
	fake_vmx.invalidation[fake_vmx.invalidations++] = (struct fake_invalidation){
		.ept = ept, .type = type, .what = d->what, .address = d->address
	};
	if (!(fake_msr_get(IA32_VMX_EPT_VPID_CAP) >> ((ept ? 24 : 40) + type) & 1))
		return fail(28);
	return VMX_OK;
}

enum vmx_result invept(u64 type, const struct vmx_invalidate *d)
{
	return invalidate(true, type, d);
}

enum vmx_result invvpid(u64 type, const struct vmx_invalidate *d)
{
	return invalidate(false, type, d);
}
