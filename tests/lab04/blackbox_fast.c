// SPDX-License-Identifier: MIT
/* Tasks 4.8 and 4.10, from outside: what KVM does by itself makes no exit. */
#include <stdio.h>
#include <string.h>

#include "test.h"

/* A flat guest of a few bytes. */
static struct outcome run_flat(const char *code, const char *option)
{
	const char *path = test_tmpfile("flat");
	FILE *f = fopen(path, "w");

	if (!f || fputs(code, f) < 0 || fclose(f))
		test_error("%s cannot be written", path);
	return run_vmm(&(struct vmm_run){ .image = path, .args = { option, "--timeout=20" } });
}

TEST("4.8", kernel_has_a_controller, 2, .seconds = 0.2)
{
	/* in $0x61, %al; and $3, %al; out %al, $0xf4 */
	static const char read_61[] = "\xe4\x61\x24\x03\xe6\xf4";
	struct outcome o = run_guest("04/first-irq", "--irqchip=kernel");
	unsigned edges = (o.nonce & 7) + 1;
	char text[200];

	snprintf(text, sizeof(text),
		 "edges %u\ninterrupts %u\nheld high, interrupts 1\nmasked, interrupts 1\n", edges,
		 edges);
	CONTEXT("--irqchip=kernel: line 10 rises %u times, then once and stays, then masked",
		edges);
	EXPECT_STR(o.out, text);
	EXPECT_U64(o.status, 0);
	CONTEXT("the guest ended 2 interrupts and more by OUT to ports 0x20 and 0xa0: no exits "
		"now");
	EXPECT_TRUE(!strstr(o.err, "port=0x20"),
		    "the guest's OUT to port 0x20 has left the kernel");
	o = run_guest("04/irq-window", "--irqchip=kernel");
	CONTEXT("--irqchip=kernel: line 10 rises while IF is 0; KVM knows when to inject");
	EXPECT_STR(o.out, "while interrupts are off 0\nafter STI 1\nright behind STI 0\n"
			  "of three lines at once 3\nin this order ab5\noff again 0\n");
	EXPECT_EXITS(o, IRQ_WINDOW, 0);
	o = run_flat(read_61, "--irqchip=kernel");
	CONTEXT("--irqchip=kernel: port 0x61, gate and speaker of the timer, is the kernel's, too");
	EXPECT_U64(o.status, 0);
	EXPECT_EXITS(o, IO_IN, 0);
}

/* What the guest doorbell prints after so many rings. */
static const char *rung(const struct outcome *o, char *text, size_t n)
{
	unsigned rings = 3 * (unsigned)((o->nonce & 255) + 1);

	snprintf(text, n, "rings %08x %08x\nanswered\n", rings, rings);
	return text;
}

TEST("4.8", eventfd_is_an_interrupt, 2)
{
	struct outcome o = run_guest("04/doorbell", "--irqchip=kernel");
	char text[80];

	CONTEXT("--irqchip=kernel: the doorbell answers through an irqfd; HLT is no exit");
	EXPECT_STR(o.out, rung(&o, text, sizeof(text)));
	EXPECT_U64(o.status, 0);
	EXPECT_EXITS(o, HLT, 0);
}

TEST("4.10", rings_without_exits, 2)
{
	struct outcome o = run_guest("04/doorbell");
	u64 n = (o.nonce & 255) + 1, outs = run_report_exits(&o.report, "IO_OUT");
	char text[80];

	CONTEXT("%llu rings by port, twice as many and one by memory: each is an exit, and so is "
		"the "
		"write that asks for an answer",
		(unsigned long long)n);
	EXPECT_STR(o.out, rung(&o, text, sizeof(text)));
	EXPECT_EXITS(o, MMIO_WRITE, 2 * n + 2);
	o = run_guest("04/doorbell", "--doorbell=eventfd");
	CONTEXT("--doorbell=eventfd: the only write that still is one switches the interrupt on");
	EXPECT_STR(o.out, rung(&o, text, sizeof(text)));
	EXPECT_U64(o.status, 0);
	EXPECT_EXITS(o, MMIO_WRITE, 1);
	CONTEXT("--doorbell=eventfd: before, %llu of %llu exits by OUT were rings; now none is",
		(unsigned long long)n, (unsigned long long)outs);
	EXPECT_EXITS(o, IO_OUT, outs - n);
}

TEST("4.10", other_widths_ring_too, 2)
{
	struct outcome o = run_guest("04/mmio-probe", "--doorbell=eventfd");
	unsigned rings = (o.nonce & 7) + 1;
	char text[80];

	snprintf(text, sizeof(text), "rings %08x\nthen %08x\nenable 00000001\n", rings, rings + 6);
	CONTEXT("--doorbell=eventfd: %u rings of four bytes, then two more, and four of other "
		"widths",
		rings);
	EXPECT_CONTAINS(o.out, text);
	EXPECT_U64(o.status, 0);
}
