// SPDX-License-Identifier: MIT
/* Task 8.6: VMX on and off, on a fake CPU. */
#include <errno.h>
#include <string.h>

#include "fake_vmx.h"

TEST("8.6", vmx_fixed_bits, 1)
{
	fake_intel();
	CONTEXT("fixed0 says which bits must be 1, fixed1 which may be");
	fake_msr_set(IA32_VMX_CR0_FIXED0, 0x80000021);
	fake_msr_set(IA32_VMX_CR0_FIXED1, 0x8000ffff);
	EXPECT_U64(vmx_fixed(0x60000011, IA32_VMX_CR0_FIXED0), 0x80000031);
	fake_msr_set(IA32_VMX_CR4_FIXED0, 0x2000);
	fake_msr_set(IA32_VMX_CR4_FIXED1, 0x3727ff);
	EXPECT_U64(vmx_fixed(0x100020, IA32_VMX_CR4_FIXED0), 0x102020);
	EXPECT_U64(vmx_fixed(0x800020, IA32_VMX_CR4_FIXED0), 0x2020);
}

TEST("8.6", vmx_on_where_firmware_left_it_open, 1)
{
	fake_intel();
	CONTEXT("IA32_FEATURE_CONTROL is 0: locked by nobody");
	EXPECT_ERR(vmx_on(&fake.host), 0);
	EXPECT_U64(rdmsr(IA32_FEATURE_CONTROL), 5);
	EXPECT_U64(fake_vmx.region, fake.host.area);
	EXPECT_U64_AS("the revision in the VMXON region", *(u32 *)at(fake.host.area),
		      FAKE_REVISION);
	EXPECT_U64(fake.cr4, CR4_VMXE | CR4_PAE);
	EXPECT_U64(fake.cr0, CR0_PG | CR0_NE | CR0_ET | CR0_PE);
	EXPECT_U64(fake.host.tags, 65536);
	EXPECT_TRUE(fake.host.nested);
	CONTEXT("what is on already");
	EXPECT_ERR(vmx_on(&fake.host), -EBUSY);
	EXPECT_U64(fake_vmx.region, fake.host.area);
}

TEST("8.6", vmx_on_keeps_other_features, 0)
{
	fake_intel();
	CONTEXT("IA32_FEATURE_CONTROL is 0x20000: a feature of somebody else's, and no lock");
	fake_msr_set(IA32_FEATURE_CONTROL, 0x20000);
	EXPECT_ERR(vmx_on(&fake.host), 0);
	EXPECT_U64(rdmsr(IA32_FEATURE_CONTROL), 0x20005);
}

TEST("8.6", vmx_on_where_firmware_locked_it_on, 0)
{
	fake_intel();
	CONTEXT("locked, and allowed: writing it again would be #GP");
	fake_msr_set(IA32_FEATURE_CONTROL, 5);
	EXPECT_ERR(vmx_on(&fake.host), 0);
	EXPECT_TRUE(!strstr(fake.trace, "WRMSR 3a"), "it was written");
}

static void expect_off(void)
{
	EXPECT_U64(fake_vmx.region, 0);
	EXPECT_U64(fake.cr4 & CR4_VMXE, 0);
	EXPECT_U64(fake.host.area, 0);
	EXPECT_U64_AS("pages in use", fake.pages.used, 0);
}

TEST("8.6", vmx_on_where_it_cannot_be, 1)
{
	fake_intel();
	CONTEXT("locked, and not allowed");
	fake_msr_set(IA32_FEATURE_CONTROL, 1);
	EXPECT_ERR(vmx_on(&fake.host), -EPERM);
	EXPECT_TRUE(!strstr(fake.trace, "WRMSR 3a"), "it was written");
	EXPECT_CONTAINS(fake.said, "locked off by the firmware: IA32_FEATURE_CONTROL is 0x1");
	expect_off();

	fake_intel();
	CONTEXT("CPUID says that there is no VMX; then its MSRs are not there, either");
	fake_leaf_set(1, (struct cpuid){ .ecx = ~(1u << 5) });
	fake_no_msr(IA32_FEATURE_CONTROL);
	EXPECT_ERR(vmx_on(&fake.host), -ENODEV);
	expect_off();

	fake_intel();
	CONTEXT("no page");
	fake.pages.next = fake.pages.end;
	EXPECT_ERR(vmx_on(&fake.host), -ENOMEM);
	expect_off();

	fake_intel();
	CONTEXT("VMXON fails");
	fake_vmx.fail_vmxon = true;
	EXPECT_ERR(vmx_on(&fake.host), -EIO);
	expect_off();
}

TEST("8.6", vmx_on_a_cpu_with_less, 0)
{
	fake_intel();
	CONTEXT("a CPU without secondary controls: the MSR about them is not there");
	fake_msr_set(IA32_VMX_PRIMARY, 0x77f9fffe0401e172);
	fake_no_msr(IA32_VMX_SECONDARY);
	EXPECT_ERR(vmx_on(&fake.host), 0);
	EXPECT_U64(fake.host.tags, 0);
	EXPECT_TRUE(!fake.host.nested);

	fake_intel();
	CONTEXT("a CPU with EPT and without VPID");
	fake_msr_set(IA32_VMX_SECONDARY, 0x00000082ULL << 32);
	EXPECT_ERR(vmx_on(&fake.host), 0);
	EXPECT_U64(fake.host.tags, 0);
	EXPECT_TRUE(fake.host.nested);
}

TEST("8.6", vmx_off_is_off, 0)
{
	fake_intel();
	EXPECT_ERR(vmx_on(&fake.host), 0);
	vmx_off(&fake.host);
	expect_off();
	CONTEXT("off is off: VMXOFF would be #UD");
	vmx_off(&fake.host);
	expect_off();
	CONTEXT("and on again");
	EXPECT_ERR(vmx_on(&fake.host), 0);
	EXPECT_TRUE(fake_vmx.region != 0);
}
