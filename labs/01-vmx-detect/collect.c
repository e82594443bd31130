// SPDX-License-Identifier: MIT
#include "collect.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "cpu.h"
#include "kvm_ask.h"
#include "vmx_msr.h"

/*
 * CPUID has three ranges, and the first leaf of each names its last: basic, the hypervisor's (by
 * convention, when the hypervisor bit is set), extended. A range that names less is not there.
 */
static void collect_range(struct facts *f, u32 first, unsigned most)
{
	struct cpuid_leaf l;
	u32 last;

	if (cpuid_read(first, 0, &l) || l.eax < first || l.eax - first > 0xffff)
		return;
	last = l.eax - first > most ? first + most : l.eax;
	for (u32 leaf = first; leaf <= last; leaf++) {
		if (!cpuid_read(leaf, 0, &l))
			facts_add_leaf(f, &l);
	}
}

void facts_collect(struct facts *f, const char *kvm_path)
{
	const struct cpuid_leaf *one;
	struct utsname name;

	memset(f, 0, sizeof(*f));
	uname(&name);
	snprintf(f->origin, sizeof(f->origin), "this machine, %s %.20s", name.sysname,
		 name.release);
	collect_range(f, 0, 0x20);
	one = facts_leaf(f, 1, 0);
	if (one && one->ecx >> 31)
		collect_range(f, 0x40000000, 0x10);
	collect_range(f, 0x80000000, 0x28);
	kvm_ask(kvm_path, &f->kvm);
	kvm_node_look(&f->kvm_node, kvm_path);
	kvm_place_look(&f->place, "");
	snprintf(f->cpuinfo, sizeof(f->cpuinfo), "%s", f->place.cpuinfo);
	f->live = true;
	msr_collect(kvm_path, f);
}
