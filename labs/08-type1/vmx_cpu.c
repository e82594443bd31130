// SPDX-License-Identifier: MIT
/* Task 8.6: VMX on and off. */
#include "vmx.h"

#include <errno.h>

#include "cpu_insn.h"
#include "say.h"
#include "todo.h"

#define CPUID_VMX (1U << 5) /* leaf 1, ECX */

/* What came of vmx_on(), in a line; hands err back. */
static int say_on(const struct host *host, int err)
{
	u64 current;

	switch (err) {
	case 0:
		vmptrst(&current);
		print("hv: VMX is on: revision 0x%x, %u VPIDs, %s, %s\n",
		      (u32)rdmsr(IA32_VMX_BASIC) & BASIC_REVISION, host->tags,
		      host->nested ? "EPT" : "no EPT",
		      current == VMCS_NONE ? "no VMCS yet" : "a VMCS of somebody else's");
		break;
	case -ENODEV:
		print("hv: no VMX: CPUID leaf 1 has no ECX bit 5\n");
		break;
	case -EPERM:
		print("hv: VMX is locked off by the firmware: IA32_FEATURE_CONTROL is 0x%llx\n",
		      (unsigned long long)rdmsr(IA32_FEATURE_CONTROL));
		break;
	case -EBUSY:
		print("hv: VMX is on already\n");
		break;
	case -ENOMEM:
		print("hv: no page for the VMXON region\n");
		break;
	case -EIO:
		print("hv: VMXON failed: is the revision in its region?\n");
		break;
	}
	return err;
}

u64 vmx_fixed(u64 value, u32 fixed0)
{
	/* TASK 8.6 */
#if SOL >= 806
	return (value | rdmsr(fixed0)) & rdmsr(fixed0 + 1);
#else
	return (TODO("8.6"), value);
#endif
}

/* TASK 8.6 */
#if SOL >= 806
static int unlock(void)
{
	u64 control;

	if (!(cpuid(1, 0).ecx & CPUID_VMX))
		return -ENODEV;
	control = rdmsr(IA32_FEATURE_CONTROL);
	if (!(control & FEATURE_LOCKED)) {
		wrmsr(IA32_FEATURE_CONTROL, control | FEATURE_VMXON | FEATURE_LOCKED);
		control |= FEATURE_VMXON;
	}
	return control & FEATURE_VMXON ? 0 : -EPERM;
}

static void look_around(struct host *host)
{
	u32 secondary = 0;

	if (rdmsr(IA32_VMX_PRIMARY) >> 32 & PRIMARY_SECONDARY)
		secondary = (u32)(rdmsr(IA32_VMX_SECONDARY) >> 32);
	host->nested = secondary & SECONDARY_EPT;
	host->tags = secondary & SECONDARY_VPID ? 1U << 16 : 0;
}

static int enter_root(struct host *host)
{
	host->area = page_alloc(host->pages);
	if (!host->area)
		return -ENOMEM;
	*(u32 *)at(host->area) = (u32)rdmsr(IA32_VMX_BASIC) & BASIC_REVISION;
	write_cr0(vmx_fixed(read_cr0(), IA32_VMX_CR0_FIXED0));
	write_cr4(vmx_fixed(read_cr4() | CR4_VMXE, IA32_VMX_CR4_FIXED0));
	if (vmxon(host->area) == VMX_OK)
		return 0;
	write_cr4(read_cr4() & ~CR4_VMXE);
	page_free(host->pages, host->area);
	host->area = 0;
	return -EIO;
}
#endif

int vmx_on(struct host *host)
{
	/* TASK 8.6 */
#if SOL >= 806
	int err = host->area ? -EBUSY : unlock();

	if (!err)
		err = enter_root(host);
	if (!err)
		look_around(host);
	return say_on(host, err);
#else
	return say_on(host, TODO("8.6"));
#endif
}

void vmx_off(struct host *host)
{
	/* TASK 8.6 */
#if SOL >= 806
	if (!host->area)
		return;
	vmxoff();
	write_cr4(read_cr4() & ~CR4_VMXE);
	page_free(host->pages, host->area);
	host->area = 0;
#else
	TODO("8.6");
#endif
}
