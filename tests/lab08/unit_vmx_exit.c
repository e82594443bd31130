// SPDX-License-Identifier: MIT
/* Task 8.8: what an exit says, and a guest's memory by an EPT, on a fake CPU. */
#include <errno.h>

#include "fake_vmx.h"
#include "machine_map.h"

static void machine(void)
{
	fake_intel_on();
	EXPECT_ERR(vmx_init(&fake.g, GUEST_REAL, GUEST_FLAT), 0);
}

static struct {
	u32 reason, length;
	u64 qualification;
	u64 field[4][2];
} next;

static void guest_exits(struct regs *regs)
{
	fake_exit(next.reason, next.qualification, next.length);
	for (unsigned i = 0; i < ARRAY_SIZE(next.field) && next.field[i][0]; i++)
		fake_set(next.field[i][0], next.field[i][1]);
}

static struct exit run_to(void)
{
	struct exit exit;

	fake_vmx.guest = guest_exits;
	EXPECT_ERR(vmx_run(&fake.g, &exit), 0);
	fake_expect_entry();
	EXPECT_U64(exit.raw, next.reason);
	return exit;
}

static void expect_cause(u32 reason, u32 length, enum exit_cause cause, unsigned expected)
{
	struct exit exit;

	next.reason = reason;
	next.length = length;
	CONTEXT("exit reason %u; the VMCS says that its instruction has %u bytes", reason, length);
	exit = run_to();
	EXPECT_U64(exit.cause, cause);
	EXPECT_U64(exit.length, expected);
}

TEST("8.8", causes_and_lengths, 0)
{
	machine();
	expect_cause(REASON_HLT, 1, EXIT_HLT, 1);
	expect_cause(REASON_CPUID, 3, EXIT_CPUID, 3);
	expect_cause(REASON_IO, 2, EXIT_IO, 2);
	expect_cause(REASON_RDMSR, 2, EXIT_RDMSR, 2);
	expect_cause(REASON_WRMSR, 5, EXIT_WRMSR, 5);
	expect_cause(REASON_VMCALL, 3, EXIT_HYPERCALL, 3);
	CONTEXT("these are no instructions that the hypervisor does for the guest");
	expect_cause(REASON_TRIPLE_FAULT, 7, EXIT_SHUTDOWN, 0);
	expect_cause(REASON_WINDOW, 7, EXIT_WINDOW, 0);
	expect_cause(REASON_EPT_VIOLATION, 7, EXIT_MEMORY, 0);
	CONTEXT("the basic reason is in bits 15:0; above them are flags, bit 29 for one");
	expect_cause(1U << 29 | REASON_CPUID, 2, EXIT_CPUID, 2);
	CONTEXT("nobody has asked for these");
	expect_cause(REASON_CR, 3, EXIT_OTHER, 0);
	expect_cause(REASON_EPT_MISCONFIGURATION, 3, EXIT_OTHER, 0);
}

static void expect_io(u64 qualification, struct exit_io io)
{
	struct exit exit;

	next.reason = REASON_IO;
	next.length = 1;
	next.qualification = qualification;
	CONTEXT("an I/O exit with the qualification 0x%llx", (unsigned long long)qualification);
	exit = run_to();
	EXPECT_U64(exit.io.port, io.port);
	EXPECT_U64(exit.io.size, io.size);
	EXPECT_U64(exit.io.in, io.in);
	EXPECT_U64(exit.io.string, io.string);
	EXPECT_U64(exit.io.rep, io.rep);
}

TEST("8.8", ports, 1)
{
	machine();
	expect_io(0x00e90040, (struct exit_io){ .port = 0xe9, .size = 1 });
	expect_io(0x03f8000b, (struct exit_io){ .port = 0x3f8, .size = 4, .in = true });
	expect_io(0xffff0031,
		  (struct exit_io){ .port = 0xffff, .size = 2, .string = true, .rep = true });
	expect_io(0x00e90018, (struct exit_io){ .port = 0xe9, .size = 1, .in = 1, .string = 1 });
}

static void expect_memory(u64 qualification, struct exit_memory m)
{
	struct exit exit;

	next.reason = REASON_EPT_VIOLATION;
	next.qualification = qualification;
	next.field[0][0] = VMCS_GUEST_PHYSICAL;
	next.field[0][1] = 0x123456;
	CONTEXT("an EPT violation with the qualification 0x%llx",
		(unsigned long long)qualification);
	exit = run_to();
	EXPECT_U64(exit.memory.address, 0x123456);
	EXPECT_U64(exit.memory.write, m.write);
	EXPECT_U64(exit.memory.fetch, m.fetch);
	EXPECT_U64(exit.memory.present, m.present);
	EXPECT_U64(exit.memory.walking, m.walking);
}

