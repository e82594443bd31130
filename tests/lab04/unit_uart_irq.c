// SPDX-License-Identifier: MIT
/* Task 4.7: which interrupt the UART asks for, and its line. */
#include "uart_bench.h"

TEST("4.7", the_most_urgent_first, 1)
{
	static const u8 level[] = { 1, 4, 8, 14 };
	struct bench b;
	struct uart *uart = begin(&b);

	for (unsigned i = 0; i < ARRAY_SIZE(level); i++) {
		put(&b, UART_FCR, (u8)(FCR_ENABLE | FCR_CLEAR_RX | i << 6));
		put(&b, UART_IER, IER_RDA);
		for (unsigned n = 1; n < level[i]; n++) {
			uart_receive(uart, 'x');
			CONTEXT("%u bytes, trigger level %u", n, level[i]);
			EXPECT_U64(uart_interrupt(uart), IIR_TIMEOUT);
		}
		uart_receive(uart, 'x');
		CONTEXT("%u bytes, trigger level %u", level[i], level[i]);
		EXPECT_U64(uart_interrupt(uart), IIR_RDA);
		put(&b, UART_IER, IER_THRE | IER_RLS | IER_MS);
		CONTEXT("the bytes are there, but only other interrupts are enabled");
		EXPECT_U64(uart_interrupt(uart), IIR_THRE);
		put(&b, UART_IER, 0);
		EXPECT_U64(uart_interrupt(uart), IIR_NONE);
	}
	put(&b, UART_FCR, 0xc0);
	put(&b, UART_IER, IER_RDA | IER_THRE);
	uart_receive(uart, 'x');
	CONTEXT("a trigger level of 14 without FIFO: a byte is data");
	EXPECT_U64(in(&b, UART_IIR), IIR_RDA);
	put(&b, UART_FCR, FCR_ENABLE | FCR_CLEAR_RX | 0x80);
	uart_receive(uart, 'x');
	CONTEXT("the time-out is as urgent as data: before THRE");
	EXPECT_U64(in(&b, UART_IIR), IIR_FIFO | IIR_TIMEOUT);
	put(&b, UART_IER, 0);
	put(&b, UART_FCR, FCR_ENABLE | 0xc0);
	put(&b, UART_IER, 0x0f);
	receive(uart, "yyyyyyyyyyyyyyyy");
	CONTEXT("an overrun, data and an empty transmitter: line status, then data, then THRE");
	EXPECT_U64(in(&b, UART_IIR), IIR_FIFO | IIR_RLS);
	EXPECT_U64(in(&b, UART_IIR), IIR_FIFO | IIR_RLS);
	in(&b, UART_LSR);
	EXPECT_U64(in(&b, UART_IIR), IIR_FIFO | IIR_RDA);
	put(&b, UART_FCR, FCR_ENABLE | FCR_CLEAR_RX);
	EXPECT_U64(in(&b, UART_IIR), IIR_FIFO | IIR_THRE);
	EXPECT_U64(in(&b, UART_IIR), IIR_FIFO | IIR_NONE);
}

TEST("4.7", what_is_not_enabled_does_not_interrupt, 1)
{
	struct bench b;
	struct uart *uart = begin(&b);

	receive(uart, "xy");
	for (u8 ier = 0; ier <= IER_MASK; ier++) {
		put(&b, UART_IER, 0);
		put(&b, UART_IER, ier);
		CONTEXT("an overrun, a byte and an empty transmitter; of them IER %02x wants", ier);
		EXPECT_U64(uart_interrupt(uart), ier & IER_RLS	  ? IIR_RLS
						 : ier & IER_RDA  ? IIR_RDA
						 : ier & IER_THRE ? IIR_THRE
								  : IIR_NONE);
	}
}

TEST("4.7", a_time_out_whatever_else, 0)
{
	struct bench b;
	struct uart *uart = begin(&b);

	put(&b, UART_FCR, FCR_ENABLE | 0xc0);
	receive(uart, "x");
	for (u8 ier = IER_RDA; ier <= IER_MASK; ier += 2) {
		put(&b, UART_IER, ier);
		CONTEXT("one byte, a trigger level of 14, IER %02x: the time-out", ier);
		EXPECT_U64(uart_interrupt(uart), IIR_TIMEOUT);
	}
}

TEST("4.7", the_interrupt_line, 1)
{
	struct bench b;
	struct uart *uart = begin(&b);

	put(&b, UART_FCR, FCR_ENABLE);
	put(&b, UART_IER, IER_RDA);
	EXPECT_U64(b.edges, 0);
	receive(uart, "ab");
	CONTEXT("the line goes up with the first byte and down when the last has been read");
	EXPECT_TRUE(b.level);
	EXPECT_U64(b.edges, 1);
	in(&b, UART_DATA);
	EXPECT_TRUE(b.level);
	in(&b, UART_DATA);
	EXPECT_TRUE(!b.level);
	put(&b, UART_IER, IER_THRE);
	EXPECT_TRUE(b.level);
	EXPECT_U64(b.edges, 2);
	CONTEXT("each byte sent is a new THRE interrupt: low, then high");
	put(&b, UART_DATA, 'x');
	put(&b, UART_DATA, 'y');
	EXPECT_U64(b.edges, 4);
	EXPECT_TRUE(b.level);
	CONTEXT("asking IIR ends it");
	EXPECT_U64(in(&b, UART_IIR), IIR_FIFO | IIR_THRE);
	EXPECT_TRUE(!b.level);
	put(&b, UART_DATA, 'z');
	EXPECT_U64(b.edges, 5);
	put(&b, UART_MCR, MCR_LOOP);
	put(&b, UART_DATA, 'z');
	CONTEXT("in loopback, too (data sheet, 8.8)");
	EXPECT_U64(b.edges, 6);
	put(&b, UART_MCR, 0);
	put(&b, UART_FCR, FCR_ENABLE | FCR_CLEAR_RX);
	put(&b, UART_IER, 0);
	EXPECT_TRUE(!b.level);
	receive(uart, "c");
	EXPECT_TRUE(!b.level);
	put(&b, UART_IER, IER_RDA);
	CONTEXT("a byte is there when its interrupt is enabled: the line goes up; then FCR empties "
		"the FIFO: it goes down");
	EXPECT_TRUE(b.level);
	put(&b, UART_FCR, FCR_ENABLE | FCR_CLEAR_RX);
	EXPECT_TRUE(!b.level);
}

