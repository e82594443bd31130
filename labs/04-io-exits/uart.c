// SPDX-License-Identifier: MIT
#include "uart.h"

#include "todo.h"

/* So many looks in a row are a guest that waits: see uart_invites(). */
#define LISTENING_LOOKS 3

/* [book:4.7] */
u8 uart_interrupt(const struct uart *uart)
{
	/* TASK 4.7 */
#if SOL >= 407
	static const u8 trigger[] = { 1, 4, 8, 14 };
	unsigned enough = uart->fcr & FCR_ENABLE ? trigger[uart->fcr >> 6] : 1;

	if ((uart->ier & IER_RLS) && (uart->lsr & LSR_OE))
		return IIR_RLS;
	if ((uart->ier & IER_RDA) && (uart->lsr & LSR_DR))
		return uart->fcr & FCR_ENABLE && uart->count < enough ? IIR_TIMEOUT : IIR_RDA;
	if ((uart->ier & IER_THRE) && uart->thr_empty)
		return IIR_THRE;
	return IIR_NONE;
#else
	if (uart->ier)
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
	uart->thr_empty = false;
	uart_update(uart);
	uart->thr_empty = due;
	uart_update(uart);
#else
	uart->thr_empty = false; /* nobody is told yet */
#endif
}
/* [book:end] */

/* [book:4.2] */
/* TASK 4.2 */
#if SOL >= 402
static void clear_receiver(struct uart *uart)
{
	uart->head = uart->count = 0;
	uart->lsr &= ~LSR_DR;
}

static u8 take(struct uart *uart)
{
	u8 byte;

	if (!(uart->fcr & FCR_ENABLE)) {
		uart->lsr &= ~LSR_DR;
		return uart->rbr;
	}
	if (uart->count == 0)
		return 0;
	byte = uart->fifo[uart->head];
	uart->head = (uart->head + 1) % UART_FIFO;
	if (--uart->count == 0)
		uart->lsr &= ~LSR_DR;
	return byte;
}

static void put(struct uart *uart, u8 byte)
{
	if (!(uart->fcr & FCR_ENABLE)) {
		if (uart->lsr & LSR_DR)
			uart->lsr |= LSR_OE;
		uart->rbr = byte;
	} else if (uart->count == UART_FIFO) {
		uart->lsr |= LSR_OE;
	} else {
		uart->fifo[(uart->head + uart->count++) % UART_FIFO] = byte;
	}
	uart->lsr |= LSR_DR;
}

static void send(struct uart *uart, u8 byte)
{
	if (uart->mcr & MCR_LOOP)
		put(uart, byte);
	else if (uart->out && !uart->err)
		uart->err = uart->out(uart->out_ctx, byte);
	uart_thr_empty(uart, true);
}

static void set_fcr(struct uart *uart, u8 value)
{
	if ((value ^ uart->fcr) & FCR_ENABLE)
		value |= FCR_CLEAR_RX | FCR_CLEAR_TX;
	if (value & FCR_CLEAR_RX)
		clear_receiver(uart);
	uart->fcr = value & FCR_STICKY;
	if (value & FCR_CLEAR_TX)
		uart_thr_empty(uart, true);
}

static void set_ier(struct uart *uart, u8 value)
{
	u8 changed = uart->ier ^ value;

	uart->ier = value & IER_MASK;
	if (changed & IER_THRE)
		uart_thr_empty(uart, value & IER_THRE);
}

static u8 modem_status(const struct uart *uart)
{
	u8 msr = 0;

	if (!(uart->mcr & MCR_LOOP))
		return MSR_CTS | MSR_DSR | MSR_DCD;
	if (uart->mcr & MCR_RTS)
		msr |= MSR_CTS;
	if (uart->mcr & MCR_DTR)
		msr |= MSR_DSR;
	if (uart->mcr & MCR_OUT1)
		msr |= MSR_RI;
	if (uart->mcr & MCR_OUT2)
		msr |= MSR_DCD;
	return msr;
}

