/* SPDX-License-Identifier: MIT */
/* Tasks 4.2 and 4.7: the UART between two wires, a line that we write down and an interrupt. */
#ifndef LAB04_UART_BENCH_H
#define LAB04_UART_BENCH_H

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

static inline void set_line(struct irqchip *chip, unsigned n, bool level)
{
	struct bench *b = container_of(chip, struct bench, chip);

	b->edges += level && !b->level;
	b->level = level;
}

static const struct irqchip_ops chip_ops = { .set = set_line };

static inline int out(void *ctx, const void *bytes, size_t n)
{
	struct bench *b = ctx;

	EXPECT_U64(n, 1);
	if (!b->refuse && b->nsent < sizeof(b->sent) - 1)
		b->sent[b->nsent++] = *(const char *)bytes;
	return b->refuse;
}

static inline void invite(void *ctx)
{
	((struct bench *)ctx)->invited++;
}

static inline struct uart *begin(struct bench *b)
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
static inline u8 in(struct bench *b, unsigned reg)
{
	u8 byte = 0x77;

	EXPECT_V(bus_io(&b->pio, UART_PORT + reg, false, &byte, 1), V_RESUME);
	return byte;
}

static inline void put(struct bench *b, unsigned reg, u8 byte)
{
	EXPECT_V(bus_io(&b->pio, UART_PORT + reg, true, &byte, 1), V_RESUME);
}

static inline void receive(struct uart *uart, const char *bytes)
{
	while (*bytes)
		uart_receive(uart, (u8)*bytes++);
}

#endif
