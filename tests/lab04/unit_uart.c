// SPDX-License-Identifier: MIT
/* Task 4.2: the UART's registers, and what goes in and out. */
#include <errno.h>
#include <string.h>

#include "uart_bench.h"

TEST("4.2", what_is_sent_and_what_is_the_divisor, 1)
{
	struct bench b;

	begin(&b);
	CONTEXT("OUT to the data port sends; with LCR.DLAB it sets the divisor, and nothing "
		"leaves");
	put(&b, UART_DATA, 'a');
	put(&b, UART_LCR, LCR_DLAB | 3);
	put(&b, UART_DATA, 0x34);
	put(&b, UART_IER, 0x12);
	EXPECT_U64(in(&b, UART_DATA), 0x34);
	EXPECT_U64(in(&b, UART_IER), 0x12);
	put(&b, UART_FCR, FCR_ENABLE);
	CONTEXT("LCR.DLAB is about the first two ports only: the third is FCR all the same");
	EXPECT_U64(uart_room(&b.uart), UART_FIFO);
	EXPECT_U64(in(&b, UART_IER), 0x12);
	put(&b, UART_FCR, 0);
	put(&b, UART_LCR, 3);
	put(&b, UART_LCR, 0x43);
	CONTEXT("LCR keeps all of its bits, that for a break, too");
	EXPECT_U64(in(&b, UART_LCR), 0x43);
	put(&b, UART_LCR, 3);
	CONTEXT("without LCR.DLAB the data port sends again, and in loopback it receives");
	EXPECT_U64(in(&b, UART_IER), 0);
	put(&b, UART_DATA, 'b');
	put(&b, UART_MCR, MCR_LOOP);
	put(&b, UART_DATA, 'c');
	put(&b, UART_MCR, 0);
	put(&b, UART_DATA, 'd');
	EXPECT_STR(b.sent, "abd");
	EXPECT_U64(in(&b, UART_LSR), LSR_TEMT | LSR_THRE | LSR_DR);
	EXPECT_U64(in(&b, UART_DATA), 'c');
}

/* What reads back, without DLAB: IER, LCR, MCR, LSR, MSR, SCR; then IIR's bits 7:6, DLL, DLM. */
#define KEPT 9

static void read_all(struct bench *b, u8 kept[KEPT])
{
	static const u8 at[] = { UART_IER, UART_LCR, UART_MCR, UART_LSR, UART_MSR, UART_SCR };

	for (unsigned i = 0; i < ARRAY_SIZE(at); i++)
		kept[i] = in(b, at[i]);
	put(b, UART_LCR, kept[1] | LCR_DLAB);
	kept[6] = in(b, UART_IIR) & IIR_FIFO;
	kept[7] = in(b, UART_DATA);
	kept[8] = in(b, UART_IER);
	put(b, UART_LCR, kept[1]);
}

/* DTR, RTS, OUT1 and OUT2 are output wires: outside of loopback MSR does not follow them. */
TEST("4.2", a_register_is_written_alone, 0)
{
	static const struct {
		u8 reg, dlab, value;
		u8 at, then; /* what reads back differently, and how; KEPT: nothing does */
	} row[] = {
		{ UART_SCR, 0, 0xe5, 5, 0xe5 },	    { UART_LSR, 0, 0x9e, KEPT, 0 },
		{ UART_MSR, 0, 0x4f, KEPT, 0 },	    { UART_MCR, 0, 0x0f, 2, 0x0f },
		{ UART_DATA, 1, 0x39, 7, 0x39 },    { UART_IER, 1, 0xc6, 8, 0xc6 },
		{ UART_LSR, 1, 0x1e, KEPT, 0 },	    { UART_MSR, 1, 0xd0, KEPT, 0 },
		{ UART_SCR, 1, 0x5a, 5, 0x5a },	    { UART_MCR, 1, 0x02, 2, 0x02 },
		{ UART_FCR, 1, 0x01, 6, IIR_FIFO }, { UART_LCR, 0, 0x1b, 1, 0x1b },
		{ UART_IER, 0, 0xf8, 0, 0x08 },
	};
	u8 want[KEPT], got[KEPT];
	struct bench b;

	begin(&b);
	read_all(&b, want);
	for (unsigned i = 0; i < ARRAY_SIZE(row); i++) {
		u8 lcr = want[1];

		if (row[i].dlab)
			put(&b, UART_LCR, lcr | LCR_DLAB);
		put(&b, row[i].reg, row[i].value);
		if (row[i].dlab)
			put(&b, UART_LCR, lcr);
		if (row[i].at < KEPT)
			want[row[i].at] = row[i].then;
		read_all(&b, got);
		CONTEXT("%02x is written to register %u with DLAB = %u; then these read back: IER, "
			"LCR, MCR, LSR, MSR, SCR, and with DLAB bits 7:6 of IIR, DLL, DLM",
			row[i].value, row[i].reg, row[i].dlab);
		EXPECT_BYTES(got, want, KEPT);
	}
}

