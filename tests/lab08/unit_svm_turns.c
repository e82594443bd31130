// SPDX-License-Identifier: MIT
/* Tasks 8.9 and 8.10 on a fake CPU. */
#include "fake.h"
#include "svm.h"

static void halts(u64 control, struct regs *regs)
{
	struct vmcb *v = at(control);

	v->exitcode = VMEXIT_HLT;
}

TEST("8.9", the_timer_may_exit, 1)
{
	struct exit exit;
	struct vmcb *v;

	fake_amd_on();
	fake.host.timer = true;
	EXPECT_ERR(svm_init(&fake.g, GUEST_REAL, 0x1000), 0);
	v = svm_vmcb(&fake.g);
	EXPECT_TRUE(v->intercepts[3] & INTERCEPT_INTR, "INTR does not exit");
	EXPECT_TRUE(v->vintr & VINTR_MASKING, "the guest's IF masks the host's interrupts");
	EXPECT_TRUE(v->intercepts[3] & INTERCEPT_HLT, "HLT does not exit any longer");
	fake.run = halts;
	fake.trace[0] = 0;
	EXPECT_ERR(svm_run(&fake.g, &exit), 0);
	CONTEXT("svm_run(), and the host's timer runs");
	EXPECT_STR(fake.trace,
		   "CLGI\nSTI\nVMLOAD guest\nVMRUN guest\nVMSAVE guest\nVMLOAD host\nSTGI\nCLI\n");
	fake.host.timer = false;
	fake.g.tag = 2;
	EXPECT_ERR(svm_init(&fake.g, GUEST_REAL, 0x1000), 0);
	CONTEXT("the host's timer does not run");
	EXPECT_TRUE(!(svm_vmcb(&fake.g)->intercepts[3] & INTERCEPT_INTR), "INTR exits");
	EXPECT_TRUE(!(svm_vmcb(&fake.g)->vintr & VINTR_MASKING), "V_INTR_MASKING is set");
}

static unsigned flushed(enum flush first, enum flush then)
{
	svm_vmcb(&fake.g)->tlb_control = TLB_KEEP;
	svm_flush(&fake.g, first);
	svm_flush(&fake.g, then);
	return svm_vmcb(&fake.g)->tlb_control;
}

TEST("8.10", which_flush, 2)
{
	fake_amd_on();
	EXPECT_ERR(svm_init(&fake.g, GUEST_REAL, 0x1000), 0);
	CONTEXT("this CPU cannot flush by ASID");
	fake_leaf_set(SVM_LEAF, (struct cpuid){ .ebx = 64, .edx = ~SVM_FLUSH_BY_ASID });
	EXPECT_U64_AS("TLB_CONTROL", flushed(FLUSH_GUEST, FLUSH_GUEST), TLB_FLUSH_ALL);
	EXPECT_U64_AS("TLB_CONTROL", flushed(FLUSH_ALL, FLUSH_ALL), TLB_FLUSH_ALL);
	CONTEXT("this CPU can flush by ASID");
	fake_leaf_set(SVM_LEAF, (struct cpuid){ .ebx = 64, .edx = SVM_FLUSH_BY_ASID });
	EXPECT_U64_AS("TLB_CONTROL", flushed(FLUSH_GUEST, FLUSH_GUEST), TLB_FLUSH_GUEST);
	CONTEXT("a flush of all waits, and then one of this guest is asked for; and the other way "
		"round");
	EXPECT_U64_AS("TLB_CONTROL", flushed(FLUSH_ALL, FLUSH_GUEST), TLB_FLUSH_ALL);
	EXPECT_U64_AS("TLB_CONTROL", flushed(FLUSH_GUEST, FLUSH_ALL), TLB_FLUSH_ALL);
}
