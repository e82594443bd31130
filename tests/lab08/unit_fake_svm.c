// SPDX-License-Identifier: MIT
/* The instructions of SVM, for the fake CPU. */
#include "fake.h"
#include "svm.h"
#include "x86.h"

void fake_amd(void)
{
	fake_init();
	fake_leaf_set(0x80000000, (struct cpuid){ .eax = 0x80000021 });
	fake_leaf_set(0x80000001, (struct cpuid){ .ecx = CPUID_SVM });
	fake_leaf_set(SVM_LEAF, (struct cpuid){ .eax = 1, .ebx = 64, .edx = SVM_NP | 0x10000000 });
	fake_msr_set(MSR_EFER, EFER_LME | EFER_LMA | EFER_NXE);
	fake_msr_set(MSR_VM_CR, 0);
	fake_msr_set(MSR_VM_HSAVE_PA, 0);
}

void fake_amd_on(void)
{
	fake_amd();
	fake_msr_set(MSR_EFER, fake_msr_get(MSR_EFER) | EFER_SVME);
	fake.host.area = page_alloc_zeroed(&fake.pages);
	fake.host.saved = page_alloc_zeroed(&fake.pages);
	fake_msr_set(MSR_VM_HSAVE_PA, fake.host.area);
	fake.host.tags = 64;
	fake.host.nested = true;
}

/* Which page is it? */
static const char *name(u64 vmcb)
{
	return vmcb == fake.host.saved ? "host" : vmcb == fake.g.control ? "guest" : "another page";
}

static void need_svme(const char *insn)
{
	EXPECT_TRUE(fake_msr_get(MSR_EFER) & EFER_SVME, "%s without EFER.SVME: #UD", insn);
}

static void need_page(const char *insn, u64 vmcb)
{
	need_svme(insn);
	EXPECT_TRUE(vmcb && vmcb % PAGE_SIZE_4K == 0, "%s of 0x%llx: #GP", insn,
		    (unsigned long long)vmcb);
}

void svm_vmsave(u64 vmcb)
{
	need_page("VMSAVE", vmcb);
	fake_note("VMSAVE %s\n", name(vmcb));
}

void svm_vmload(u64 vmcb)
{
	need_page("VMLOAD", vmcb);
	fake_note("VMLOAD %s\n", name(vmcb));
}

void svm_clgi(void)
{
	need_svme("CLGI");
	fake_note("CLGI\n");
}

void svm_stgi(void)
{
	need_svme("STGI");
	fake_note("STGI\n");
}

void svm_enter(u64 vmcb, struct regs *regs)
{
	struct vmcb *v = at(vmcb);

	need_page("VMRUN", vmcb);
	EXPECT_TRUE(fake_msr_get(MSR_VM_HSAVE_PA) != 0, "VMRUN without VM_HSAVE_PA");
	fake_note("VMRUN %s\n", name(vmcb));
	if (vmcb_refusal(v))
		v->exitcode = VMEXIT_INVALID;
	else if (fake.run)
		fake.run(vmcb, regs);
}