TEST("8.8", violations, 1)
{
	machine();
	expect_memory(0x181, (struct exit_memory){ .write = false });
	expect_memory(0x182, (struct exit_memory){ .write = true });
	expect_memory(0x184, (struct exit_memory){ .fetch = true });
	expect_memory(0x18a, (struct exit_memory){ .write = true, .present = true });
	expect_memory(0x1a2, (struct exit_memory){ .write = true, .present = true });
	CONTEXT("bit 8 is 0: the CPU was reading the guest's own page tables");
	expect_memory(0x081, (struct exit_memory){ .walking = true });
	CONTEXT("bits 7 and 8 are 0: there was no linear address, and so no walk");
	expect_memory(0x001, (struct exit_memory){ .write = false });
}

TEST("8.8", events_of_an_exit, 1)
{
	struct exit exit;

	machine();
	CONTEXT("an exception: #PF, with an error code, and CR2 in the qualification");
	next.reason = REASON_EXCEPTION;
	next.qualification = 0xdead000;
	next.field[0][0] = VMCS_EXIT_EVENT;
	next.field[0][1] = 0x80000b0e;
	next.field[1][0] = VMCS_EXIT_ERROR_CODE;
	next.field[1][1] = 6;
	exit = run_to();
	EXPECT_U64(exit.cause, EXIT_EXCEPTION);
	EXPECT_U64(exit.event.type, EVENT_EXCEPTION);
	EXPECT_U64(exit.event.vector, 14);
	EXPECT_TRUE(exit.event.has_code);
	EXPECT_U64(exit.event.code, 6);
	EXPECT_U64(exit.memory.address, 0xdead000);
	EXPECT_U64(exit.under_way.type, EVENT_NONE);

	CONTEXT("an EPT violation while interrupt 0x31 was being delivered");
	next.reason = REASON_EPT_VIOLATION;
	next.field[0][0] = VMCS_IDT_EVENT;
	next.field[0][1] = 0x80000031;
	next.field[1][0] = VMCS_GUEST_PHYSICAL;
	next.field[1][1] = 0x5000;
	exit = run_to();
	EXPECT_U64(exit.under_way.type, EVENT_INTERRUPT);
	EXPECT_U64(exit.under_way.vector, 0x31);
	EXPECT_TRUE(!exit.under_way.has_code);

	CONTEXT("and while an exception with an error code was");
	next.field[0][1] = 0x80000b0d;
	next.field[2][0] = VMCS_IDT_ERROR_CODE;
	next.field[2][1] = 0x18;
	exit = run_to();
	EXPECT_U64(exit.under_way.type, EVENT_EXCEPTION);
	EXPECT_U64(exit.under_way.vector, 13);
	EXPECT_TRUE(exit.under_way.has_code);
	EXPECT_U64(exit.under_way.code, 0x18);

	CONTEXT("and NMI");
	next.field[0][1] = 0x80000202;
	exit = run_to();
	EXPECT_U64(exit.under_way.type, EVENT_NMI);
}

static struct event event_of(u64 info, u64 code)
{
	struct exit exit;

	next.reason = REASON_EXCEPTION;
	next.qualification = 0xdead000;
	next.field[0][0] = VMCS_EXIT_EVENT;
	next.field[0][1] = info;
	next.field[1][0] = VMCS_EXIT_ERROR_CODE;
	next.field[1][1] = code;
	next.field[2][0] = VMCS_IDT_ERROR_CODE;
	next.field[2][1] = 0x77;
	CONTEXT("an exception whose interruption information is 0x%llx", (unsigned long long)info);
	exit = run_to();
	EXPECT_U64(exit.cause, EXIT_EXCEPTION);
	return exit.event;
}

TEST("8.8", exceptions_of_each_kind, 0)
{
	machine();
	EXPECT_U64(event_of(0x80000b0d, 0x18).code, 0x18);
	EXPECT_TRUE(!event_of(0x80000306, 0x18).has_code);
	CONTEXT("type 6, a software exception: INT3");
	EXPECT_U64(event_of(0x80000603, 0).type, EVENT_EXCEPTION);
	CONTEXT("no valid event");
	EXPECT_U64(event_of(0x00000306, 0).type, EVENT_NONE);
	next.reason = REASON_EPT_VIOLATION;
	next.field[0][0] = VMCS_IDT_EVENT;
	next.field[0][1] = 0x80000480;
	next.field[1][0] = VMCS_GUEST_PHYSICAL;
	CONTEXT("INT 0x80 was under way");
	EXPECT_U64(run_to().under_way.type, EVENT_SOFTWARE);
}

