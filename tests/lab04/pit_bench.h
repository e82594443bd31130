/* SPDX-License-Identifier: MIT */
/* Task 4.6: an 8254 with a clock that only the test moves. */
#ifndef LAB04_PIT_BENCH_H
#define LAB04_PIT_BENCH_H

#include "pit.h"
#include "test.h"

#define CONTROL 3
#define HOUR	3600000000000ULL

/* A clock, an alarm and an interrupt line of the test's own. */
struct bench {
	struct bus bus;
	struct pit pit;
	struct irqchip chip;
	u64 now, alarm;
	unsigned edges;	    /* that the line had */
	bool takes_at_once; /* the controller takes each edge as it comes */
};

static inline u64 bench_now(void *ctx)
{
	return ((struct bench *)ctx)->now;
}

static inline void bench_alarm(void *ctx, u64 ns)
{
	((struct bench *)ctx)->alarm = ns;
}

static inline void bench_set(struct irqchip *chip, unsigned n, bool level)
{
	struct bench *b = container_of(chip, struct bench, chip);

	if (n == PIT_IRQ)
		b->edges += level;
	if (n == PIT_IRQ && level && b->takes_at_once)
		pit_irq_event(&b->pit, PIT_IRQ, IRQ_TAKEN);
}

static const struct irqchip_ops bench_ops = { .set = bench_set };

static inline void begin(struct bench *b)
{
	*b = (struct bench){ .chip.ops = &bench_ops, .now = HOUR, .alarm = PIT_NEVER };
	if (pit_init(&b->pit, &b->bus, &b->chip))
		test_error("the timer does not fit on an empty bus");
	b->pit.now = bench_now;
	b->pit.alarm = bench_alarm;
	b->pit.ctx = b;
}

/* Low byte, then high byte. */
static inline void program(struct bench *b, unsigned n, unsigned mode, u16 count)
{
	pit_write(&b->pit, CONTROL, (u8)(n << 6 | 0x30 | mode << 1));
	pit_write(&b->pit, n, count & 0xff);
	pit_write(&b->pit, n, count >> 8);
}

/* Until so many clocks after the hour at which everything begins. */
static inline void at(struct bench *b, u64 clocks)
{
	b->now = HOUR + pit_ns(clocks);
}

static inline u16 read_both(struct bench *b, unsigned n)
{
	u8 low = pit_read(&b->pit, n);

	return (u16)(pit_read(&b->pit, n) << 8 | low);
}

static inline void taken(struct bench *b)
{
	pit_irq_event(&b->pit, PIT_IRQ, IRQ_TAKEN);
}

/* Move the clock on to the alarm, as the loop would. */
static inline void wait_for_alarm(struct bench *b)
{
	if (b->alarm == PIT_NEVER || b->alarm <= b->now)
		return;
	b->now = b->alarm;
	pit_update(&b->pit);
}

#endif
