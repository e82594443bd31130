// SPDX-License-Identifier: MIT
#include "uart.h"

#include "todo.h"

/* So many looks in a row are a guest that waits: see struct uart. */
#define LISTENING_LOOKS 3

/* [book:4.7] */
u8 uart_interrupt(const struct uart *uart)
{
	/* TASK 4.7 */
#if SOL >= 407
	static const u8 trigger[] = { 1, 4, 8, 14 };
	const struct uart_state *s = &uart->state;
	unsigned enough = s->fcr & FCR_ENABLE ? trigger[s->fcr >> 6] : 1;

	if ((s->ier & IER_RLS) && (s->lsr & LSR_OE))
		return IIR_RLS;
	if ((s->ier & IER_RDA) && (s->lsr & LSR_DR))
		return s->fcr & FCR_ENABLE && s->count < enough ? IIR_TIMEOUT : IIR_RDA;
	if ((s->ier & IER_THRE) && s->thr_empty)
		return IIR_THRE;
	return IIR_NONE;
#else
	if (uart->state.ier)
		TODO("4.7");
	return IIR_NONE;
#endif
}

void uart_update(struct uart *uart)
{
	irq_set(&uart->irq, uart_interrupt(uart) != IIR_NONE);
}

void uart_thr_empty(struct uart *uart, bool due)
{
	/* TASK 4.7 */
#if SOL >= 407
	/* In two steps: if it was due before, the controller needs to see an edge. */
	uart->state.thr_empty = false;
	uart_update(uart);
	uart->state.thr_empty = due;
	uart_update(uart);
#else
	uart->state.thr_empty = false; /* nobody is told yet */
#endif
}
/* [book:end] */

/* [book:4.2] */
/* TASK 4.2 */
#if SOL >= 402
static void clear_receiver(struct uart *uart)
{
	uart->state.head = uart->state.count = 0;
	uart->state.lsr &= ~LSR_DR;
}

static u8 take(struct uart *uart)
{
	u8 byte;

	if (!(uart->state.fcr & FCR_ENABLE)) {
		uart->state.lsr &= ~LSR_DR;
		return uart->state.rbr;
	}
	if (uart->state.count == 0)
		return 0;
	byte = uart->state.fifo[uart->state.head];
	uart->state.head = (uart->state.head + 1) % UART_FIFO;
	if (--uart->state.count == 0)
		uart->state.lsr &= ~LSR_DR;
	return byte;
}

static void put(struct uart *uart, u8 byte)
{
	if (!(uart->state.fcr & FCR_ENABLE)) {
		if (uart->state.lsr & LSR_DR)
			uart->state.lsr |= LSR_OE;
		uart->state.rbr = byte;
	} else if (uart->state.count == UART_FIFO) {
		uart->state.lsr |= LSR_OE;
	} else {
		uart->state.fifo[(uart->state.head + uart->state.count++) % UART_FIFO] = byte;
	}
	uart->state.lsr |= LSR_DR;
}

static void send(struct uart *uart, u8 byte)
{
	if (uart->state.mcr & MCR_LOOP)
		put(uart, byte);
	else
		charline_out(&uart->line, &byte, 1);
	uart_thr_empty(uart, true);
}

static void set_fcr(struct uart *uart, u8 value)
{
	if ((value ^ uart->state.fcr) & FCR_ENABLE)
		value |= FCR_CLEAR_RX | FCR_CLEAR_TX;
	if (value & FCR_CLEAR_RX)
		clear_receiver(uart);
	uart->state.fcr = value & FCR_STICKY;
	if (value & FCR_CLEAR_TX)
		uart_thr_empty(uart, true);
}

static void set_ier(struct uart *uart, u8 value)
{
	u8 changed = uart->state.ier ^ value;

	uart->state.ier = value & IER_MASK;
	if (changed & IER_THRE)
		uart_thr_empty(uart, value & IER_THRE);
}

static u8 modem_status(const struct uart *uart)
{
	u8 msr = 0;

	if (!(uart->state.mcr & MCR_LOOP))
		return MSR_CTS | MSR_DSR | MSR_DCD;
	if (uart->state.mcr & MCR_RTS)
		msr |= MSR_CTS;
	if (uart->state.mcr & MCR_DTR)
		msr |= MSR_DSR;
	if (uart->state.mcr & MCR_OUT1)
		msr |= MSR_RI;
	if (uart->state.mcr & MCR_OUT2)
		msr |= MSR_DCD;
	return msr;
}

static u8 read_iir(struct uart *uart)
{
	u8 id = uart_interrupt(uart);

	if (id == IIR_THRE)
		uart_thr_empty(uart, false);
	return uart->state.fcr & FCR_ENABLE ? id | IIR_FIFO : id;
}

