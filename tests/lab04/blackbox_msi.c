// SPDX-License-Identifier: MIT
/* Task 4.11, from outside: interrupts that are messages. */
#include <stdio.h>
#include <string.h>

#include "test.h"

/* The second digit of the vector 0x5., 0x6. or 0x7. is one of the nonce. */
static unsigned vector(const struct outcome *o, unsigned n)
{
	return 0x50 + 16 * n + (o->nonce >> 4 * n & 15);
}

TEST("4.11", messages_by_priority, 0)
{
	struct outcome o = run_guest("04/msi", "--irqchip=kernel", "--timeout=5");
	unsigned low = vector(&o, 0), mid = vector(&o, 1), high = vector(&o, 2);
	char text[200];

	snprintf(text, sizeof(text),
		 "by priority (%x )%x (%x )%x (%x )%x\nonce (%x )%x\n"
		 "masked waits 4 then (%x )%x waits 0\nnobody\n",
		 high, high, mid, mid, low, low, mid, mid, high, high);
	CONTEXT("messages with the vectors %x, %x and %x; one twice; one masked; and some that "
		"are for nobody",
		low, high, mid);
	EXPECT_STR(o.out, text);
	EXPECT_U64(o.status, 0);
	CONTEXT("the end of an interrupt goes to the local APIC, which is the kernel's");
	EXPECT_TRUE(!strstr(o.err, "0xfee000b0"), "the guest's EOI has left the kernel");
}

TEST("4.11", a_message_interrupts_by_priority, 0)
{
	struct outcome o = run_guest("04/msi-nested", "--irqchip=kernel", "--timeout=5");
	unsigned first = vector(&o, 0), more = 0x60 + (o.nonce >> 4 & 15);
	char text[80];

	if (strstr(o.out, "nothing is in service"))
		SKIP("this KVM's local APIC does not note what is in service");
	snprintf(text, sizeof(text), "nested (%x (%x )%x )%x (%x )%x\n", first, more, more, first,
		 first ^ 15, first ^ 15);
	CONTEXT("in the handler of %x come %x, as urgent, and %x, which is more so", first,
		first ^ 15, more);
	EXPECT_STR(o.out, text);
	EXPECT_U64(o.status, 0);
}

TEST("4.11", without_an_apic, 0)
{
	static const char said[] = "nobody takes the guest's messages";
	struct outcome o = run_guest("04/msi", "--irqchip=user");
	const char *first = strstr(o.err, said);

	CONTEXT("--irqchip=user: there is no local APIC, and the VMM says so once");
	EXPECT_STR(o.out, "by priority\nonce\nmasked waits 4 then waits 0\nnobody\n");
	EXPECT_U64(o.status, 0);
	EXPECT_CONTAINS(o.err, said);
	EXPECT_TRUE(!strstr(first + 1, said), "it has said so more than once");
}

static struct outcome send(u32 address, u32 data)
{
	CONTEXT("the guest has data 0x%x written to address 0x%x", data, address);
	return run_vmm(&(struct vmm_run){ .guest = "04/msi-any",
					  .nonce = (u64)data << 32 | address,
					  .args = { "--irqchip=kernel", "--timeout=0.5" } });
}

TEST("4.11", messages_that_are_none_do_nothing, 0, .seconds = 0.5)
{
	static const u32 address[] = { 1,	   0xb8000,    0x00100000, 0xfea00100, 0xfec00000,
				       0xfedfffff, 0xfef00000, 0xfee01000, 0xffffffff };

	for (unsigned i = 0; i < ARRAY_SIZE(address); i++) {
		struct outcome o = send(address[i], 0x55);

		EXPECT_STR(o.out, "went on\n");
		EXPECT_U64(o.status, 0);
	}
}

/*
 * SMI, NMI, INIT...: the guest may do that to itself. It is its own death at worst, not ours.
 * (Since Linux 6.2 KVM gives up a machine that it cannot bring into system management mode: EIO.)
 */
TEST("4.11", each_kind_of_delivery, 0, .seconds = 2)
{
	for (u32 kind = 0; kind < 16; kind++) {
		struct outcome o = send(0xfee00000, kind << 8 | 0xffff0051);

		EXPECT_TRUE(!o.signalled, "signal %d", o.status - 128);
		if (o.status == 1)
			EXPECT_CONTAINS(o.err, "cannot go on: KVM_RUN: Input/output error");
		else
			EXPECT_TRUE(o.status == 0 || o.status == 3 || o.status == 124, "status %d",
				    o.status);
	}
}