TEST("4.2", room_for_what_arrives, 1)
{
	struct bench b;
	struct uart *uart = begin(&b);

	CONTEXT("DTR, RTS, OUT1 and OUT2 are output wires: whatever MCR says, bytes may arrive");
	for (unsigned mcr = 0; mcr < MCR_LOOP; mcr++) {
		put(&b, UART_MCR, (u8)mcr);
		EXPECT_U64(uart_room(uart), 1);
	}
	put(&b, UART_MCR, 0);
	put(&b, UART_IER, IER_RDA);
	EXPECT_U64(b.invited, 1);
	CONTEXT("without FIFO there is room for one byte, with FIFO for 16");
	receive(uart, "x");
	EXPECT_U64(uart_room(uart), 0);
	EXPECT_U64(in(&b, UART_DATA), 'x');
	EXPECT_U64(uart_room(uart), 1);
	put(&b, UART_FCR, FCR_ENABLE);
	EXPECT_U64(uart_room(uart), UART_FIFO);
	receive(uart, "0123456789abcdef");
	EXPECT_U64(uart_room(uart), 0);
	EXPECT_U64(b.invited, 2);
	EXPECT_U64(in(&b, UART_DATA), '0');
	EXPECT_U64(uart_room(uart), 1);
	CONTEXT("each time that room comes back, room_again() says so");
	EXPECT_U64(b.invited, 3);
	EXPECT_U64(in(&b, UART_DATA), '1');
	EXPECT_U64(b.invited, 3);
	CONTEXT("in loopback the line is cut");
	put(&b, UART_MCR, MCR_DTR | MCR_LOOP);
	EXPECT_U64(uart_room(uart), 0);
	put(&b, UART_MCR, MCR_LOOP);
	EXPECT_U64(uart_room(uart), 0);
	put(&b, UART_MCR, 0);
	EXPECT_U64(uart_room(uart), 2);
	EXPECT_U64(b.invited, 4);
	put(&b, UART_FCR, FCR_ENABLE | FCR_CLEAR_RX);
	EXPECT_U64(uart_room(uart), UART_FIFO);
	receive(uart, "yz");
	put(&b, UART_FCR, FCR_ENABLE | FCR_CLEAR_TX);
	CONTEXT("FCR's bit 2 is for what is sent: two bytes that have arrived stay");
	EXPECT_U64(uart_room(uart), UART_FIFO - 2);
}

TEST("4.2", a_byte_waits_for_the_divisor, 0)
{
	for (unsigned fcr = 0; fcr <= FCR_ENABLE; fcr++) {
		struct bench b;
		struct uart *uart = begin(&b);

		put(&b, UART_FCR, (u8)fcr);
		receive(uart, "x");
		put(&b, UART_LCR, LCR_DLAB | 3);
		CONTEXT("a byte has arrived, FCR is %02x; with LCR.DLAB the divisor is read and "
			"written, then LCR.DLAB is 0 again: the byte is still there",
			fcr);
		EXPECT_U64(in(&b, UART_DATA), 12);
		put(&b, UART_DATA, 6);
		put(&b, UART_IER, 0);
		put(&b, UART_LCR, 3);
		EXPECT_U64(in(&b, UART_LSR), LSR_TEMT | LSR_THRE | LSR_DR);
		EXPECT_U64(in(&b, UART_DATA), 'x');
	}
}

