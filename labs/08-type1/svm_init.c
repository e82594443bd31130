// SPDX-License-Identifier: MIT
#include <errno.h>
#include <string.h>

#include "machine_map.h"
#include "svm.h"
#include "todo.h"
#include "x86.h"

/* [book:8.2init] */
/* TASK 8.2 */
#if SOL >= 802
#define DR6_RESET 0xffff0ff0
#define DR7_RESET 0x400
#define PAT_RESET 0x0007040600070406ULL

static void real_mode(struct vmcb_save *s)
{
	const struct vmcb_segment data = { .attributes = SEGMENT_DATA, .limit = 0xffff };

	s->cs = s->ds = s->es = s->fs = s->gs = s->ss = data;
	s->cs.attributes = SEGMENT_CODE;
	s->gdtr.limit = s->idtr.limit = 0xffff;
	s->cr0 = CR0_ET;
	s->efer = EFER_SVME;
}

static void long_mode(struct vmcb_save *s)
{
	const struct vmcb_segment data = {
		.selector = SEL_DATA,
		.attributes = SEGMENT_DATA | SEGMENT_DB | SEGMENT_G,
		.limit = 0xffffffff,
	};

	s->cs = s->ds = s->es = s->fs = s->gs = s->ss = data;
	s->cs.selector = SEL_CODE;
	s->cs.attributes = SEGMENT_CODE | SEGMENT_L | SEGMENT_G;
	s->gdtr = (struct vmcb_segment){ .base = GUEST_GDT, .limit = 3 * 8 - 1 };
	s->cr0 = CR0_PE | CR0_ET | CR0_PG;
	s->cr3 = GUEST_PML4;
	s->cr4 = CR4_PAE;
	s->efer = EFER_SVME | EFER_LME | EFER_LMA;
}

static void fill(struct guest *guest, enum guest_mode mode)
{
	struct vmcb *vmcb = svm_vmcb(guest);
	struct vmcb_save *s = &vmcb->save;

	vmcb->intercepts[3] = INTERCEPT_HLT | INTERCEPT_SHUTDOWN;
	vmcb->intercepts[4] = INTERCEPT_VMRUN;
	vmcb->asid = guest->tag;
	if (mode == GUEST_LONG)
		long_mode(s);
	else
		real_mode(s);
	s->ldtr = (struct vmcb_segment){ .attributes = SEGMENT_LDT, .limit = 0xffff };
	s->tr = (struct vmcb_segment){ .attributes = SEGMENT_TSS, .limit = 0xffff };
	s->dr6 = DR6_RESET;
	s->dr7 = DR7_RESET;
	s->g_pat = PAT_RESET;
	guest->view.efer = s->efer & ~EFER_SVME;
}

/* What later tasks add; those that are not done are left out. */
static int add_more(struct guest *guest)
{
	int err = svm_want_exits(guest);

	if (!err || err == -ENOSYS)
		err = svm_nested(guest);
	if (!err || err == -ENOSYS)
		err = svm_want_timer(guest);
	return err;
}
#endif

int svm_init(struct guest *guest, enum guest_mode mode, u64 entry)
{
	/* TASK 8.2 */
#if SOL >= 802
	int err;

	if (!guest->tag || guest->tag >= guest->host->tags)
		return -EINVAL;
	guest->control = page_alloc_zeroed(guest->host->pages);
	if (!guest->control)
		return -ENOMEM;
	fill(guest, mode);
	guest->regs.rip = entry;
	guest->regs.rflags = RFLAGS_FIXED;
	err = add_more(guest);
	if (err) {
		page_free(guest->host->pages, guest->control);
		guest->control = 0;
	}
	return err;
#else
	return TODO("8.2");
#endif
}
/* [book:end] */
