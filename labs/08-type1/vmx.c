// SPDX-License-Identifier: MIT
/* Intel behind the seven functions. Given. */
#include "vmx.h"

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