/* FCR bit 0 alone enables the FIFOs (data sheet, 8.5); MCR bit 4 alone cuts the line (8.8). */
TEST("4.2", no_fifo_no_loopback, 0)
{
	struct bench b;
	struct uart *uart = begin(&b);

	put(&b, UART_FCR, FCR_STICKY & ~FCR_ENABLE);
	CONTEXT("FCR has all of its bits but bit 0: the FIFOs are off");
	EXPECT_U64(in(&b, UART_IIR), IIR_NONE);
	EXPECT_U64(uart_room(uart), 1);
	put(&b, UART_FCR, FCR_STICKY);
	CONTEXT("FCR has bit 0, too; of IIR, bits 5 and 4 are 0 (data sheet, 8.6)");
	EXPECT_U64(in(&b, UART_IIR), IIR_FIFO | IIR_NONE);
	for (unsigned fcr = 0; fcr <= FCR_ENABLE; fcr++) {
		put(&b, UART_FCR, (u8)fcr);
		put(&b, UART_MCR, MCR_LOOP);
		CONTEXT("in loopback, and nothing has arrived yet; FCR is %02x", fcr);
		EXPECT_U64(uart_room(uart), 0);
		put(&b, UART_MCR, 0);
	}
}

TEST("4.2", what_comes_after_an_overrun, 0)
{
	struct bench b;
	struct uart *uart = begin(&b);

	receive(uart, "xy");
	in(&b, UART_DATA);
	CONTEXT("a byte was lost, and the other was read: there is room, and the next one is told");
	EXPECT_U64(uart_room(uart), 1);
	receive(uart, "z");
	EXPECT_U64(in(&b, UART_LSR), LSR_TEMT | LSR_THRE | LSR_OE | LSR_DR);
	EXPECT_U64(in(&b, UART_DATA), 'z');
}

TEST("4.2", fifo_goes_round_and_overruns, 1)
{
	struct bench b;
	struct uart *uart = begin(&b);
	u8 next_in = 0, next_out = 0;

	put(&b, UART_FCR, FCR_ENABLE);
	CONTEXT("bytes come out of the FIFO as they went in, also when it is always nearly full");
	while (next_in < 13)
		uart_receive(uart, next_in++);
	while (next_in < 200) {
		for (unsigned i = 0; i < 3; i++)
			uart_receive(uart, next_in++);
		EXPECT_U64(in(&b, UART_LSR), LSR_TEMT | LSR_THRE | LSR_DR);
		for (unsigned i = 0; i < 3; i++)
			EXPECT_U64(in(&b, UART_DATA), next_out++);
	}
	CONTEXT("one byte more than there is room for: LSR says so once, and that byte is lost");
	for (unsigned i = 0; i < 4; i++)
		uart_receive(uart, next_in++);
	EXPECT_U64(in(&b, UART_LSR), LSR_TEMT | LSR_THRE | LSR_OE | LSR_DR);
	EXPECT_U64(in(&b, UART_LSR), LSR_TEMT | LSR_THRE | LSR_DR);
	for (unsigned i = 0; i < UART_FIFO; i++)
		EXPECT_U64(in(&b, UART_DATA), next_out++);
	CONTEXT("the last byte has been read: no data are ready any more, and more reads give 0");
	EXPECT_U64(in(&b, UART_LSR), LSR_TEMT | LSR_THRE);
	EXPECT_U64(in(&b, UART_DATA), 0);
	put(&b, UART_FCR, 0);
	receive(uart, "xy");
	CONTEXT("without FIFO x is lost; y is read before LSR, which says that a byte was lost");
	EXPECT_U64(in(&b, UART_DATA), 'y');
	EXPECT_U64(in(&b, UART_LSR), LSR_TEMT | LSR_THRE | LSR_OE);
	EXPECT_U64(in(&b, UART_LSR), LSR_TEMT | LSR_THRE);
}

TEST("4.2", what_fcr_empties, 0)
{
	struct bench b;
	struct uart *uart = begin(&b);

	for (unsigned on = 0; on < 2; on++) {
		put(&b, UART_FCR, on ? 0 : FCR_ENABLE);
		receive(uart, "xy");
		put(&b, UART_FCR, on ? FCR_ENABLE : 0);
		CONTEXT("the FIFO is switched %s: what had arrived is gone", on ? "on" : "off");
		EXPECT_U64(in(&b, UART_LSR) & LSR_DR, 0);
	}
	receive(uart, "0123456789abcdef!");
	put(&b, UART_FCR, FCR_ENABLE | FCR_CLEAR_RX);
	CONTEXT("an overrun, then FCR empties the FIFO: the byte is lost all the same");
	EXPECT_U64(in(&b, UART_LSR), LSR_TEMT | LSR_THRE | LSR_OE);
}

