// SPDX-License-Identifier: MIT
#include "vmcb.h"

#include "pte.h"
#include "x86.h"

const char *vmcb_refusal(const struct vmcb *vmcb)
{
	const struct vmcb_save *s = &vmcb->save;
	bool lme = s->efer & EFER_LME, pg = s->cr0 & CR0_PG, pe = s->cr0 & CR0_PE;

	if (!(vmcb->intercepts[4] & INTERCEPT_VMRUN))
		return "VMRUN is not intercepted";
	if (!vmcb->asid)
		return "the ASID is 0, which is the host's";
	if (!(s->efer & EFER_SVME))
		return "the guest's EFER has no SVME";
	if (s->efer & ~(EFER_SCE | EFER_LME | EFER_LMA | EFER_NXE | EFER_SVME | 0x7000))
		return "the guest's EFER has bits that do not exist";
	if (!(s->cr0 & CR0_CD) && (s->cr0 & CR0_NW))
		return "the guest's CR0 has NW without CD";
	if (s->cr0 >> 32 || s->cr4 >> 32)
		return "the upper half of the guest's CR0 or CR4 is not zero";
	if (s->dr6 >> 32 || s->dr7 >> 32)
		return "the upper half of the guest's DR6 or DR7 is not zero";
	if (s->cr3 & ~(PTE_ADDR | 0xfff))
		return "the guest's CR3 is no address";
	if (lme && pg && !(s->cr4 & CR4_PAE))
		return "the guest has long mode and paging, but no CR4.PAE";
	if (lme && pg && !pe)
		return "the guest has long mode and paging, but no CR0.PE";
	if (lme && pg && (s->cs.attributes & SEGMENT_L) && (s->cs.attributes & SEGMENT_DB))
		return "the guest's CS has both L and D";
	if (vmcb->eventinj & EVENTINJ_V) {
		unsigned type = vmcb->eventinj >> 8 & 7;

		if (type == 1 || type > EVENTINJ_SOFT)
			return "EVENTINJ has a type that does not exist";
		if (type == EVENTINJ_EXCEPTION && (u8)vmcb->eventinj == VECTOR_NMI)
			return "EVENTINJ has an exception 2, which is the NMI's vector";
		if (type == EVENTINJ_EXCEPTION && (u8)vmcb->eventinj > 31)
			return "EVENTINJ has an exception above 31";
	}
	return NULL;
}
