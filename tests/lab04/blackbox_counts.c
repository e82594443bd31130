// SPDX-License-Identifier: MIT
/*
 * What accesses, rings and interrupts cost, in exits to user space. The guests of `./lab bench
 * LAB=04` do one thing n times; two runs that differ in n only tell exactly what doing it once more
 * costs. (Never in time: that is the engine's.)
 */
#include <stdio.h>
#include <string.h>

#include "nonce.h"
#include "test.h"

#define FEW  7
#define MANY 47 /* below 64: see guests/lib/times.inc */
#define MORE (MANY - FEW)

/* All exits of a run in which the guest has to say so. */
static u64 run_times(const char *guest, const char *option, u32 n, const char *says, u32 number)
{
	struct outcome o = run_vmm(&(struct vmm_run){
		.guest = guest, .nonce = (nonce_random() | 1) << 32 | n, .args = { option } });
	char text[120];
	u64 exits = 0;

	snprintf(text, sizeof(text), "%s %08x\n", says, number);
	CONTEXT("%s %s, %u times", guest, option, n);
	EXPECT_CONTAINS(o.out, text);
	EXPECT_U64(o.status, 0);
	for (unsigned i = 0; i < o.report.nkinds; i++)
		exits += o.report.kinds[i].count;
	return exits;
}

/* What MORE operations cost. The guest counts so many for each. */
static u64 cost(const char *guest, const char *option, const char *says, u32 counts)
{
	u64 few = run_times(guest, option, FEW, says, FEW * counts);
	u64 many = run_times(guest, option, MANY, says, MANY * counts);

	CONTEXT("%s %s: what %u times cost more than %u times", guest, option, MANY, FEW);
	return many - few;
}

TEST("-", a_ring_costs_one_exit_or_none, 0, .seconds = 0.5)
{
	EXPECT_U64(cost("04/bench-port", "--doorbell=exit", "rings", 1), MORE);
	EXPECT_U64(cost("04/bench-port", "--doorbell=eventfd", "rings", 1), 0);
	EXPECT_U64(cost("04/bench-memory", "--doorbell=exit", "rings", 1), MORE);
	EXPECT_U64(cost("04/bench-memory", "--doorbell=eventfd", "rings", 1), 0);
}

/* KVM hands out a string byte by byte, and takes one in as a whole. */
TEST("-", a_string_costs_an_exit_a_byte_out_one_in, 0, .seconds = 0.5)
{
	EXPECT_U64(cost("04/bench-outs", "--doorbell=exit", "rings", 32), MORE * 32);
	EXPECT_U64(cost("04/bench-ins", "--doorbell=exit", "sum of the last bytes", 1), MORE);
}

/* The line up and down, and with our own controllers, the end of interrupt for both. */
TEST("-", an_interrupt_costs_four_exits_two_or_one, 0, .seconds = 0.5)
{
	EXPECT_U64(cost("04/bench-line", "--irqchip=user", "interrupts", 1), 4 * MORE);
	EXPECT_U64(cost("04/bench-line", "--irqchip=kernel", "interrupts", 1), 2 * MORE);
	EXPECT_U64(cost("04/bench-answer", "--irqchip=user", "interrupts", 1), 3 * MORE);
	EXPECT_U64(cost("04/bench-answer", "--irqchip=kernel", "interrupts", 1), MORE);
}

TEST("-", options_of_lab_03_that_help_names, 0)
{
	struct outcome o = run_guest("04/vga-text", "--vga=mmio", "--dirty-log", "--verbose");

	if (strstr(o.err, "is not done yet"))
		SKIP("task 4.3 comes first");
	CONTEXT("--verbose: the slots; --dirty-log: the pages that the guest has written");
	EXPECT_CONTAINS(o.err, "vmm: 3.10 slot 0: 0x0 to 0x9ffff, RAM\n");
	EXPECT_CONTAINS(o.err, "dirty pages in slot 1: ");
	EXPECT_U64(o.status, 0);
	o = run_guest("04/vga-text", "--vga=ram", "--dirty-log");
	CONTEXT("the screen in RAM is drawn by that log, which KVM forgets when it is asked");
	EXPECT_STR(o.err, "vmm: --dirty-log: not with --vga=ram, which needs the log itself\n");
	EXPECT_U64(o.status, 2);
}
