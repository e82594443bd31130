// SPDX-License-Identifier: MIT
/* Intel behind the seven functions. Given. */
#include "cpu_insn.h"
#include "vmx.h"

/* What somebody wants to see refused: words of the command line, see struct spoil. */
static int run(struct guest *guest, struct exit *exit)
{
	const struct spoil *s = &guest->host->spoil;
	int err;

	if (s->has_field && guest->control && !vmx_make_current(guest))
		vmx_put(s->field, s->value);
	guest->launched |= s->resume;
	write_cr2(guest->cr2);
	err = vmx_run(guest, exit);
	guest->cr2 = read_cr2();
	/* A guest that exits all the time is hardly ever there when a tick comes, and the
	 * preemption timer begins anew at each entry: what waits comes in here, as on AMD's CPU at
	 * STGI. */
	if (guest->host->timer && exit->cause != EXIT_INTERRUPT && exit->cause != EXIT_TIMER) {
		interrupts_on();
		interrupts_off();
	}
	return err;
}

/* A step that is over is nothing to inject: the CPU finds it pending, and fills in DR6. */
static int inject(struct guest *guest, const struct event *event)
{
	int err;

	if (!guest->step)
		return vmx_inject(guest, event);
	guest->step = false;
	err = vmx_make_current(guest);
	return err ? err : vmx_put(VMCS_GUEST_PENDING_DEBUG, DR6_BS);
}

const struct hv hv_vmx = {
	.name = "VMX",
	.on = vmx_on,
	.init = vmx_init,
	.run = run,
	.inject = inject,
	.window = vmx_window,
	.flush = vmx_flush,
	.off = vmx_off,
	.open = vmx_open,
};
