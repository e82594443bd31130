// SPDX-License-Identifier: MIT
/* The system, the CPU, /dev/kvm: three questions whose answers do not follow from each other. */
#include "doctor.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#ifdef __x86_64__
#include <cpuid.h>
#endif

#include "env.h"

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

static const char *container(const struct doctor *d)
{
	char text[4096];

	if (is_there(d, "/.dockerenv"))
		return "docker";
	if (is_there(d, "/run/.containerenv"))
		return "podman";
	if (look(d, "/proc/1/cgroup", text, sizeof(text))) {
		for (const char *const *p = (const char *const[]){ "docker", "kubepods", "lxc",
								   "containerd", NULL };
		     *p; p++) {
			if (strstr(text, *p))
				return *p;
		}
	}
	return NULL;
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
	d->wsl2 = strstr(name, "microsoft") && strstr(name, "wsl2");
	d->wsl1 = strstr(name, "microsoft") && !d->wsl2;
	d->container_name = container(d);
	d->container = d->container_name != NULL;
	d->x86 = !strcmp(d->arch, "x86_64");
	row("system", "%s, kernel %s, %s%s%s%s", *d->os ? d->os : "unknown", d->kernel, d->arch,
	    d->wsl2   ? ", WSL 2"
	    : d->wsl1 ? ", WSL 1"
		      : "",
	    d->container ? ", in a container: " : "", d->container ? d->container_name : "");
	if (!d->linux_os)
		todo("the labs are for Linux: use a virtual machine, a container or WSL 2");
	if (d->wsl1)
		todo("WSL 1 has no Linux kernel: wsl --set-version <this distribution> 2");
	if (!d->x86)
		todo("not x86-64: the guests are, so the labs are cross-built and run in the svm "
		     "engine");
}

/* What the CPU itself says: CPUID leaf 1, ECX bits 5 (VMX) and 31 (a hypervisor is below). */
static void ask_cpu(struct doctor *d)
{
#ifdef __x86_64__
	unsigned a, b, c, e;

	if (*d->root || !__get_cpuid(1, &a, &b, &c, &e))
		return;
	d->cpuid_vmx = c >> 5 & 1;
	if (!(c >> 31))
		return;
	d->guest = true;
	__cpuid(0x40000000, a, b, c, e);
	memcpy(d->hypervisor, &b, 4);
	memcpy(d->hypervisor + 4, &c, 4);
	memcpy(d->hypervisor + 8, &e, 4);
	for (char *p = d->hypervisor; *p; p++)
		*p = isprint((unsigned char)*p) ? *p : '?';
#endif
}

void look_at_cpu(struct doctor *d)
{
	static char text[65536], flags[8192];

	if (!look(d, "/proc/cpuinfo", text, sizeof(text)))
		*text = 0;
	value_of(text, "model name", d->model, sizeof(d->model));
	value_of(text, "flags", flags, sizeof(flags) - 2);
	strcat(flags, " ");
	d->vmx = strstr(flags, " vmx ") != NULL || !strncmp(flags, "vmx ", 4);
	d->svm = strstr(flags, " svm ") != NULL || !strncmp(flags, "svm ", 4);
	d->guest = strstr(flags, " hypervisor ") != NULL;
	ask_cpu(d);
	row("CPU", "%s; VT-x: %s, AMD-V: %s%s%s%s", *d->model ? d->model : d->arch,
	    d->vmx ? "yes" : "no", d->svm ? "yes" : "no", d->guest ? "; itself a virtual CPU" : "",
	    *d->hypervisor ? " of " : "", d->hypervisor);
	if (d->cpuid_vmx && !d->vmx)
		todo("the CPU has VT-x, but the firmware has switched it off: look for "
		     "\"Virtualization Technology\" in its set-up");
}

static enum kvm_state state_of(int err)
{
	switch (err) {
	case 0:
		return KVM_WORKS;
	case -ENOENT:
		return KVM_MISSING;
	case -EACCES:
	case -EPERM:
		return KVM_FORBIDDEN;
	case -EBUSY:
		return KVM_BUSY;
	default:
		return KVM_BROKEN;
	}
}

static void advise_missing(const struct doctor *d)
{
	if (d->container)
		todo("a container gets it by: docker run --device /dev/kvm ... (if its host has "
		     "it)");
	else if (d->wsl2)
		todo("in Windows, %%UserProfile%%\\.wslconfig: [wsl2] nestedVirtualization=true, "
		     "then: wsl --shutdown");
	else if (d->vmx || d->svm)
		todo("%smodprobe %s", geteuid() ? "sudo " : "", d->vmx ? "kvm_intel" : "kvm_amd");
	else if (d->guest)
		todo("a virtual machine: its host would have to switch on nested virtualization");
}

static void advise_forbidden(const struct doctor *d)
{
	if (d->container)
		todo("a container gets it by: docker run --device /dev/kvm --group-add <its "
		     "group>");
	else
		todo("sudo usermod -aG kvm $USER, then log out and in again");
}

void look_at_kvm(struct doctor *d)
{
	const char *given = getenv("VMMLAB_KVM");
	char path[PATH_MAX];
	int err;

	snprintf(path, sizeof(path), "%s/dev/kvm", d->root);
	if (*d->root && !given)
		setenv("VMMLAB_KVM", path, 1);
	if (!d->x86) {
		snprintf(d->kvm_why, sizeof(d->kvm_why), "this machine is not x86-64");
		row("/dev/kvm", "of no use: the guests are x86-64");
		d->kvm = KVM_BROKEN;
		return;
	}
	err = env_kvm(d->kvm_why, sizeof(d->kvm_why));
	if (!err)
		err = env_kvm_runs(d->kvm_why, sizeof(d->kvm_why));
	d->kvm = state_of(err);
	if (err) {
		row("/dev/kvm", "%s", d->kvm_why);
		if (d->kvm == KVM_MISSING)
			advise_missing(d);
		if (d->kvm == KVM_FORBIDDEN)
			advise_forbidden(d);
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