static u8 read_iir(struct uart *uart)
{
	u8 id = uart_interrupt(uart);

	if (id == IIR_THRE)
		uart_thr_empty(uart, false);
	return uart->fcr & FCR_ENABLE ? id | IIR_FIFO : id;
}

static u8 read_lsr(struct uart *uart)
{
	u8 lsr = uart->lsr | LSR_THRE | LSR_TEMT;

	uart->lsr &= ~LSR_OE;
	return lsr;
}

static u8 read_register(struct uart *uart, unsigned reg)
{
	bool dlab = uart->lcr & LCR_DLAB;

	switch (reg) {
	case UART_DATA:
		return dlab ? uart->dll : take(uart);
	case UART_IER:
		return dlab ? uart->dlm : uart->ier;
	case UART_IIR:
		return read_iir(uart);
	case UART_LCR:
		return uart->lcr;
	case UART_MCR:
		return uart->mcr;
	case UART_LSR:
		return read_lsr(uart);
	case UART_MSR:
		return modem_status(uart);
	default:
		return uart->scr;
	}
}

static void write_divisor(struct uart *uart, unsigned reg, u8 value)
{
	if (reg == UART_DATA)
		uart->dll = value;
	else
		uart->dlm = value;
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
		uart->lcr = value;
		break;
	case UART_MCR:
		uart->mcr = value & MCR_MASK;
		break;
	case UART_SCR:
		uart->scr = value;
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
	if (reg <= UART_IER && (uart->lcr & LCR_DLAB))
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
	if (uart->mcr & MCR_LOOP)
		return 0;
	if (uart->fcr & FCR_ENABLE)
		return UART_FIFO - uart->count;
	return uart->lsr & LSR_DR ? 0 : 1;
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

unsigned uart_invites(const struct uart *uart)
{
	return uart->listens ? uart_room(uart) : 0;
}

/* Does the guest wait for what comes in? */
static void look_for_listener(struct uart *uart, bool write, u64 off, unsigned size)
{
	bool looks = off == UART_DATA || (off <= UART_LSR && off + size > UART_LSR);

	uart->looks = looks && !write ? uart->looks + 1 : 0;
	if (uart->looks == LISTENING_LOOKS || (uart->ier & IER_RDA))
		uart->listens = true;
}

/* A port is a byte wide: a wider access is several, as on the bus of a PC. */
static enum verdict uart_io(struct device *dev, bool write, u64 off, void *data, unsigned size)
{
	struct uart *uart = container_of(dev, struct uart, dev);
	unsigned before = uart_invites(uart);
	u8 *bytes = data;

	for (unsigned i = 0; i < size; i++) {
		if (write)
			uart_write(uart, (unsigned)off + i, bytes[i]);
		else
			bytes[i] = uart_read(uart, (unsigned)off + i);
	}
	look_for_listener(uart, write, off, size);
	if (!before && uart_invites(uart) && uart->room_again)
		uart->room_again(uart->room_ctx);
	return uart->err ? V_ERROR : V_RESUME;
}

static void uart_reset(struct device *dev)
{
	struct uart *uart = container_of(dev, struct uart, dev);

	*uart = (struct uart){
		.dev = uart->dev,
		.irq = uart->irq,
		.dll = 12, /* the data sheet leaves it open; PC firmware leaves 9600 baud */
		.out = uart->out,
		.out_ctx = uart->out_ctx,
		.room_again = uart->room_again,
		.room_ctx = uart->room_ctx,
		.err = uart->err,
	};
	irq_set(&uart->irq, false);
}

static const struct device_ops uart_ops = {
	.name = "uart",
	.io = uart_io,
	.reset = uart_reset,
};

int uart_init(struct uart *uart, struct bus *pio)
{
	*uart = (struct uart){ .dev.ops = &uart_ops };
	uart_reset(&uart->dev);
	return bus_add(pio, UART_PORT, 8, &uart->dev);
}