TEST("4.7", a_fifo_that_is_switched_makes_room, 0)
{
	struct bench b;

	begin(&b);
	put(&b, UART_IER, IER_THRE);
	EXPECT_U64(in(&b, UART_IIR), IIR_THRE);
	EXPECT_U64(in(&b, UART_IIR), IIR_NONE);
	put(&b, UART_FCR, FCR_ENABLE);
	CONTEXT("FCR's enable bit changes: both FIFOs are emptied, so the transmitter is empty");
	EXPECT_U64(in(&b, UART_IIR), IIR_FIFO | IIR_THRE);
	EXPECT_U64(in(&b, UART_IIR), IIR_FIFO | IIR_NONE);
	put(&b, UART_FCR, FCR_ENABLE);
	EXPECT_U64(in(&b, UART_IIR), IIR_FIFO | IIR_NONE);
	put(&b, UART_FCR, 0);
	EXPECT_U64(in(&b, UART_IIR), IIR_THRE);
}

/* Data sheet, Table IV: an overrun is line status, and what resets it is a read of LSR. */
TEST("4.7", an_overrun_holds_the_line, 0)
{
	struct bench b;
	struct uart *uart = begin(&b);

	put(&b, UART_IER, IER_RLS);
	receive(uart, "xy");
	CONTEXT("a byte arrives, and another before it is read: one is lost, and the line goes up");
	EXPECT_TRUE(b.level);
	CONTEXT("the other is read: that one was lost is still to be told");
	EXPECT_U64(in(&b, UART_DATA), 'y');
	EXPECT_U64(uart_interrupt(uart), IIR_RLS);
	EXPECT_TRUE(b.level);
	CONTEXT("a read of LSR tells it, and the line falls");
	in(&b, UART_LSR);
	EXPECT_TRUE(!b.level);
	receive(uart, "z");
	put(&b, UART_IER, IER_THRE);
	CONTEXT("a byte is there, but its interrupt is not enabled: a read of IIR ends THRE's");
	EXPECT_U64(in(&b, UART_IIR), IIR_THRE);
	EXPECT_TRUE(!b.level);
}

/* INTR is high as long as any of them is pending (data sheet, pin INTR). */
TEST("4.7", data_hold_the_line, 0)
{
	struct bench b;
	struct uart *uart = begin(&b);

	put(&b, UART_IER, IER_RDA | IER_THRE);
	receive(uart, "a");
	CONTEXT("a byte has arrived, and bytes are sent: the line is high all the time");
	EXPECT_U64(b.edges, 1);
	put(&b, UART_DATA, 'x');
	put(&b, UART_DATA, 'y');
	put(&b, UART_IER, IER_RDA);
	put(&b, UART_IER, IER_RDA | IER_THRE);
	EXPECT_TRUE(b.level);
	EXPECT_U64(b.edges, 1);
	in(&b, UART_DATA);
	CONTEXT("the byte has been read; that the transmitter is empty holds the line on");
	EXPECT_TRUE(b.level);
	EXPECT_U64(b.edges, 1);
	EXPECT_U64(in(&b, UART_IIR), IIR_THRE);
	EXPECT_TRUE(!b.level);
	put(&b, UART_IER, IER_RDA | IER_THRE);
	CONTEXT("IER is written once more as it was: nothing has become empty");
	EXPECT_TRUE(!b.level);
	put(&b, UART_FCR, FCR_ENABLE);
	in(&b, UART_IIR);
	put(&b, UART_FCR, FCR_ENABLE | FCR_CLEAR_RX);
	CONTEXT("the receive FIFO is cleared: that is no room for what is sent");
	EXPECT_TRUE(!b.level);
}

TEST("4.7", a_divisor_interrupts_nobody, 0)
{
	struct bench b;

	begin(&b);
	put(&b, UART_IER, IER_THRE);
	EXPECT_U64(in(&b, UART_IIR), IIR_THRE);
	EXPECT_U64(b.edges, 1);
	put(&b, UART_LCR, LCR_DLAB | 3);
	put(&b, UART_DATA, 6);
	put(&b, UART_IER, 0);
	put(&b, UART_LCR, 3);
	CONTEXT("the guest knows that the transmitter is empty, and sets the divisor: nothing was "
		"sent");
	EXPECT_U64(in(&b, UART_IIR), IIR_NONE);
	EXPECT_U64(b.edges, 1);
}