static u8 read_lsr(struct uart *uart)
{
	u8 lsr = uart->state.lsr | LSR_THRE | LSR_TEMT;

	uart->state.lsr &= ~LSR_OE;
	return lsr;
}

static u8 read_register(struct uart *uart, unsigned reg)
{
	bool dlab = uart->state.lcr & LCR_DLAB;

	switch (reg) {
	case UART_DATA:
		return dlab ? uart->state.dll : take(uart);
	case UART_IER:
		return dlab ? uart->state.dlm : uart->state.ier;
	case UART_IIR:
		return read_iir(uart);
	case UART_LCR:
		return uart->state.lcr;
	case UART_MCR:
		return uart->state.mcr;
	case UART_LSR:
		return read_lsr(uart);
	case UART_MSR:
		return modem_status(uart);
	default:
		return uart->state.scr;
	}
}

static void write_divisor(struct uart *uart, unsigned reg, u8 value)
{
	if (reg == UART_DATA)
		uart->state.dll = value;
	else
		uart->state.dlm = value;
}

static void write_register(struct uart *uart, unsigned reg, u8 value)
{
	switch (reg) {
	case UART_DATA:
		send(uart, value);
		break;
	case UART_IER:
		set_ier(uart, value);
		break;
	case UART_FCR:
		set_fcr(uart, value);
		break;
	case UART_LCR:
		uart->state.lcr = value;
		break;
	case UART_MCR:
		uart->state.mcr = value & MCR_MASK;
		break;
	case UART_SCR:
		uart->state.scr = value;
		break;
	}
}
#endif

u8 uart_read(struct uart *uart, unsigned reg)
{
	/* TASK 4.2 */
#if SOL >= 402
	u8 value = read_register(uart, reg);

	uart_update(uart);
	return value;
#else
	return (TODO("4.2"), 0xff);
#endif
}

void uart_write(struct uart *uart, unsigned reg, u8 value)
{
	/* TASK 4.2 */
#if SOL >= 402
	if (reg <= UART_IER && (uart->state.lcr & LCR_DLAB))
		write_divisor(uart, reg, value);
	else
		write_register(uart, reg, value);
	uart_update(uart);
#else
	TODO("4.2");
#endif
}

unsigned uart_room(const struct uart *uart)
{
	/* TASK 4.2 */
#if SOL >= 402
	if (uart->state.mcr & MCR_LOOP)
		return 0;
	if (uart->state.fcr & FCR_ENABLE)
		return UART_FIFO - uart->state.count;
	return uart->state.lsr & LSR_DR ? 0 : 1;
#else
	return 0; /* no line yet */
#endif
}

void uart_receive(struct uart *uart, u8 byte)
{
	/* TASK 4.2 */
#if SOL >= 402
	put(uart, byte);
	uart_update(uart);
#else
	TODO("4.2");
#endif
}
/* [book:end] */

static u64 room(struct charline *line)
{
	const struct uart *uart = container_of(line, struct uart, line);

	return uart->state.listens ? uart_room(uart) : 0;
}

static u64 receive(struct charline *line, const void *bytes, u64 n)
{
	struct uart *uart = container_of(line, struct uart, line);

	n = min_u64(n, room(line));
	for (u64 i = 0; i < n; i++)
		uart_receive(uart, ((const u8 *)bytes)[i]);
	return n;
}

/* Does the guest wait for what comes in? */
static void look_for_listener(struct uart *uart, bool write, u64 off, unsigned size)
{
	bool looks = off == UART_DATA || (off <= UART_LSR && off + size > UART_LSR);

	uart->state.looks = looks && !write ? uart->state.looks + 1 : 0;
	if (uart->state.looks == LISTENING_LOOKS || (uart->state.ier & IER_RDA))
		uart->state.listens = true;
}

/* A port is a byte wide: a wider access is several, as on the bus of a PC. */
static enum verdict uart_io(struct device *dev, bool write, u64 off, void *data, unsigned size)
{
	struct uart *uart = container_of(dev, struct uart, dev);
	u64 before = room(&uart->line);
	u8 *bytes = data;

	for (unsigned i = 0; i < size; i++) {
		if (write)
			uart_write(uart, (unsigned)off + i, bytes[i]);
		else
			bytes[i] = uart_read(uart, (unsigned)off + i);
	}
	look_for_listener(uart, write, off, size);
	if (!before && room(&uart->line))
		charline_room_again(&uart->line);
	return uart->line.err ? V_ERROR : V_RESUME;
}

int uart_init(struct uart *uart, struct bus *pio)
{
	*uart = (struct uart){
		/* The data sheet leaves it open; PC firmware leaves 9600 baud. */
		.state.dll = 12,
		.dev.io = uart_io,
		.line = { .room = room, .receive = receive },
	};
	return bus_add(pio, UART_PORT, 8, &uart->dev);
}
