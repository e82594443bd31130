// SPDX-License-Identifier: MIT
/* Task 8.7: a run, from the entry to the exit, and what is said of an entry that the CPU refuses.
 */
#include "vmx.h"

#include <errno.h>

#include "say.h"
#include "todo.h"

const char *vmx_entry_words(u32 reason)
{
	switch (reason & 0xffff) {
	case REASON_GUEST_STATE:
		return "invalid guest state";
	case REASON_MSR_LOAD:
		return "an MSR that cannot be loaded";
	case 41:
		return "a machine check";
	default:
		return "a reason of another kind";
	}
}

void vmx_refused(struct exit *exit, enum vmx_result result)
{
	exit->cause = EXIT_REFUSED;
	if (result == VMX_FAIL_INVALID) {
		exit->raw = 0;
		print("hv: the entry failed: no VMCS is current\n");
	} else if (result == VMX_FAIL_VALID) {
		exit->raw = vmx_get(VMCS_INSTRUCTION_ERROR);
		print("hv: the entry failed: error %u, %s\n", (u32)exit->raw,
		      vmx_error_words((u32)exit->raw));
	} else {
		exit->raw = vmx_get(VMCS_REASON);
		print("hv: the entry failed: exit reason 0x%x, %s (qualification %llu)\n",
		      (u32)exit->raw, vmx_entry_words((u32)exit->raw),
		      (unsigned long long)vmx_get(VMCS_QUALIFICATION));
	}
}

/* TASK 8.7 */
#if SOL >= 807
/* Who has left the instruction behind STI or MOV SS is no longer behind those. */
static int put_rip(u64 rip)
{
	u64 blocked = vmx_get(VMCS_GUEST_INTERRUPTIBILITY);
	int err = 0;

	if (rip != vmx_get(VMCS_GUEST_RIP) && (blocked & SHADOW))
		err = vmx_put(VMCS_GUEST_INTERRUPTIBILITY, blocked & ~(u64)SHADOW);
	return err ? err : vmx_put(VMCS_GUEST_RIP, rip);
}

static int put_regs(const struct guest *guest)
{
	int err = put_rip(guest->regs.rip);

	if (!err)
		err = vmx_put(VMCS_GUEST_RSP, guest->regs.rsp);
	if (!err)
		err = vmx_put(VMCS_GUEST_RFLAGS, guest->regs.rflags);
	return err ? err : vmx_put(VMCS_GUEST_EFER, guest->view.efer);
}

/* A control register as the guest sees it: what is the host's it reads from the shadow. */
static u64 seen(u64 real, u64 mask, u64 shadow)
{
	return (vmx_get(real) & ~vmx_get(mask)) | (vmx_get(shadow) & vmx_get(mask));
}

static void look_at(struct guest *guest)
{
	u64 rights = vmx_get(VMCS_GUEST_ES_RIGHTS + 2), efer = vmx_get(VMCS_GUEST_EFER);

	guest->regs.rip = vmx_get(VMCS_GUEST_RIP);
	guest->regs.rsp = vmx_get(VMCS_GUEST_RSP);
	guest->regs.rflags = vmx_get(VMCS_GUEST_RFLAGS);
	guest->view = (struct view){
		.cr0 = seen(VMCS_GUEST_CR0, VMCS_CR0_MASK, VMCS_CR0_SHADOW),
		.cr3 = vmx_get(VMCS_GUEST_CR3),
		.cr4 = seen(VMCS_GUEST_CR4, VMCS_CR4_MASK, VMCS_CR4_SHADOW),
		.efer = efer,
		.cs_base = vmx_get(VMCS_GUEST_ES_BASE + 2),
		.es_base = vmx_get(VMCS_GUEST_ES_BASE),
		.ds_base = vmx_get(VMCS_GUEST_ES_BASE + 6),
		.code64 = (efer & EFER_LMA) && (rights & RIGHTS_L),
		.code32 = rights & RIGHTS_D,
		.shadow = vmx_get(VMCS_GUEST_INTERRUPTIBILITY) & SHADOW,
	};
}
#endif

int vmx_run(struct guest *guest, struct exit *exit)
{
	*exit = (struct exit){ 0 };
	if (!guest->control)
		return -EINVAL;
		/* TASK 8.7 */
#if SOL >= 807
	enum vmx_result result;
	int err = vmx_make_current(guest);

	if (!err)
		err = put_regs(guest);
	if (err)
		return err;
	result = vmx_enter(&guest->regs, guest->launched);
	if (result != VMX_OK || (vmx_get(VMCS_REASON) & REASON_ENTRY_FAILED)) {
		vmx_refused(exit, result);
		return 0;
	}
	guest->launched = true;
	look_at(guest);
	vmx_exit_decode(exit);
	vmx_serve(exit);
	return 0;
#else
	return TODO("8.7");
#endif
}
