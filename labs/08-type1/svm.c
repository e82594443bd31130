// SPDX-License-Identifier: MIT
#include "svm.h"

#include <errno.h>

#include "cpu_insn.h"
#include "say.h"
#include "todo.h"
#include "x86.h"

/* [book:8.1] */
/* TASK 8.1 */
#if SOL >= 801
/* 15.4: is there SVM, and may it be used? */
static int check(void)
{
	if (cpuid(0x80000000, 0).eax < SVM_LEAF || !(cpuid(0x80000001, 0).ecx & CPUID_SVM)) {
		print("hv: no SVM: CPUID leaf 0x80000001 has no ECX bit 2\n");
		return -ENODEV;
	}
	if (rdmsr(MSR_VM_CR) & VM_CR_SVMDIS) {
		print("hv: SVM is disabled: VM_CR.SVMDIS is set, %s\n",
		      cpuid(SVM_LEAF, 0).edx & SVM_LOCK ? "and only a key of the firmware undoes it"
							: "look for SVM in the firmware's setup");
		return -EPERM;
	}
	if (rdmsr(MSR_EFER) & EFER_SVME) {
		print("hv: SVM is in use: EFER.SVME is set already\n");
		return -EBUSY;
	}
	return 0;
}
#endif

int svm_on(struct host *host)
{
	/* TASK 8.1 */
#if SOL >= 801
	struct cpuid c;
	int err = check();

	if (err)
		return err;
	c = cpuid(SVM_LEAF, 0);
	host->tags = c.ebx;
	host->nested = c.edx & SVM_NP;
	host->area = page_alloc_zeroed(host->pages);
	host->saved = page_alloc_zeroed(host->pages);
	if (!host->area || !host->saved) {
		page_free(host->pages, host->area);
		host->area = 0;
		return -ENOMEM;
	}
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SVME);
	wrmsr(MSR_VM_HSAVE_PA, host->area);
	svm_vmsave(host->saved);
	print("hv: SVM is on: revision %u, %u ASIDs, %s paging\n", c.eax & 0xff, host->tags,
	      host->nested ? "nested" : "no nested");
	return 0;
#else
	return TODO("8.1");
#endif
}

void svm_off(struct host *host)
{
	/* TASK 8.1 */
#if SOL >= 801
	wrmsr(MSR_VM_HSAVE_PA, 0);
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) & ~EFER_SVME);
	page_free(host->pages, host->area);
	page_free(host->pages, host->saved);
	host->area = host->saved = 0;
#else
	TODO("8.1");
#endif
}
/* [book:end] */

/* An event that is injected leaves DR6 alone. */
static int inject(struct guest *guest, const struct event *event)
{
	if (guest->step)
		svm_vmcb(guest)->save.dr6 |= DR6_BS;
	guest->step = false;
	return svm_inject(guest, event);
}

const struct hv hv_svm = {
	.name = "SVM",
	.on = svm_on,
	.init = svm_init,
	.run = svm_run,
	.inject = inject,
	.window = svm_window,
	.flush = svm_flush,
	.off = svm_off,
	.open = svm_open,
};
