/* SPDX-License-Identifier: MIT */
/*
 * Tasks 4.2 and 4.7: the serial port COM1, a PC16550D UART. "Data sheet" is that of National
 * Semiconductor's PC16550D (June 1995). Pure: no KVM, no threads; what is outside comes by hooks.
 *
 * The line has no speed: a byte leaves as soon as it is written, and however the guest sets the
 * divisor, it is only remembered. Nor are there parity, framing or break.
 */
#ifndef UART_H
#define UART_H

#include "bus.h"
#include "charline.h"
#include "irq.h"

#define UART_PORT 0x3f8 /* eight ports */
#define UART_IRQ  4
#define UART_FIFO 16 /* bytes that the receive FIFO holds */

/* The eight registers by their place, as the data sheet calls them (Table II). */
enum uart_reg {
	UART_DATA, /* read RBR, write THR; with LCR.DLAB the low byte of the divisor */
	UART_IER,  /* which interrupts are enabled; with LCR.DLAB the high byte of the divisor */
	UART_IIR,  /* read: which interrupt is pending */
	UART_FCR = UART_IIR, /* write: FIFO control */
	UART_LCR,	     /* line control */
	UART_MCR,	     /* modem control */
	UART_LSR,	     /* line status */
	UART_MSR,	     /* modem status */
	UART_SCR,	     /* scratch: a byte for the guest's own use */
};

#define IER_RDA	     0x01 /* received data available, and the character timeout */
#define IER_THRE     0x02 /* transmitter holding register empty */
#define IER_RLS	     0x04 /* receiver line status */
#define IER_MS	     0x08 /* modem status */
#define IER_MASK     0x0f
#define IIR_NONE     0x01 /* bit 0 is 0 when an interrupt is pending; bits 3:1 say which */
#define IIR_THRE     0x02
#define IIR_RDA	     0x04
#define IIR_RLS	     0x06
#define IIR_TIMEOUT  0x0c
#define IIR_FIFO     0xc0 /* FIFO mode */
#define FCR_ENABLE   0x01
#define FCR_CLEAR_RX 0x02
#define FCR_CLEAR_TX 0x04
#define FCR_STICKY   0xc9 /* what is kept: the rest are commands */
#define LCR_DLAB     0x80 /* divisor latch access bit */
#define MCR_DTR	     0x01
#define MCR_RTS	     0x02
#define MCR_OUT1     0x04
#define MCR_OUT2     0x08
#define MCR_LOOP     0x10
#define MCR_MASK     0x1f
#define LSR_DR	     0x01 /* data ready */
#define LSR_OE	     0x02 /* overrun: a byte was lost */
#define LSR_THRE     0x20
#define LSR_TEMT     0x40 /* transmitter empty */
#define MSR_CTS	     0x10
#define MSR_DSR	     0x20
#define MSR_RI	     0x40
#define MSR_DCD	     0x80

/* What the chip remembers: all of it, and nothing else. */
struct uart_state {
	u8 ier, fcr, lcr, mcr, scr, dll, dlm;
	u8 lsr; /* DR and OE; THRE and TEMT are always set, since the line has no speed */
	u8 rbr; /* the byte received last without FIFO */
	u8 fifo[UART_FIFO];
	unsigned head, count; /* of the receive FIFO: its oldest byte, and how many */
	bool thr_empty;	      /* the THRE interrupt is due: THR became empty and nobody asked why */
	bool listens;	      /* the guest waits for what comes in: see struct uart */
	unsigned looks;	      /* reads of LSR and RBR in a row, with nothing else between them */
};

struct uart {
	struct uart_state state;
	struct device dev;
	struct irq_line irq; /* who makes the UART wires it: chip and n */
	/*
	 * What it sends leaves by line.out(), whose failure ends the run. line.room() is
	 * uart_room(), but 0 until the guest listens: a pipe has all its bytes ready before the
	 * guest's driver begins, which clears the FIFO; those that have come by then would be lost.
	 * It listens when it has enabled IER.RDA, or has read LSR or RBR three times in a row. (Who
	 * polls for input does so; who polls for output writes THR in between. Two in a row are no
	 * sign: Linux reads LSR and RBR once to clear them, before it sets up the FIFO.)
	 */
	struct charline line;
};

/*
 * Given: put it on the port bus, in its state after reset (data sheet, Table I). The hooks and the
 * interrupt line are set by the caller, afterwards. 0, or what bus_add() says.
 */
int uart_init(struct uart *uart, struct bus *pio);

/*
 * [task 4.2] The guest reads a register (data sheet, 8.1 to 8.10).
 *
 * Without FIFO, RBR gives the byte received last; the FIFO gives its oldest one, or 0 when it is
 * empty. Reading it clears DR when nothing is left. LSR always has THRE and TEMT; reading it clears
 * OE. In loopback the modem's inputs follow MCR's outputs: CTS RTS, DSR DTR, RI OUT1, DCD OUT2;
 * otherwise somebody is always there: CTS, DSR and DCD. IIR is uart_interrupt(); with the FIFOs
 * enabled its bits 7:6 are set, too. IER and MCR keep only the bits that the chip has.
 *
 * Reading IIR while it says THRE ends that interrupt: uart_thr_empty(). What was read may have
 * changed what is pending: the last step is uart_update(), here as in the two below.
 */
u8 uart_read(struct uart *uart, unsigned reg);

/*
 * [task 4.2] The guest writes a register. A byte for THR leaves by charline_out(), or in loopback
 * is received at once. FCR: a change of its enable bit empties both FIFOs, as do its two clear bits
 * (without FIFO these are free: the data sheet leaves it open). LSR and MSR cannot be written.
 *
 * For the THRE interrupt, uart_thr_empty() is told: a byte written to THR has left at once, and
 * FCR's clearing of the transmit FIFO makes room as well. When IER.THRE becomes 1 it is due (THR is
 * empty; QEMU and Bochs agree), when it becomes 0 it is not any more.
 */
void uart_write(struct uart *uart, unsigned reg, u8 value);

/*
 * [task 4.2] How many bytes may arrive now: what is free in the FIFO, or without it 1 if RBR has
 * been read. 0 in loopback: the line is cut. MCR's other bits do not matter: they set output wires
 * (data sheet, 8.8), and the receiver works whatever these say.
 */
unsigned uart_room(const struct uart *uart);

/*
 * [task 4.2] A byte arrives. If there is no room for it, LSR.OE is set and a byte is lost: without
 * FIFO the one before, with FIFO this one (data sheet, 8.4, bit 1).
 */
void uart_receive(struct uart *uart, u8 byte);

/*
 * [task 4.7] What IIR's bits 3:0 say: the pending and enabled interrupt of highest priority (data
 * sheet, Table IV), or IIR_NONE. Line status: an overrun that no read of LSR has told. Received
 * data: without FIFO, a byte is there; with FIFO, there are as many as the trigger level of FCR
 * bits 7:6 says (1, 4, 8, 14); fewer than that are the character timeout, since the line is idle
 * once they have arrived. Modem status never changes.
 */
u8 uart_interrupt(const struct uart *uart);

/*
 * [task 4.7] The transmit register has become empty (due), or that has been dealt with. Sets the
 * interrupt line; if the interrupt was due before, the line is low in between, but not if another
 * interrupt holds it.
 */
void uart_thr_empty(struct uart *uart, bool due);

/* Given: the interrupt line is high as long as uart_interrupt() is not IIR_NONE. */
void uart_update(struct uart *uart);

#endif
