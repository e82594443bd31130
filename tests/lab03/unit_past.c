// SPDX-License-Identifier: MIT
/* The last exits of a guest under shadow paging, as the obituary has them. */
#include <stdio.h>

#include "fake_guest.h"

static struct {
	struct kvm_run run;
	u8 data[4096];
} page;
static struct recorder rec;

static void exit_by(u32 reason, u16 port)
{
	page.run.exit_reason = reason;
	page.run.io.direction = KVM_EXIT_IO_OUT;
	page.run.io.port = port;
	page.run.io.size = 1;
	page.run.io.count = 1;
	page.run.io.data_offset = offsetof(typeof(page), data);
	recorder_enter(&rec);
	recorder_leave(&rec, 0);
}

/* The guest traps, and its exit is the stub's OUT. */
static void knock(struct fake_guest *g, unsigned vector, u64 error, u64 cr2)
{
	g->trap.cs = 3;
	g->trap.vector = vector;
	g->trap.error = error;
	g->trap.cr2 = cr2;
	exit_by(KVM_EXIT_IO, TRAP_PORT);
	shadow_knock(&g->s);
	g->trap.rip += 0x10;
}

static int install(struct shadow *s, u64 gva, u64 entry, const struct walk *w)
{
	return 0;
}

static const struct shadow_policy installs = { .install = install };

static void expect_view(struct shadow *s, u64 i, const char *expected)
{
	char text[96] = "nothing";
	bool seen = shadow_exit_view(s, i, text, sizeof(text));

	CONTEXT("the last exit but %u", (unsigned)i);
	EXPECT_STR(seen ? text : "as KVM has it", expected);
}

TEST("-", last_exits_are_the_guests_traps, 0)
{
	static struct mailbox mail;
	struct fake_guest g;
	struct shadow *s = fake_guest(&g);
	u16 data = 0x4142;

	recorder_init(&rec, &page.run, -1);
	g.vcpu.rec = &rec;
	s->policy = &installs;
	s->mail = &mail;
	knock(&g, 14, 2, 0x5000);
	if (s->stat.pf_fixed != 1)
		SKIP("task 3.5 comes first");
	exit_by(KVM_EXIT_MMIO, 0);
	knock(&g, 13, 0x18, 0);
	knock(&g, 14, 4, 0x40000000);
	shadow_port_io(s, 0xe9, true, &data, 2);
	exit_by(KVM_EXIT_HLT, 0);
	expect_view(s, 0, "as KVM has it");
	expect_view(s, 2, "#GP error 0x18 at 0x100010");
	expect_view(s, 3, "as KVM has it");
	expect_view(s, 4, "#PF error 0x2 at 0x100000, address 0x5000: mapped");
	expect_view(s, 5, "as KVM has it");
	expect_view(s, 99, "as KVM has it");
	CONTEXT("a trap in which a port was used");
	expect_view(s, 1, "#PF error 0x4 at 0x100020, address 0x40000000: OUT port=0xe9 data=4142");
	for (unsigned i = 0; i < 2 * PAST_TRAPS; i++)
		knock(&g, 14, i, 0x1000 * i);
	expect_view(s, PAST_TRAPS - 1, "#PF error 0x8 at 0x1000b0, address 0x8000: mapped");
	CONTEXT("what is forgotten");
	expect_view(s, PAST_TRAPS, "as KVM has it");
}
