// SPDX-License-Identifier: MIT
/* Task 8.2 on a fake CPU. */
#include <errno.h>
#include <string.h>

#include "fake.h"
#include "machine_map.h"
#include "svm.h"
#include "x86.h"

/* --- making a guest --- */

static void expect_clear(const char *words, const void *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		EXPECT_U64_AS(words, ((const u8 *)bytes)[i], 0);
}

static const struct vmcb *made(enum guest_mode mode)
{
	const struct vmcb *v;

	fake_amd_on();
	fake.g.tag = 7;
	EXPECT_ERR(svm_init(&fake.g, mode, 0x123450), 0);
	EXPECT_TRUE(fake.g.control && fake.g.control % PAGE_SIZE_4K == 0);
	v = svm_vmcb(&fake.g);
	EXPECT_U64_AS("the ASID", v->asid, 7);
	EXPECT_TRUE(v->intercepts[3] & INTERCEPT_HLT, "HLT does not exit");
	EXPECT_TRUE(v->intercepts[3] & INTERCEPT_SHUTDOWN, "SHUTDOWN does not exit");
	EXPECT_TRUE(v->intercepts[4] & INTERCEPT_VMRUN, "VMRUN does not exit");
	EXPECT_U64_AS("intercepts of control registers", v->intercepts[0], 0);
	EXPECT_U64(fake.g.regs.rip, 0x123450);
	EXPECT_U64(fake.g.regs.rflags, RFLAGS_FIXED);
	EXPECT_U64_AS("DR6", v->save.dr6, 0xffff0ff0);
	EXPECT_U64_AS("DR7", v->save.dr7, 0x400);
	EXPECT_U64_AS("PAT", v->save.g_pat, 0x0007040600070406);
	expect_clear("a reserved byte of the VMCB", v->reserved_018, sizeof(v->reserved_018));
	expect_clear("a reserved byte of the VMCB", v->reserved_0e0, sizeof(v->reserved_0e0));
	expect_clear("a reserved byte of the VMCB", v->rest, sizeof(v->rest));
	EXPECT_U64_AS("EVENTINJ", v->eventinj, 0);
	EXPECT_U64_AS("TSC_OFFSET", v->tsc_offset, 0);
	EXPECT_U64_AS("LDTR is present", v->save.ldtr.attributes & 0x80, 0x80);
	EXPECT_U64_AS("TR is present", v->save.tr.attributes & 0x80, 0x80);
	return v;
}

static void expect_data(const struct vmcb *v, unsigned selector)
{
	const struct vmcb_segment *const data[] = { &v->save.es, &v->save.ss, &v->save.ds,
						    &v->save.fs, &v->save.gs };
	static const char *const names[] = { "ES", "SS", "DS", "FS", "GS" };

	for (unsigned i = 0; i < ARRAY_SIZE(data); i++) {
		EXPECT_U64_AS(test_text("%s's selector", names[i]), data[i]->selector, selector);
		EXPECT_U64_AS(test_text("%s's attributes: data to write, present", names[i]),
			      data[i]->attributes & 0x9a, 0x92);
	}
}

TEST("8.2", a_vmcb_for_each_mode, 2)
{
	const struct vmcb *v = made(GUEST_REAL);

	CONTEXT("svm_init() with GUEST_REAL");
	EXPECT_U64_AS("CR0", v->save.cr0, CR0_ET);
	EXPECT_U64_AS("EFER", v->save.efer, EFER_SVME);
	EXPECT_U64_AS("CS.limit", v->save.cs.limit, 0xffff);
	EXPECT_U64_AS("CS.selector", v->save.cs.selector, 0);
	EXPECT_U64_AS("CS.attributes", v->save.cs.attributes & ~1u, 0x9a);
	EXPECT_U64_AS("SS.attributes", v->save.ss.attributes & ~1u, 0x92);
	EXPECT_U64_AS("IDTR.limit", v->save.idtr.limit, 0xffff);
	expect_data(v, 0);
	EXPECT_U64(fake.g.view.efer, 0);
	CONTEXT("svm_init() with GUEST_LONG");
	v = made(GUEST_LONG);
	expect_data(v, SEL_DATA);
	EXPECT_U64_AS("GDTR.limit: three entries", v->save.gdtr.limit, 23);
	EXPECT_U64_AS("view.efer, without SVME", fake.g.view.efer, EFER_LME | EFER_LMA);
}

