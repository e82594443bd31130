// SPDX-License-Identifier: MIT
#include <string.h>

#include "start.h"
#include "cpu_insn.h"
#include "guests.h"
#include "machine_map.h"
#include "say.h"
#include "svm.h"
#include "vmx.h"

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

/* Its words: ticks=N (the timer runs, and each guest has so many ticks), guests=2, open=N (a port
 * of the machine), and those of struct spoil. */
int hv_main(const struct boot *boot)
{
	struct pages pages;
	struct host host = { .pages = &pages, .timer = boot_word(boot, "ticks", NULL) };
	const struct hv *hv = choose();
	int status = 0;
	u64 n = 1;

	host.spoil.resume = boot_word(boot, "resume", NULL);
	host.spoil.has_field = boot_word(boot, "field", &host.spoil.field);
	boot_word(boot, "value", &host.spoil.value);
	pages_init(&pages, PAGES_BASE, PAGES_END);
	boot_word(boot, "guests", &n);
	if (!hv || n < 1 || n > GUESTS_MAX || hv->on(&host))
		return GUESTS_FAILED;
	if (boot->image)
		status = guests_run(&host, hv, boot, (unsigned)n);
	else
		print("hv: there is no guest\n");
	hv->off(&host);
	if (!boot->image && pages.used > 0)
		print("hv: %u pages of on() have not come back\n", pages.used);
	return status;
}
