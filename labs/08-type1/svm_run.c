// SPDX-License-Identifier: MIT
#include <errno.h>

#include "cpu_insn.h"
#include "say.h"
#include "svm.h"
#include "todo.h"
#include "x86.h"

/* [book:8.2run] */
/* TASK 8.2 */
#if SOL >= 802
static void load(struct guest *guest)
{
	struct vmcb *vmcb = svm_vmcb(guest);
	struct vmcb_save *s = &vmcb->save;

	if (s->rip != guest->regs.rip)
		vmcb->shadow = 0;
	s->rax = guest->regs.rax;
	s->rsp = guest->regs.rsp;
	s->rip = guest->regs.rip;
	s->rflags = guest->regs.rflags;
	s->efer = guest->view.efer | EFER_SVME;
}

static void store(struct guest *guest)
{
	struct vmcb *vmcb = svm_vmcb(guest);
	const struct vmcb_save *s = &vmcb->save;

	vmcb->tlb_control = TLB_KEEP;
	guest->regs.rax = s->rax;
	guest->regs.rsp = s->rsp;
	guest->regs.rip = s->rip;
	guest->regs.rflags = s->rflags;
	guest->view = (struct view){
		.cr0 = s->cr0,
		.cr3 = s->cr3,
		.cr4 = s->cr4,
		.efer = s->efer & ~EFER_SVME,
		.cs_base = s->cs.base,
		.ds_base = s->ds.base,
		.es_base = s->es.base,
		.code64 = (s->efer & EFER_LMA) && (s->cs.attributes & SEGMENT_L),
		.code32 = s->cs.attributes & SEGMENT_DB,
		.shadow = vmcb->shadow & 1,
	};
}

static void enter(struct guest *guest)
{
	svm_clgi();
	/* TASK 8.9 */
#if SOL >= 809
	if (guest->host->timer)
		interrupts_on();
#endif
	svm_vmload(guest->control);
	svm_enter(guest->control, &guest->regs);
	svm_vmsave(guest->control);
	svm_vmload(guest->host->saved);
	svm_stgi();
	/* TASK 8.9 */
#if SOL >= 809
	if (guest->host->timer)
		interrupts_off();
#endif
}
#endif

int svm_run(struct guest *guest, struct exit *exit)
{
	*exit = (struct exit){ .cause = EXIT_OTHER };
	/* TASK 8.2 */
#if SOL >= 802
	const struct vmcb *vmcb = svm_vmcb(guest);

	if (!guest->control)
		return -EINVAL;
	load(guest);
	enter(guest);
	store(guest);
	exit->raw = vmcb->exitcode;
	if ((u32)exit->raw == (u32)VMEXIT_INVALID) {
		const char *why = vmcb_refusal(vmcb);

		exit->cause = EXIT_REFUSED;
		print("hv: VMRUN refuses the guest: %s\n", why ? why : "no rule of ours is broken");
		return 0;
	}
	if (exit->raw != VMEXIT_HLT && exit->raw != VMEXIT_SHUTDOWN)
		return svm_decode(guest, exit);
	exit->cause = exit->raw == VMEXIT_HLT ? EXIT_HLT : EXIT_SHUTDOWN;
	exit->length = exit->cause == EXIT_HLT;
	return 0;
#else
	return TODO("8.2");
#endif
}
/* [book:end] */