/* Both parts are of later tasks; one that is not done yet says something else. */
TEST("8.2", a_part_that_fails, 0)
{
	struct guest *g = &fake.g;

	fake_amd_on();
	EXPECT_ERR(svm_init(g, GUEST_REAL, 0x1000), 0);
	for (unsigned nested = 0; nested < 2; nested++) {
		fake_amd_on();
		fake.host.nested = nested;
		g->control = page_alloc_zeroed(&fake.pages);
		if (nested)
			svm_want_exits(g);
		fake.pages.next = fake.pages.end;
		if ((nested ? svm_nested(g) : svm_want_exits(g)) != -ENOMEM)
			continue;
		pages_init(&fake.pages, fake.pages.end - PAGE_SIZE_4K, fake.pages.end);
		CONTEXT("one page is left, for the VMCB, and %s says -ENOMEM",
			nested ? "svm_nested()" : "svm_want_exits()");
		EXPECT_ERR(svm_init(g, GUEST_REAL, 0x1000), -ENOMEM);
		EXPECT_U64(g->control, 0);
		EXPECT_U64_AS("pages that are still in use", fake.pages.used, 0);
	}
}

TEST("8.2", a_guest_needs_a_tag_and_a_page, 1)
{
	fake_amd_on();
	CONTEXT("this CPU has 64 ASIDs, and 0 is the host's");
	fake.g.tag = 0;
	EXPECT_ERR(svm_init(&fake.g, GUEST_REAL, 0x1000), -EINVAL);
	fake.g.tag = 64;
	EXPECT_ERR(svm_init(&fake.g, GUEST_REAL, 0x1000), -EINVAL);
	fake.g.tag = 63;
	fake.pages.next = fake.pages.end;
	EXPECT_ERR(svm_init(&fake.g, GUEST_REAL, 0x1000), -ENOMEM);
	EXPECT_U64(fake.g.control, 0);
	EXPECT_ERR(svm_run(&fake.g, &(struct exit){ .length = 1 }), -EINVAL);
}

/* --- running it --- */

/* The guest sees what was loaded, changes it, and halts. */
static void halts(u64 control, struct regs *regs)
{
	struct vmcb *v = at(control);
	struct vmcb_save *s = &v->save;

	EXPECT_U64_AS("RAX in the VMCB", s->rax, 0x1111);
	EXPECT_U64_AS("RSP in the VMCB", s->rsp, 0x2222);
	EXPECT_U64_AS("RIP in the VMCB", s->rip, 0x3333);
	EXPECT_U64_AS("RFLAGS in the VMCB", s->rflags, 0x246);
	EXPECT_U64_AS("EFER in the VMCB", s->efer, EFER_SVME | EFER_SCE | EFER_LME | EFER_LMA);
	EXPECT_U64_AS("R12 for svm_enter()", regs->r12, 0x4444);
	EXPECT_U64_AS("TLB_CONTROL in the VMCB", v->tlb_control, TLB_FLUSH_ALL);
	s->rax = 0x5555;
	s->rsp = 0x6666;
	s->rip = 0x7777;
	s->rflags = 0x202;
	s->cr0 = 0x8001003b;
	s->cr3 = 0xabc000;
	s->cr4 = 0x6a0;
	s->cs.base = 0x77000;
	s->ds.base = 0x99000;
	s->es.base = 0xaa000;
	s->cs.attributes = SEGMENT_CODE | SEGMENT_L;
	regs->r12 = 0x8888;
	v->shadow = 1;
	v->exitcode = VMEXIT_HLT;
}

TEST("8.2", a_run_in_its_order, 2)
{
	struct exit exit;

	made(GUEST_LONG);
	fake.g.regs = (struct regs){
		.rax = 0x1111, .rsp = 0x2222, .rip = 0x3333, .rflags = 0x246, .r12 = 0x4444
	};
	fake.g.view.efer |= EFER_SCE;
	svm_vmcb(&fake.g)->tlb_control = TLB_FLUSH_ALL;
	fake.run = halts;
	fake.trace[0] = 0;
	EXPECT_ERR(svm_run(&fake.g, &exit), 0);
	CONTEXT("svm_run() of a guest in long mode that halts");
	EXPECT_STR(fake.trace,
		   "CLGI\nVMLOAD guest\nVMRUN guest\nVMSAVE guest\nVMLOAD host\nSTGI\n");
	EXPECT_U64(exit.cause, EXIT_HLT);
	EXPECT_U64(exit.length, 1);
	EXPECT_U64(fake.g.regs.rax, 0x5555);
	EXPECT_U64(fake.g.regs.rsp, 0x6666);
	EXPECT_U64(fake.g.regs.rip, 0x7777);
	EXPECT_U64(fake.g.regs.rflags, 0x202);
	EXPECT_U64(fake.g.regs.r12, 0x8888);
	EXPECT_U64(fake.g.view.cr0, 0x8001003b);
	EXPECT_U64(fake.g.view.cr3, 0xabc000);
	EXPECT_U64(fake.g.view.cr4, 0x6a0);
	EXPECT_U64(fake.g.view.cs_base, 0x77000);
	EXPECT_U64(fake.g.view.ds_base, 0x99000);
	EXPECT_U64(fake.g.view.es_base, 0xaa000);
	EXPECT_U64(fake.g.view.efer, EFER_SCE | EFER_LME | EFER_LMA);
	EXPECT_TRUE(fake.g.view.code64 && !fake.g.view.code32 && fake.g.view.shadow);
	EXPECT_U64_AS("TLB_CONTROL afterwards", svm_vmcb(&fake.g)->tlb_control, TLB_KEEP);
}

