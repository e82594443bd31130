// SPDX-License-Identifier: MIT
#include <string.h>

#include "boot.h"
#include "cpu.h"
#include "hv.h"
#include "layout.h"
#include "print.h"

/* Whose CPU is it? NULL: neither's. (AMD APM 3, E.3.1; SDM 2A, CPUID) */
static const struct hv *choose(void)
{
	struct cpuid c = cpuid(0, 0);
	char vendor[13] = { 0 };

	memcpy(vendor, &c.ebx, 4);
	memcpy(vendor + 4, &c.edx, 4);
	memcpy(vendor + 8, &c.ecx, 4);
	if (!strcmp(vendor, "AuthenticAMD"))
		return &hv_svm;
	if (!strcmp(vendor, "GenuineIntel"))
		return &hv_vmx;
	print("hv: a CPU of %s: this hypervisor knows AuthenticAMD and GenuineIntel\n", vendor);
	return NULL;
}

int hv_main(const struct boot *boot)
{
	struct pages pages;
	struct host host = { .pages = &pages };
	const struct hv *hv = choose();

	if (!hv)
		return 1;
	pages_init(&pages, PAGES_BASE, PAGES_END);
	print("hv: this is %s\n", hv->name);
	if (hv->on(&host))
		return 1;
	hv->off(&host);
	return 0;
}