TEST("8.8", an_ept_needs_pages, 0)
{
	fake_intel_on();
	fake.pages.next = fake.pages.end;
	CONTEXT("no pages for tables");
	EXPECT_ERR(vmx_nested_init(&fake.g), -ENOMEM);
	fake.host.nested = false;
	CONTEXT("and a CPU without EPT, which needs none");
	EXPECT_ERR(vmx_nested_init(&fake.g), 0);
	EXPECT_TRUE(!fake.g.nested.map);
}

TEST("8.8", what_int1_makes_comes_by_itself, 0)
{
	struct exit exit;

	machine();
	CONTEXT("an EPT violation while the #DB of INT1 was being delivered (type 5): RIP is still "
		"at the INT1, as at an INT n");
	next.reason = REASON_EPT_VIOLATION;
	next.field[0][0] = VMCS_IDT_EVENT;
	next.field[0][1] = 0x80000501;
	exit = run_to();
	EXPECT_U64(exit.under_way.type, EVENT_SOFTWARE);
	EXPECT_U64(exit.under_way.vector, 1);
}

TEST("8.8", memory_by_an_ept, 1)
{
	struct ept_walk w;

	machine();
	EXPECT_TRUE(fake.g.nested.map && fake.g.nested.entry);
	EXPECT_U64(fake_field(VMCS_SECONDARY) & (SECONDARY_EPT | SECONDARY_UNRESTRICTED),
		   SECONDARY_EPT | SECONDARY_UNRESTRICTED);
	EXPECT_U64(fake_field(VMCS_EPT_POINTER), fake.g.nested.ept.root | 0x1e);
	CONTEXT("two pages: 4 KiB to read and write, 2 MiB to read and fetch");
	EXPECT_ERR(fake.g.nested.map(&fake.g, 0x5000, 0x7000, KiB(4), MAY_READ | MAY_WRITE), 0);
	EXPECT_ERR(fake.g.nested.map(&fake.g, MiB(2), MiB(6), MiB(2), MAY_READ | MAY_FETCH), 0);
	EXPECT_ERR(ept_walk(&fake.g.nested.ept, 0x5123, EPT_R | EPT_W, &w), 0);
	EXPECT_U64(w.machine, 0x7123);
	EXPECT_U64_AS("the entry", w.entry[w.reads - 1], 0x7000 | EPT_R | EPT_W | EPT_TYPE_WB);
	EXPECT_U64((u64)(uintptr_t)fake.g.nested.entry(&fake.g, 0x5000), w.address[w.reads - 1]);
	EXPECT_ERR(ept_walk(&fake.g.nested.ept, MiB(2) + 5, EPT_X, &w), 0);
	EXPECT_U64(w.machine, MiB(6) + 5);
	EXPECT_U64(w.size, MiB(2));
	EXPECT_TRUE(!fake.g.nested.entry(&fake.g, MiB(4)), "nothing is there");
	EXPECT_ERR(fake.g.nested.map(&fake.g, 0x5000, 0x8000, KiB(4), MAY_ALL), -EEXIST);
	EXPECT_ERR(fake.g.nested.map(&fake.g, 0, 0, KiB(8), MAY_ALL), -EINVAL);
}

TEST("8.8", a_real_mode_guest, 0)
{
	struct exit exit;

	machine();
	EXPECT_ERR(vmx_run(&fake.g, &exit), 0);
	fake_expect_entry();
	CONTEXT("real mode, as after INIT");
	EXPECT_U64(fake_field(VMCS_GUEST_CR0) & (CR0_PE | CR0_PG), 0);
	EXPECT_U64(fake.g.view.cr0, CR0_ET);
	EXPECT_U64(fake_field(VMCS_GUEST_ES_LIMIT), 0xffff);
	EXPECT_U64(fake_field(VMCS_GUEST_IDTR_LIMIT), 0xffff);
	EXPECT_U64(fake_field(VMCS_GUEST_CS), 0);
	EXPECT_U64(fake_field(VMCS_GUEST_RIP), GUEST_FLAT);
	EXPECT_U64(fake_field(VMCS_ENTRY) & ENTRY_GUEST_64, 0);
}