TEST("4.2", a_line_that_takes_no_more, 1)
{
	u8 byte = 'x';
	struct bench b;

	begin(&b);
	put(&b, UART_DATA, 'a');
	b.refuse = -EPIPE;
	CONTEXT("out() fails: the run ends, and the line remembers why");
	EXPECT_V(bus_io(&b.pio, UART_PORT, true, &byte, 1), V_ERROR);
	EXPECT_ERR(b.uart.line.err, -EPIPE);
	b.refuse = -EIO;
	EXPECT_V(bus_io(&b.pio, UART_PORT, true, &byte, 1), V_ERROR);
	EXPECT_ERR(b.uart.line.err, -EPIPE);
	EXPECT_STR(b.sent, "a");
	CONTEXT("no line at all: out() is NULL, and what is sent is lost");
	begin(&b)->line.out = NULL;
	EXPECT_V(bus_io(&b.pio, UART_PORT, true, &byte, 1), V_RESUME);
	EXPECT_ERR(b.uart.line.err, 0);
}

/* Not graded: the parts that are given. */
TEST("-", who_sends_waits_for_a_listener, 0)
{
	struct bench b;
	struct uart *uart = begin(&b);

	CONTEXT("the guest sets up the line and prints: LSR, THR, LSR, THR");
	put(&b, UART_FCR, FCR_ENABLE | FCR_CLEAR_RX);
	put(&b, UART_MCR, MCR_DTR);
	for (unsigned i = 0; i < 5; i++) {
		in(&b, UART_LSR);
		put(&b, UART_DATA, 'x');
	}
	CONTEXT("what is left from before is cleared, as by Linux: LSR, RBR, IIR");
	in(&b, UART_LSR);
	in(&b, UART_DATA);
	EXPECT_U64(uart->line.room(&uart->line), 0);
	in(&b, UART_IIR);
	in(&b, UART_LSR);
	in(&b, UART_LSR);
	EXPECT_U64(uart->line.room(&uart->line), 0);
	EXPECT_U64(b.invited, 0);
	if (uart_room(uart) == 0)
		SKIP("task 4.2 comes first");
	CONTEXT("it reads LSR a third time: it waits for a byte, and who has some is told");
	in(&b, UART_LSR);
	EXPECT_U64(uart->line.room(&uart->line), UART_FIFO);
	EXPECT_U64(b.invited, 1);
	CONTEXT("once it has listened, it does so until it is reset");
	put(&b, UART_DATA, 'x');
	EXPECT_U64(uart->line.room(&uart->line), UART_FIFO);
	CONTEXT("or the guest enables the interrupt for received data");
	begin(&b);
	put(&b, UART_IER, IER_THRE);
	EXPECT_U64(uart->line.room(&uart->line), 0);
	put(&b, UART_IER, IER_THRE | IER_RDA);
	EXPECT_U64(uart->line.room(&uart->line), 1);
	EXPECT_U64(b.invited, 1);
	CONTEXT("or it reads RBR, again and again");
	begin(&b);
	in(&b, UART_DATA);
	in(&b, UART_DATA);
	EXPECT_U64(b.invited, 0);
	in(&b, UART_DATA);
	EXPECT_U64(b.invited, 1);
}

TEST("-", every_width_over_the_uart, 0)
{
	u8 room[24], want[24];
	struct bench b;

	begin(&b);
	for (unsigned size = 1; size <= 4; size *= 2) {
		for (u64 port = UART_PORT - 4; port < UART_PORT + 12; port++) {
			memset(room, 0xa5, sizeof(room));
			for (unsigned i = 0; i < size; i++)
				EXPECT_V(bus_io(&b.pio, port + i, false, want + i, 1), V_RESUME);
			EXPECT_V(bus_io(&b.pio, port, false, room + 8, size), V_RESUME);
			CONTEXT("%u bytes at port %#llx: each is one port's", size,
				(unsigned long long)port);
			EXPECT_BYTES(room + 8, want, size);
			memset(want, 0xa5, sizeof(want));
			EXPECT_BYTES(room, want, 8);
			EXPECT_BYTES(room + 8 + size, want, 16 - size);
		}
	}
}
