// SPDX-License-Identifier: MIT
#include "cpu_insn.h"
#include "svm.h"
#include "todo.h"

void svm_flush(struct guest *guest, enum flush what)
{
	/* TASK 8.10 */
#if SOL >= 810
	struct vmcb *vmcb = svm_vmcb(guest);
	bool by_asid = cpuid(SVM_LEAF, 0).edx & SVM_FLUSH_BY_ASID;

	if (what == FLUSH_ALL || !by_asid)
		vmcb->tlb_control = TLB_FLUSH_ALL;
	else if (vmcb->tlb_control == TLB_KEEP)
		vmcb->tlb_control = TLB_FLUSH_GUEST;
#else
	TODO("8.10");
#endif
}
