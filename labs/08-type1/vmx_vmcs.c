// SPDX-License-Identifier: MIT
/* Task 8.7: the VMCS, area by area. */
#include "vmx.h"

#include <errno.h>

#include "cpu.h"
#include "layout.h"
#include "print.h"
#include "todo.h"

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
/* A page for a VMCS, cleared as only VMCLEAR can, and current. */
static int make_vmcs(struct guest *guest)
{
	u64 page = page_alloc(guest->host->pages);

	if (!page)
		return -ENOMEM;
	guest->control = at(page);
	*(u32 *)guest->control = (u32)rdmsr(IA32_VMX_BASIC) & BASIC_REVISION;
	guest->launched = false;
	if (vmclear(page) == VMX_OK && vmptrld(page) == VMX_OK)
		return 0;
	return -EIO;
}

static u32 wanted_primary(const struct guest *guest)
{
	return PRIMARY_HLT | PRIMARY_IO | (wanted_secondary(guest) ? PRIMARY_SECONDARY : 0);
}
#endif
