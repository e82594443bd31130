// SPDX-License-Identifier: MIT
/* The system, the CPU, /dev/kvm: three questions whose answers do not follow from each other. */
#include "doctor.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef __x86_64__
#include <cpuid.h>
#endif

/* The value of NAME="value" or "name : value" in a text of lines. */
static void value_of(const char *text, const char *name, char *value, size_t size)
{
	const char *line = text;

	*value = 0;
	for (; line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
		const char *p = line + strlen(name);

		if (strncmp(line, name, strlen(name)) != 0 || !strchr("= \t:", *p))
			continue;
		p += strspn(p, "= \t:\"");
		snprintf(value, size, "%.*s", (int)strcspn(p, "\"\n"), p);
		return;
	}
}

void look_at_system(struct doctor *d)
{
	char text[4096], name[128];

	if (look(d, "/etc/os-release", text, sizeof(text)))
		value_of(text, "PRETTY_NAME", d->os, sizeof(d->os));
	look(d, "/proc/sys/kernel/osrelease", d->kernel, sizeof(d->kernel));
	d->kernel[strcspn(d->kernel, "\n")] = 0;
	for (size_t i = 0; i < sizeof(name); i++)
		name[i] = tolower((unsigned char)d->kernel[i]);
	kvm_place_look(&d->place, d->root);
	d->wsl1 = strstr(name, "microsoft") && !d->place.wsl2;
	d->x86 = !strcmp(d->arch, "x86_64");
	row("system", "%s, kernel %s, %s%s%s%s", *d->os ? d->os : "unknown", d->kernel, d->arch,
	    d->place.wsl2 ? ", WSL 2"
	    : d->wsl1	  ? ", WSL 1"
			  : "",
	    d->place.container ? ", in a container: " : "",
	    d->place.container ? d->place.container : "");
	if (!d->linux_os)
		todo("the labs are for Linux: use a virtual machine, a container or WSL 2");
	if (d->wsl1)
		todo("WSL 1 has no Linux kernel: wsl --set-version <this distribution> 2");
	if (!d->x86)
		todo("not x86-64: the guests are, so the labs are cross-built and run in the svm "
		     "engine");
}

/* Who is below: hypervisors have a leaf of their own for their name. */
static void ask_hypervisor(struct doctor *d)
{
#ifdef __x86_64__
	unsigned a, b, c, e;

	if (*d->root || !d->place.guest)
		return;
	__cpuid(0x40000000, a, b, c, e);
	memcpy(d->hypervisor, &b, 4);
	memcpy(d->hypervisor + 4, &c, 4);
	memcpy(d->hypervisor + 8, &e, 4);
	for (char *p = d->hypervisor; *p; p++)
		*p = isprint((unsigned char)*p) ? *p : '?';
#endif
}

/* What Linux lists, and what the CPU itself says. */
static const char *has(bool listed, bool can)
{
	return listed ? "yes" : can ? "switched off by the firmware" : "no";
}

void look_at_cpu(struct doctor *d)
{
	static char text[65536], flags[8192];

	if (!look(d, "/proc/cpuinfo", text, sizeof(text)))
		*text = 0;
	value_of(text, "model name", d->model, sizeof(d->model));
	value_of(text, "flags", flags, sizeof(flags));
	d->vmx = is_listed(flags, "vmx");
	d->svm = is_listed(flags, "svm");
	ask_hypervisor(d);
	row("CPU", "%s; VT-x: %s, AMD-V: %s%s%s%s", *d->model ? d->model : d->arch,
	    has(d->vmx, d->place.vmx), has(d->svm, d->place.svm),
	    d->place.guest ? "; itself a virtual CPU" : "", *d->hypervisor ? " of " : "",
	    d->hypervisor);
}

void look_at_kvm(struct doctor *d)
{
	static const char usual[] = "/dev/kvm: ";
	const char *given = getenv("VMMLAB_KVM");
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/dev/kvm", d->root);
	if (*d->root && !given)
		setenv("VMMLAB_KVM", path, 1);
	if (!d->x86) {
		snprintf(d->kvm_why, sizeof(d->kvm_why), "this machine is not x86-64");
		row("/dev/kvm", "of no use: the guests are x86-64");
		return;
	}
	d->kvm = !env_kvm_below(d->root, d->kvm_why, sizeof(d->kvm_why)) &&
		 !env_kvm_runs(d->kvm_why, sizeof(d->kvm_why));
	if (!d->kvm) {
		/* The row has the device's name already, if it is the ordinary one. */
		row("/dev/kvm", "%s",
		    d->kvm_why + (strncmp(d->kvm_why, usual, strlen(usual)) ? 0 : strlen(usual)));
		return;
	}
	snprintf(d->kvm_why, sizeof(d->kvm_why), "/dev/kvm works%s",
		 d->vmx || d->svm ? ""
				  : " (software-backed: the CPU shows neither VT-x nor AMD-V)");
	row("/dev/kvm", "works: it ran a guest%s",
	    d->vmx || d->svm ? ""
			     : "; software-backed, since "
			       "the CPU shows neither VT-x nor AMD-V");
}