static struct vmcb left;

static void leaves(u64 control, struct regs *regs)
{
	struct vmcb *v = at(control);

	v->save.efer = left.save.efer;
	v->save.cs.attributes = left.save.cs.attributes;
	v->shadow = left.shadow;
	v->exitcode = VMEXIT_SHUTDOWN;
}

TEST("8.2", what_code_it_is, 0)
{
	static const struct {
		u64 efer, attributes;
		bool code64, code32;
		const char *words;
	} rows[] = {
		{ EFER_LME | EFER_LMA, SEGMENT_L | SEGMENT_G, true, false, "CS.L in long mode" },
		{ EFER_LME | EFER_LMA, SEGMENT_DB | SEGMENT_G, false, true, "CS.D in long mode" },
		{ 0, SEGMENT_DB, false, true, "CS.D in protected mode" },
		{ 0, SEGMENT_L | SEGMENT_G, false, false, "CS.L without long mode: of no meaning" },
	};
	struct exit exit;

	made(GUEST_REAL);
	fake.run = leaves;
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		left.save.efer = EFER_SVME | rows[i].efer;
		left.save.cs.attributes = (u16)(SEGMENT_CODE | rows[i].attributes);
		EXPECT_ERR(svm_run(&fake.g, &exit), 0);
		CONTEXT("%s", rows[i].words);
		EXPECT_U64(fake.g.view.code64, rows[i].code64);
		EXPECT_U64(fake.g.view.code32, rows[i].code32);
	}
	left.shadow = 2;
	EXPECT_ERR(svm_run(&fake.g, &exit), 0);
	CONTEXT("of the shadow only bit 0 says that the guest is behind STI");
	EXPECT_U64(fake.g.view.shadow, 0);
	CONTEXT("a shutdown is no instruction, and nothing is to be skipped");
	EXPECT_U64(exit.cause, EXIT_SHUTDOWN);
	EXPECT_U64(exit.length, 0);
}

static unsigned shadow_seen;

static void notes_shadow(u64 control, struct regs *regs)
{
	struct vmcb *v = at(control);

	shadow_seen = v->shadow & 1;
	v->exitcode = VMEXIT_HLT;
}

TEST("8.2", the_shadow_of_sti_ends, 0)
{
	struct exit exit;

	made(GUEST_REAL);
	fake.run = notes_shadow;
	svm_run(&fake.g, &exit);
	svm_vmcb(&fake.g)->shadow = 1;
	CONTEXT("the guest goes on where it was, behind STI");
	svm_run(&fake.g, &exit);
	EXPECT_U64_AS("the shadow", shadow_seen, 1);
	fake.g.regs.rip++;
	CONTEXT("the guest goes on behind another instruction, which the hypervisor has done for "
		"it");
	svm_run(&fake.g, &exit);
	EXPECT_U64_AS("the shadow", shadow_seen, 0);
}

/* --- a VMCB that the CPU does not take --- */

static void half_invalid(u64 control, struct regs *regs)
{
	struct vmcb *v = at(control);

	v->exitcode = (u32)VMEXIT_INVALID;
}

static void expect_refused(const char *why)
{
	struct exit exit;

	fake.said[0] = 0;
	EXPECT_ERR(svm_run(&fake.g, &exit), 0);
	EXPECT_U64(exit.cause, EXIT_REFUSED);
	EXPECT_U64(exit.raw, svm_vmcb(&fake.g)->exitcode);
	EXPECT_CONTAINS(fake.said, why);
}

TEST("8.2", a_refusal_is_said, 0)
{
	struct vmcb *v;

	made(GUEST_LONG);
	v = svm_vmcb(&fake.g);
	v->asid = 0;
	expect_refused("the ASID is 0");
	v->asid = 1;
	v->intercepts[4] &= ~INTERCEPT_VMRUN;
	expect_refused("VMRUN is not intercepted");
	v->intercepts[4] |= INTERCEPT_VMRUN;
	v->save.cs.attributes |= SEGMENT_DB;
	expect_refused("both L and D");
	v->save.cs.attributes &= ~SEGMENT_DB;
	v->save.cr4 = 0;
	expect_refused("no CR4.PAE");
	v->save.cr4 = CR4_PAE;
	v->eventinj = 2 | EVENTINJ_TYPE(EVENTINJ_EXCEPTION) | EVENTINJ_V;
	expect_refused("EVENTINJ has an exception 2");
	v->eventinj = 0;
	fake.run = half_invalid;
	CONTEXT("there are CPUs that write only the lower 32 bits of VMEXIT_INVALID");
	expect_refused("no rule of ours is broken");
}
