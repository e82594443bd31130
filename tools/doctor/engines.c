// SPDX-License-Identifier: MIT
/* What follows from all that for the engines. */
#include "doctor.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Does the cache hold something whose name begins so? */
static bool cached(const char *prefix)
{
	char path[PATH_MAX];
	struct dirent *entry;
	bool found = false;
	DIR *dir = cache_place(path) ? opendir(path) : NULL;

	while (dir && (entry = readdir(dir))) {
		const char *rest = entry->d_name + strlen(prefix);

		/* box-svm-0123... is not box-svm-shadow-0123... */
		found |= !strncmp(entry->d_name, prefix, strlen(prefix)) &&
			 strncmp(rest, "shadow", 6) != 0;
	}
	if (dir)
		closedir(dir);
	return found;
}

/* The kernel of the emulated machines: is it there, or can it be got? */
static bool kernel(const struct doctor *d)
{
	const char *image = getenv("KERNEL"), *modules = getenv("MODULES");

	if (image && *image) {
		row("kernel", "KERNEL=%s MODULES=%s", image, modules ? modules : "(not set)");
		return true;
	}
	if (cached("kernel-")) {
		row("kernel", "for the emulated machines: downloaded");
		return true;
	}
	if (d->apt) {
		row("kernel",
		    "for the emulated machines: apt-get will download it at the first use "
		    "(26 MB, not installed)");
		return true;
	}
	row("kernel", "for the emulated machines: missing");
	todo("KERNEL=/boot/vmlinuz-$(uname -r) MODULES=/lib/modules/$(uname -r), or those of any "
	     "x86-64 Linux with kvm_amd and virtio");
	return false;
}

static void box(const char *name, const char *prefix, bool ready)
{
	row(name, "%s",
	    !ready	     ? "no: see above"
	    : cached(prefix) ? "yes, prepared: starts in under a second"
			     : "yes, after it has prepared itself once (about 10 s)");
}

const char *look_at_engines(struct doctor *d)
{
	bool have_kernel = kernel(d), svm = d->qemu && have_kernel;

	row("native", "%s", d->kvm ? "yes" : "no");
	box("svm", "box-svm-", svm);
	box("svm-shadow", "box-svm-shadow-", svm);
	if (svm && d->odd_shadow)
		row("", "(a guest may read KVM's CR3 there: a mistake of QEMU from 9.1 on)");
	row("vmx", "%s",
	    d->bochs && have_kernel ? "yes: it boots each time, a minute or more"
				    : "no: see above");
	if (d->kvm)
		return "native";
	return svm || (d->apt && have_kernel) ? "svm" : NULL;
}
