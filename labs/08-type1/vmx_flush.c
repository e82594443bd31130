// SPDX-License-Identifier: MIT
/* Task 8.10: what the CPU remembers of translations, and how it forgets. */
#include "vmx.h"

#include "cpu_insn.h"
#include "todo.h"

/* TASK 8.10 */
#if SOL >= 810
/* The narrow type if this CPU has it, else the one that takes more. */
static u64 type_of(bool all, unsigned bit_of_one, u64 one, u64 every)
{
	bool has_one = rdmsr(IA32_VMX_EPT_VPID_CAP) >> bit_of_one & 1;

	return !all && has_one ? one : every;
}
#endif

void vmx_flush(struct guest *guest, enum flush what)
{
	/* TASK 8.10 */
#if SOL >= 810
	bool all = what == FLUSH_ALL;
	struct vmx_invalidate ept = { .what = 0 }, vpid = { .what = 0 };
	u64 type;

	if (guest->nested.map) {
		type = type_of(all, CAP_INVEPT_ONE, INVEPT_ONE, INVEPT_ALL);
		ept.what = type == INVEPT_ONE ? vmx_ept_pointer(guest) : 0;
		invept(type, &ept);
	}
	if (guest->tag && guest->host->tags) {
		type = type_of(all, CAP_INVVPID_ONE, INVVPID_ONE, INVVPID_ALL);
		vpid.what = type == INVVPID_ONE ? guest->tag : 0;
		invvpid(type, &vpid);
	}
#else
	TODO("8.10");
#endif
}

void vmx_new_tag(struct guest *guest)
{
	/* TASK 8.10 */
#if SOL >= 810
	vmx_flush(guest, FLUSH_GUEST);
#else
	TODO_NOTED("8.10");
#endif
}
