// SPDX-License-Identifier: MIT
#include "fake_kvm.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

struct fake_kvm fake_kvm;

unsigned fake_count(unsigned long request)
{
	unsigned n = 0;

	for (unsigned i = 0; i < fake_kvm.calls; i++)
		n += fake_kvm.call[i].request == request;
	return n;
}

const void *fake_last(unsigned long request)
{
	static const u8 none[FAKE_ARG_MAX];

	for (unsigned i = fake_kvm.calls; i > 0; i--)
		if (fake_kvm.call[i - 1].request == request)
			return fake_kvm.call[i - 1].arg;
	return none;
}

static void note(unsigned long request, const void *arg)
{
	struct fake_call *call = &fake_kvm.call[fake_kvm.calls];
	size_t size = _IOC_DIR(request) & _IOC_WRITE ? _IOC_SIZE(request) : 0;

	if (fake_kvm.calls == FAKE_CALLS_MAX)
		return;
	fake_kvm.calls++;
	call->request = request;
	if (size)
		memcpy(call->arg, arg, size < FAKE_ARG_MAX ? size : FAKE_ARG_MAX);
}

static int answer(unsigned long request, void *arg)
{
	unsigned after;

	note(request, arg);
	after = fake_count(request) - fake_kvm.passes;
	if (request == fake_kvm.fails && fake_count(request) > fake_kvm.passes &&
	    (after == 1 || !fake_kvm.once))
		return fake_kvm.err;
	if (request == KVM_GET_VCPU_EVENTS)
		memcpy(arg, &fake_kvm.events, sizeof(fake_kvm.events));
	if (request == KVM_GET_DIRTY_LOG)
		memcpy(((struct kvm_dirty_log *)arg)->dirty_bitmap, &fake_kvm.dirty,
		       sizeof(fake_kvm.dirty));
	return request == KVM_CHECK_EXTENSION ? fake_kvm.extension : 0;
}

int ioctl(int fd, unsigned long request, ...)
{
	va_list ap;
	void *arg;
	int ret;

	va_start(ap, request);
	arg = va_arg(ap, void *);
	va_end(ap);
	if (!fake_kvm.on || _IOC_TYPE(request) != KVMIO)
		return (int)syscall(SYS_ioctl, fd, request, arg);
	ret = answer(request, arg);
	if (ret >= 0)
		return ret;
	errno = -ret;
	return -1;
}
