// SPDX-License-Identifier: MIT
/* Tasks 8.9 and 8.10, Intel's half: events, the way back, and what is forgotten; on a fake CPU. */
#include <errno.h>
#include <string.h>

#include "fake_vmx.h"
#include "machine_map.h"

static void machine(bool timer)
{
	fake_intel_on();
	fake.host.timer = timer;
	EXPECT_ERR(vmx_init(&fake.g, GUEST_LONG, 0x100000), 0);
	fake.g.view.cr0 = CR0_PE;
	fake_vmx.invalidations = 0;
	fake.trace[0] = 0;
}

static struct exit run_once(void)
{
	struct exit exit;

	EXPECT_ERR(vmx_run(&fake.g, &exit), 0);
	fake_expect_entry();
	return exit;
}

static void expect_event(struct event event, u32 field)
{
	machine(false);
	EXPECT_ERR(vmx_inject(&fake.g, &event), 0);
	EXPECT_U64(fake_field(VMCS_ENTRY_EVENT), field);
	if (event.has_code && field & EVENT_ERROR_CODE)
		EXPECT_U64(fake_field(VMCS_ENTRY_ERROR_CODE), event.code);
}

TEST("8.9", vmx_events_go_in, 0)
{
	const struct event interrupt = { .type = EVENT_INTERRUPT, .vector = 0x31 };

	CONTEXT("an interrupt");
	expect_event(interrupt, 0x80000031);
	CONTEXT("only one at a time");
	EXPECT_ERR(vmx_inject(&fake.g, &interrupt), -EBUSY);
	run_once();
	CONTEXT("the CPU has delivered it: there is room again");
	EXPECT_ERR(vmx_inject(&fake.g, &interrupt), 0);
	CONTEXT("an NMI");
	expect_event((struct event){ .type = EVENT_NMI, .vector = 2 }, 0x80000202);
	CONTEXT("exceptions, without and with an error code");
	expect_event((struct event){ .type = EVENT_EXCEPTION, .vector = 6 }, 0x80000306);
	expect_event(
		(struct event){
			.type = EVENT_EXCEPTION, .vector = 13, .has_code = true, .code = 0x18 },
		0x80000b0d);
	run_once();
	CONTEXT("INT n, which has a length");
	expect_event((struct event){ .type = EVENT_SOFTWARE, .vector = 0x80 }, 0x80000480);
	run_once();
	EXPECT_U64(fake_field(VMCS_ENTRY_LENGTH), 2);
}

TEST("8.9", no_error_code_in_real_mode, 0)
{
	const struct event gp = { EVENT_EXCEPTION, 13, true, 0 };

	fake_intel_on();
	EXPECT_ERR(vmx_init(&fake.g, GUEST_REAL, GUEST_FLAT), 0);
	CONTEXT("#GP in real mode: with an error code, the entry would be refused");
	EXPECT_ERR(vmx_inject(&fake.g, &gp), 0);
	EXPECT_U64(fake_field(VMCS_ENTRY_EVENT), 0x8000030d);
	run_once();
}

TEST("8.9", vmx_window_is_one_bit, 0)
{
	u64 before;

	machine(false);
	before = fake_field(VMCS_PRIMARY);
	vmx_window(&fake.g, true);
	EXPECT_U64(fake_field(VMCS_PRIMARY), before | PRIMARY_WINDOW);
	vmx_window(&fake.g, false);
	EXPECT_U64(fake_field(VMCS_PRIMARY), before);
}

TEST("8.9", each_guest_has_its_own_events, 0)
{
	struct guest other;

	machine(false);
	other = fake.g;
	other.tag = 2;
	EXPECT_ERR(vmx_init(&other, GUEST_LONG, 0x100000), 0);
	CONTEXT("another guest was made since, and its VMCS is current: the event and the window "
		"are the first one's");
	EXPECT_ERR(vmx_inject(&fake.g, &(struct event){ EVENT_INTERRUPT, 0x31, false, 0 }), 0);
	EXPECT_U64(fake_field(VMCS_ENTRY_EVENT), 0x80000031);
	EXPECT_ERR(vmx_make_current(&other), 0);
	EXPECT_U64(fake_field(VMCS_ENTRY_EVENT), 0);
	vmx_window(&fake.g, true);
	EXPECT_ERR(vmx_make_current(&other), 0);
	EXPECT_U64(fake_field(VMCS_PRIMARY) & PRIMARY_WINDOW, 0);
	EXPECT_ERR(vmx_make_current(&fake.g), 0);
	EXPECT_U64(fake_field(VMCS_PRIMARY) & PRIMARY_WINDOW, PRIMARY_WINDOW);
}

static void interrupted(struct regs *regs)
{
	fake_exit(REASON_INTERRUPT, 0, 0);
	fake_set(VMCS_EXIT_EVENT, 0x80000020);
}

static void timed_out(struct regs *regs)
{
	fake_exit(REASON_TIMER, 0, 0);
}

