// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "kvm_device.h"
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

int fail_kvm(const char *path, int err)
{
	char reason[KVM_SENTENCE_MAX];

	if (err == -ENOSYS && todo_count())
		return 1;
	kvm_sentence(reason, sizeof(reason), path, err, "");
	return fail(path, reason);
}

int fail_usage(const char *reason)
{
	fprintf(stderr, "vmm: %s\n", reason);
	return 2;
}
