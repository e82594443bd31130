// SPDX-License-Identifier: MIT
/* Task 8.9: events, into the guest and out of it. */
#include "vmx.h"

#include <errno.h>

#include "cpu_insn.h"
#include "host_pic.h"
#include "todo.h"

int vmx_inject(struct guest *guest, const struct event *event)
{
	/* TASK 8.9 */
#if SOL >= 809
	static const u32 types[] = {
		[EVENT_INTERRUPT] = 0,
		[EVENT_NMI] = 2,
		[EVENT_EXCEPTION] = 3,
		[EVENT_SOFTWARE] = 4,
	};
	bool code = event->has_code && (guest->view.cr0 & CR0_PE);
	int err = vmx_make_current(guest);

	if (err)
		return err;
	if (vmx_get(VMCS_ENTRY_EVENT) & EVENT_VALID)
		return -EBUSY;
	if (code)
		err = vmx_put(VMCS_ENTRY_ERROR_CODE, event->code);
	if (!err && event->type == EVENT_SOFTWARE)
		err = vmx_put(VMCS_ENTRY_LENGTH, INT_LENGTH);
	return err ? err
		   : vmx_put(VMCS_ENTRY_EVENT, EVENT_VALID | EVENT_TYPE(types[event->type]) |
						       (code ? EVENT_ERROR_CODE : 0) |
						       event->vector);
#else
	return TODO("8.9");
#endif
}

void vmx_window(struct guest *guest, bool wanted)
{
	/* TASK 8.9 */
#if SOL >= 809
	u64 primary;

	if (vmx_make_current(guest))
		return;
	primary = vmx_get(VMCS_PRIMARY) & ~(u64)PRIMARY_WINDOW;
	vmx_put(VMCS_PRIMARY, primary | (wanted ? PRIMARY_WINDOW : 0));
#else
	if (wanted)
		TODO("8.9");
#endif
}

u32 vmx_exit_controls(void)
{
	/* TASK 8.9 */
#if SOL >= 809
	return EXIT_ACKNOWLEDGE;
#else
	return (TODO_NOTED("8.9"), 0);
#endif
}

void vmx_serve(const struct exit *exit)
{
	/* TASK 8.9 */
#if SOL >= 809
	if (exit->cause == EXIT_INTERRUPT && exit->event.type == EVENT_INTERRUPT)
		interrupt_serve(exit->event.vector);
	if (exit->cause == EXIT_TIMER) {
		interrupts_on();
		interrupts_off();
	}
#else
	if (exit->cause == EXIT_INTERRUPT)
		TODO("8.9");
#endif
}

u32 vmx_pin_controls(const struct guest *guest)
{
	/* TASK 8.9 */
#if SOL >= 809
	return guest->host->timer ? PIN_TIMER : 0;
#else
	return (TODO_NOTED("8.9"), 0);
#endif
}

u32 vmx_timer_value(void)
{
	/* TASK 8.9 */
#if SOL >= 809
	return VMX_SLICE >> (rdmsr(IA32_VMX_MISC) & 31);
#else
	return (TODO_NOTED("8.9"), 0);
#endif
}
