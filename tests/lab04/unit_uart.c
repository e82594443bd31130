// SPDX-License-Identifier: MIT
/* Tasks 4.2 and 4.7: the UART between two wires, a line that we write down and an interrupt. */
#include <errno.h>
#include <string.h>

#include "test.h"
#include "uart.h"
#include "verdicts.h"

/* What is around the UART: the line's other end and an interrupt controller that counts. */
struct bench {
	struct bus pio;
	struct uart uart;
	struct irqchip chip;
	unsigned edges; /* how often the line went up */
	bool level;
	char sent[64];
	unsigned nsent;
	int refuse;	  /* what out() answers */
	unsigned invited; /* how often room_again() was called */
};

static void set_line(struct irqchip *chip, unsigned n, bool level)
{
	struct bench *b = container_of(chip, struct bench, chip);

	b->edges += level && !b->level;
	b->level = level;
}

static const struct irqchip_ops chip_ops = { .set = set_line };

static int out(void *ctx, const void *bytes, size_t n)
{
	struct bench *b = ctx;

	EXPECT_U64(n, 1);
	if (!b->refuse && b->nsent < sizeof(b->sent) - 1)
		b->sent[b->nsent++] = *(const char *)bytes;
	return b->refuse;
}

static void invite(void *ctx)
{
	((struct bench *)ctx)->invited++;
}

static struct uart *begin(struct bench *b)
{
	*b = (struct bench){ .chip.ops = &chip_ops };
	EXPECT_ERR(uart_init(&b->uart, &b->pio), 0);
	b->uart.irq = (struct irq_line){ .chip = &b->chip, .n = UART_IRQ };
	b->uart.line.out = out;
	b->uart.line.room_again = invite;
	b->uart.line.out_ctx = b->uart.line.room_ctx = b;
	return &b->uart;
}

/* As the guest does it: IN and OUT of one byte. */
static u8 in(struct bench *b, unsigned reg)
{
	u8 byte = 0x77;

	EXPECT_V(bus_io(&b->pio, UART_PORT + reg, false, &byte, 1), V_RESUME);
	return byte;
}

static void put(struct bench *b, unsigned reg, u8 byte)
{
	EXPECT_V(bus_io(&b->pio, UART_PORT + reg, true, &byte, 1), V_RESUME);
}

static void receive(struct uart *uart, const char *bytes)
{
	while (*bytes)
		uart_receive(uart, (u8)*bytes++);
}

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

TEST("4.7", the_most_urgent_first, 2)
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

TEST("4.7", what_is_not_enabled_does_not_interrupt, 0)
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
