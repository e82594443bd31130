// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "todo.h"
#include "why.h"

int why_set(struct why *why, int err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why->text, sizeof(why->text), fmt, ap);
	va_end(ap);
	return err;
}

int fail(const char *what, const char *reason)
{
	fprintf(stderr, "vmm: %s: %s\n", what, reason);
	return 1;
}

int fail_errno(const char *what, int err)
{
	return err == -ENOSYS && todo_count() ? 1 : fail(what, strerror(-err));
}

static const char *kvm_reason(int err)
{
	switch (-err) {
	case ENOENT:
	case ENXIO:
	case ENODEV:
		return "no KVM here; load it with `sudo modprobe kvm_intel` or `sudo modprobe "
		       "kvm_amd`, or enable virtualization in the firmware";
	case EACCES:
	case EPERM:
		return "permission denied; join its group with `sudo usermod -aG kvm $USER`, then "
		       "log in again";
	case EBUSY:
		return "busy; another hypervisor (VirtualBox?) holds the CPU's virtualization";
	case ENOTTY:
		return "this file answers no KVM call; it is not a KVM device";
	case EPROTO:
		return "it does not speak version 12 of the KVM API, the only one ever released";
	case EOPNOTSUPP:
		return "this KVM lacks a capability that every lab needs (user memory regions)";
	default:
		return strerror(-err);
	}
}

int fail_kvm(const char *path, int err)
{
	return err == -ENOSYS ? 1 : fail(path, kvm_reason(err));
}

int fail_usage(const char *reason)
{
	fprintf(stderr, "vmm: %s\n", reason);
	return 2;
}
