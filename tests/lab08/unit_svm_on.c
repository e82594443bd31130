// SPDX-License-Identifier: MIT
/* Task 8.1 on a fake CPU. */
#include <errno.h>
#include <string.h>

#include "fake.h"
#include "svm.h"
#include "x86.h"

#define HAS_RUN(what) (strstr(fake.trace, what) != NULL)

static void expect_untouched(void)
{
	EXPECT_TRUE(!HAS_RUN("WRMSR"), "it wrote an MSR:\n%s", fake.trace);
	EXPECT_U64(fake.pages.used, 0);
}

TEST("8.1", without_svm_no_msr_of_it_is_read, 1)
{
	fake_amd();
	fake_leaf_set(0x80000001, (struct cpuid){ .ecx = ~CPUID_SVM });
	CONTEXT("CPUID leaf 0x80000001 has every bit of ECX but SVM's");
	EXPECT_ERR(svm_on(&fake.host), -ENODEV);
	EXPECT_CONTAINS(fake.said, "CPUID");
	EXPECT_TRUE(!HAS_RUN("RDMSR c0010114"), "it read VM_CR, which such a CPU may lack");
	expect_untouched();

	fake.said[0] = 0;
	fake_leaf_set(0x80000001, (struct cpuid){ .ecx = CPUID_SVM });
	fake_leaf_set(0x80000000, (struct cpuid){ .eax = 0x80000008 });
	CONTEXT("CPUID has no leaf 0x8000000a");
	EXPECT_ERR(svm_on(&fake.host), -ENODEV);
	expect_untouched();
}

TEST("8.1", a_lock_and_another_user_are_said, 1)
{
	fake_amd();
	fake_msr_set(MSR_VM_CR, VM_CR_SVMDIS);
	CONTEXT("VM_CR.SVMDIS is set");
	EXPECT_ERR(svm_on(&fake.host), -EPERM);
	EXPECT_CONTAINS(fake.said, "VM_CR.SVMDIS");
	expect_untouched();

	fake_msr_set(MSR_VM_CR, 0);
	fake_msr_set(MSR_EFER, fake_msr_get(MSR_EFER) | EFER_SVME);
	CONTEXT("EFER.SVME is set already");
	EXPECT_ERR(svm_on(&fake.host), -EBUSY);
	EXPECT_CONTAINS(fake.said, "EFER.SVME");
	expect_untouched();

	fake_msr_set(MSR_VM_CR, VM_CR_SVMDIS);
	CONTEXT("both are set: svm.h says which of them comes first");
	EXPECT_ERR(svm_on(&fake.host), -EPERM);
}

TEST("8.1", on_sets_up_and_off_undoes, 1)
{
	u64 efer;

	fake_amd();
	efer = fake_msr_get(MSR_EFER);
	fake_leaf_set(SVM_LEAF, (struct cpuid){ .eax = 0x501, .ebx = 64, .edx = SVM_NP });
	CONTEXT("leaf 0x8000000a: EAX 0x501, of which bits 7:0 are the revision, EBX 64, EDX 1");
	EXPECT_ERR(svm_on(&fake.host), 0);
	EXPECT_CONTAINS(fake.said, "hv: SVM is on: revision 1, 64 ASIDs, nested paging\n");
	EXPECT_U64_AS("EFER", fake_msr_get(MSR_EFER), efer | EFER_SVME);
	EXPECT_U64(fake.host.tags, 64);
	EXPECT_TRUE(fake.host.nested);
	EXPECT_TRUE(fake.host.area && fake.host.area % PAGE_SIZE_4K == 0);
	EXPECT_TRUE(fake.host.saved && fake.host.saved != fake.host.area);
	EXPECT_U64_AS("VM_HSAVE_PA", fake_msr_get(MSR_VM_HSAVE_PA), fake.host.area);
	EXPECT_CONTAINS(fake.trace, "VMSAVE host\n");
	svm_off(&fake.host);
	EXPECT_U64_AS("EFER", fake_msr_get(MSR_EFER), efer);
	EXPECT_U64_AS("VM_HSAVE_PA", fake_msr_get(MSR_VM_HSAVE_PA), 0);
	EXPECT_U64_AS("pages that are still in use", fake.pages.used, 0);
	EXPECT_U64(fake.host.area | fake.host.saved, 0);
}

TEST("8.1", without_pages_none_is_kept, 1)
{
	for (unsigned pages = 0; pages < 2; pages++) {
		if (pages == 0)
			fake_amd();
		pages_init(&fake.pages, fake.pages.end - pages * PAGE_SIZE_4K, fake.pages.end);
		CONTEXT("there are %u pages left", pages);
		EXPECT_ERR(svm_on(&fake.host), -ENOMEM);
		EXPECT_U64_AS("pages that are still in use", fake.pages.used, 0);
		EXPECT_U64(fake.host.area | fake.host.saved, 0);
		EXPECT_TRUE(!(fake_msr_get(MSR_EFER) & EFER_SVME));
	}
}
