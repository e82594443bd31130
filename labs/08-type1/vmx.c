// SPDX-License-Identifier: MIT
/* Intel behind the seven functions. Given. */
#include "vmx.h"

/* What somebody wants to see refused: words of the command line, see struct spoil. */
static int run(struct guest *guest, struct exit *exit)
{
	const struct spoil *s = &guest->host->spoil;

	if (s->has_field && guest->control && !vmx_make_current(guest))
		vmx_put(s->field, s->value);
	guest->launched |= s->resume;
	return vmx_run(guest, exit);
}

const struct hv hv_vmx = {
	.name = "VMX",
	.on = vmx_on,
	.init = vmx_init,
	.run = run,
	.inject = vmx_inject,
	.window = vmx_window,
	.flush = vmx_flush,
	.off = vmx_off,
	.open = vmx_open,
};
