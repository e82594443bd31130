// SPDX-License-Identifier: MIT
/* What the chips say in an obituary, of a state that the test has made. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "chip_kernel.h"
#include "chip_user.h"
#include "describe_chips.h"
#include "inject.h"
#include "uart.h"
#include "test.h"

static char *said(describe_fn *describe, const void *ctx)
{
	static char text[4][1000];
	static unsigned turn;
	char *to = text[turn++ % ARRAY_SIZE(text)];
	FILE *f = fmemopen(to, sizeof(text[0]), "w");

	if (!f)
		test_error("no memory");
	describe(ctx, f);
	fclose(f);
	for (char *line = to, *end; (end = strchr(line, '\n')); line = end + 1)
		EXPECT_TRUE(end - line <= 80, "wider than 80 columns: %s", line);
	return to;
}

static u64 at_3000_clocks(void *ctx)
{
	return pit_ns(3000);
}

TEST("-", the_cpu_says_whether_it_takes_interrupts, 0)
{
	struct kvm_run run = { .if_flag = 1, .request_interrupt_window = 1 };
	struct vcpu vcpu = { .run = &run };
	struct pics pics;
	struct inject in = { .vcpu = &vcpu, .pics = &pics };

	EXPECT_STR(said(describe_cpu, &in),
		   "  CPU         IF 1, not ready to take an interrupt, window asked for\n");
	run = (struct kvm_run){ .ready_for_interrupt_injection = 1 };
	EXPECT_STR(said(describe_cpu, &in),
		   "  CPU         IF 0, ready to take an interrupt, window not asked for\n");
	in.pics = NULL;
	CONTEXT("--irqchip=kernel: the rest is KVM's");
	EXPECT_STR(said(describe_cpu, &in), "  CPU         IF 0\n");
}

#define NO_PICS                                                                        \
	"  8259        INT is low\n"                                                   \
	"              master  IRR 00  ISR 00  IMR 00  by level 00  vectors from 00\n" \
	"              slave   IRR 00  ISR 00  IMR 00  by level 00  vectors from 00\n"

TEST("-", chips_that_nobody_has_touched, 0)
{
	struct chip_user user = { .vcpu = NULL };
	struct uart uart = { .dev.io = NULL };

	CONTEXT("no task of theirs is called: they may not be done yet");
	EXPECT_STR(said(describe_chip_user, &user), NO_PICS "  8254        no counter is loaded\n");
	EXPECT_STR(said(describe_uart, &uart),
		   "  UART        IER 00  IIR 01 (no interrupt)  LSR 60  unread input 0\n");
	CONTEXT("loaded, they say, but a count of 0 is not to be divided by; nor is there a clock");
	user.pit.state.channel[0].loaded = user.pit.state.channel[1].loaded = true;
	user.pit.state.channel[1].count = 5;
	EXPECT_STR(said(describe_chip_user, &user),
		   NO_PICS "  8254        counter 1: mode 0, count 5\n");
}

TEST("-", controller_and_timer_of_our_own, 0)
{
	struct chip_user user = {
		.pics.pic = { { .irr = 0x01, .isr = 0x10, .imr = 0xee, .base = 0x20, .lowest = 7 },
			      { .irr = 0x40,
				.imr = 0xff,
				.elcr = 0x0e,
				.base = 0x28,
				.lowest = 7 } },
		.pit.state = { .channel = { { .count = 1000, .mode = 2, .loaded = true },
					    { .count = 4 },
					    { .count = 2000, .mode = 3, .loaded = true } },
			       .delivered = 1,
			       .waiting = true },
		.pit.now = at_3000_clocks,
	};

	if (!pics_pending(&user.pics))
		SKIP("task 4.4 comes first");
	if (pit_edges(user.pit.state.channel, pit_ns(3000)) != 3)
		SKIP("task 4.6 comes first");
	EXPECT_STR(said(describe_chip_user, &user),
		   "  8259        INT is high: it asks the CPU\n"
		   "              master  IRR 01  ISR 10  IMR ee  by level 00  vectors from 20\n"
		   "              slave   IRR 40  ISR 00  IMR ff  by level 0e  vectors from 28\n"
		   "  8254        counter 0: mode 2, count 1000, now 1000, OUT high\n"
		   "              edges due 3, given to the 8259 1, the last one waits in IRR\n"
		   "              counter 2: mode 3, count 2000, now 2000, OUT low\n");
	user.pics.pic[0].isr = 0x01;
	user.pit.state.waiting = false;
	CONTEXT("the line is in service: it has to wait for its EOI");
	EXPECT_CONTAINS(said(describe_chip_user, &user), "8259        INT is low\n");
	EXPECT_CONTAINS(said(describe_chip_user, &user), "to the 8259 1, all taken\n");
}

TEST("-", serial_port_with_input_that_nobody_reads, 0)
{
	struct uart uart = { .state = { .ier = IER_RDA | IER_RLS,
					.fcr = FCR_ENABLE,
					.lsr = LSR_DR | LSR_OE,
					.count = 16 } };

	if (uart_interrupt(&uart) != IIR_RLS)
		SKIP("task 4.7 comes first");
	EXPECT_STR(said(describe_uart, &uart),
		   "  UART        IER 05  IIR c6 (line status)  LSR 63  unread input 16\n");
	uart.state = (struct uart_state){ .ier = IER_RDA, .lsr = LSR_DR };
	EXPECT_STR(said(describe_uart, &uart),
		   "  UART        IER 01  IIR 04 (data)  LSR 61  unread input 1\n");
}

TEST("-", no_controller_of_kvms_says_nothing, 0)
{
	struct chip_kernel k = { .vm_fd = open("/dev/null", O_RDWR | O_CLOEXEC) };

	EXPECT_STR(said(describe_chip_kernel, &k), "");
	close(k.vm_fd);
}
