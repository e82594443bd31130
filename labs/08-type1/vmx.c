// SPDX-License-Identifier: MIT
#include "vmx.h"

#include <errno.h>

static int vmx_on(struct host *host)
{
	return -ENOSYS;
}

static int vmx_init(struct guest *guest, enum guest_mode mode, u64 entry)
{
	return -ENOSYS;
}

static int vmx_run(struct guest *guest, struct exit *exit)
{
	return -ENOSYS;
}

static int vmx_inject(struct guest *guest, const struct event *event)
{
	return -ENOSYS;
}

static void vmx_window(struct guest *guest, bool wanted)
{
}

static void vmx_flush(struct guest *guest, enum flush what)
{
}

static void vmx_off(struct host *host)
{
}

const struct hv hv_vmx = {
	.name = "VMX",
	.on = vmx_on,
	.init = vmx_init,
	.run = vmx_run,
	.inject = vmx_inject,
	.window = vmx_window,
	.flush = vmx_flush,
	.off = vmx_off,
};