TEST("8.9", the_hosts_interrupt_is_served, 1)
{
	machine(false);
	CONTEXT("acknowledge interrupt on exit: the exit has the vector, 0x20, and it is gone from "
		"the chip");
	EXPECT_U64(fake_field(VMCS_EXIT) & EXIT_ACKNOWLEDGE, EXIT_ACKNOWLEDGE);
	fake_vmx.guest = interrupted;
	EXPECT_U64(run_once().cause, EXIT_INTERRUPT);
	EXPECT_CONTAINS(fake.trace, "INTERRUPT 20\n");
	CONTEXT("other exits serve nothing");
	fake.trace[0] = 0;
	fake_vmx.guest = NULL;
	run_once();
	EXPECT_TRUE(!strstr(fake.trace, "INTERRUPT"), "%s", fake.trace);
}

TEST("8.9", the_preemption_timer, 0)
{
	machine(false);
	CONTEXT("a host without a timer wants no preemption timer");
	EXPECT_U64(fake_field(VMCS_PIN) & PIN_TIMER, 0);
	machine(true);
	CONTEXT("it counts once in 2^5 ticks, says IA32_VMX_MISC");
	EXPECT_U64(fake_field(VMCS_PIN) & PIN_TIMER, PIN_TIMER);
	EXPECT_U64(fake_field(VMCS_GUEST_TIMER), VMX_SLICE >> 5);
	fake_vmx.guest = timed_out;
	EXPECT_U64(run_once().cause, EXIT_TIMER);
	CONTEXT("an interrupt of the host's may wait: let it in, and close the door");
	EXPECT_CONTAINS(fake.trace, "STI\nCLI\n");
	fake_msr_set(IA32_VMX_MISC, 0x2001000a);
	CONTEXT("and another CPU once in 2^10");
	EXPECT_U64(vmx_timer_value(), VMX_SLICE >> 10);
}

/* --- 8.10 --- */

static void expect_flush(unsigned i, bool ept, u64 type, u64 what)
{
	const struct fake_invalidation *f = &fake_vmx.invalidation[i];

	EXPECT_TRUE(i < fake_vmx.invalidations, "only %u invalidations", fake_vmx.invalidations);
	EXPECT_STR(f->ept ? "INVEPT" : "INVVPID", ept ? "INVEPT" : "INVVPID");
	EXPECT_U64(f->type, type);
	EXPECT_U64_AS("what the descriptor names", f->what, what);
	EXPECT_U64(f->address, 0);
}

TEST("8.10", a_guest_is_forgotten, 1)
{
	machine(false);
	fake.g.tag = 7;
	vmx_flush(&fake.g, FLUSH_GUEST);
	expect_flush(0, true, INVEPT_ONE, fake.g.nested.ept.root | 0x1e);
	expect_flush(1, false, INVVPID_ONE, 7);
	EXPECT_U64(fake_vmx.invalidations, 2);
}

TEST("8.10", all_are_forgotten, 0)
{
	machine(false);
	vmx_flush(&fake.g, FLUSH_ALL);
	expect_flush(0, true, INVEPT_ALL, 0);
	expect_flush(1, false, INVVPID_ALL, 0);
	EXPECT_U64(fake_vmx.invalidations, 2);
}

TEST("8.10", a_cpu_that_forgets_only_all, 1)
{
	machine(false);
	CONTEXT("IA32_VMX_EPT_VPID_CAP offers the types for all, and no others");
	fake_msr_set(IA32_VMX_EPT_VPID_CAP, 0x0000040104104141);
	vmx_flush(&fake.g, FLUSH_GUEST);
	expect_flush(0, true, INVEPT_ALL, 0);
	expect_flush(1, false, INVVPID_ALL, 0);
	fake_vmx.invalidations = 0;
	CONTEXT("it offers INVEPT for one, and INVVPID only for all");
	fake_msr_set(IA32_VMX_EPT_VPID_CAP, 0x0000040106104141);
	vmx_flush(&fake.g, FLUSH_GUEST);
	expect_flush(0, true, INVEPT_ONE, fake.g.nested.ept.root | 0x1e);
	expect_flush(1, false, INVVPID_ALL, 0);
}

TEST("8.10", what_there_is_not_is_not_flushed, 0)
{
	machine(false);
	fake.g.nested.map = NULL;
	vmx_flush(&fake.g, FLUSH_GUEST);
	expect_flush(0, false, INVVPID_ONE, 1);
	EXPECT_U64(fake_vmx.invalidations, 1);
	fake.host.tags = 0;
	vmx_flush(&fake.g, FLUSH_ALL);
	EXPECT_U64(fake_vmx.invalidations, 1);
	fake.host.tags = 65536;
	fake.g.tag = 0;
	CONTEXT("tag 0 is the host's: a guest without a tag of its own");
	vmx_flush(&fake.g, FLUSH_GUEST);
	EXPECT_U64(fake_vmx.invalidations, 1);
}

TEST("8.10", a_new_guest_forgets_the_last_one_of_its_tag, 0)
{
	fake_intel_on();
	EXPECT_ERR(vmx_init(&fake.g, GUEST_REAL, GUEST_FLAT), 0);
	CONTEXT("another guest may have had this tag, and what the CPU remembers is by tag");
	EXPECT_U64(fake_field(VMCS_VPID), 1);
	expect_flush(1, false, INVVPID_ONE, 1);
}
