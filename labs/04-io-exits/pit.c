// SPDX-License-Identifier: MIT
#include "pit.h"

#include "todo.h"

#define NS_PER_S 1000000000ULL

/* Whole seconds apart, so that nothing overflows; and nothing is lost by it. */
u64 pit_clocks(u64 ns)
{
	return ns / NS_PER_S * PIT_HZ + ns % NS_PER_S * PIT_HZ / NS_PER_S;
}

u64 pit_ns(u64 clocks)
{
	return clocks / PIT_HZ * NS_PER_S + (clocks % PIT_HZ * NS_PER_S + PIT_HZ - 1) / PIT_HZ;
}

/* [book:4.6] */
u16 pit_count(const struct pit_channel *c, u64 now)
{
	/* TASK 4.6 */
#if SOL >= 406
	u64 clocks = pit_clocks(now - c->start_ns);

	switch (c->mode) {
	case 2:
		return (u16)(c->count - clocks % c->count);
	case 3:
		return (u16)(c->count - 2 * clocks % c->count);
	default:
		return (u16)(c->count - clocks);
	}
#else
	return (TODO("4.6"), 0);
#endif
}

bool pit_out(const struct pit_channel *c, u64 now)
{
	/* TASK 4.6 */
#if SOL >= 406
	u64 clocks = pit_clocks(now - c->start_ns);

	switch (c->mode) {
	case 0:
		return clocks >= c->count;
	case 1:
		return clocks < c->count;
	case 2:
		return clocks && clocks % c->count == 0;
	case 3:
		return clocks % c->count < (c->count + 1) / 2;
	default:
		return clocks == c->count;
	}
#else
	return (TODO("4.6"), false);
#endif
}

u64 pit_edges(const struct pit_channel *c, u64 now)
{
	/* TASK 4.6 */
#if SOL >= 406
	u64 clocks = pit_clocks(now - c->start_ns);

	if (!c->loaded)
		return 0;
	switch (c->mode) {
	case 0:
	case 4:
		return clocks >= c->count;
	case 2:
	case 3:
		return clocks / c->count;
	default:
		return 0;
	}
#else
	return (TODO("4.6"), 0);
#endif
}

void pit_update(struct pit *pit)
{
	/* TASK 4.6 */
#if SOL >= 406
	const struct pit_channel *c = &pit->state.channel[0];
	bool periodic = c->mode == 2 || c->mode == 3, once = c->mode == 0 || c->mode == 4;
	u64 next = PIT_NEVER;

	if (!pit->state.waiting && pit_edges(c, pit->now(pit->ctx)) > pit->state.delivered) {
		pit->state.delivered++;
		pit->state.waiting = true;
		irq_pulse(&pit->irq);
	}
	/* While one waits, the CPU's taking it is what brings us back here. */
	if (!pit->state.waiting && c->loaded && (periodic || (once && !pit->state.delivered)))
		next = c->start_ns + pit_ns((pit->state.delivered + 1) * c->count);
	pit->alarm(pit->ctx, next);
#else
	TODO("4.6");
#endif
}

void pit_irq_event(void *ctx, unsigned n, enum irq_event event)
{
	/* TASK 4.6 */
#if SOL >= 406
	struct pit *pit = ctx;

	if (n != PIT_IRQ)
		return;
	if (event == IRQ_TAKEN) {
		pit->state.waiting = false;
		pit_update(pit);
		return;
	}
	pit_update(pit); /* an edge that is due has come while the line was masked: IRR has it */
	if (pit->state.waiting)
		pit->state.delivered = pit_edges(&pit->state.channel[0], pit->now(pit->ctx));
#endif /* without a timer, nothing becomes of its edges */
}

/* TASK 4.6 */
#if SOL >= 406
static void hold_count(struct pit_channel *c, u64 now)
{
	if (c->latched)
		return;
	c->latch = pit_count(c, now);
	c->latched = c->rw;
}

static void hold_status(struct pit_channel *c, u64 now)
{
	if (c->has_status)
		return;
	c->status = (u8)(pit_out(c, now) << 7 | c->rw << 4 | c->mode << 1 | c->bcd);
	c->has_status = true;
}

/* The bits that are 0 say what is held. */
static void read_back(struct pit *pit, u8 value)
{
	u64 now = pit->now(pit->ctx);

	for (unsigned i = 0; i < 3; i++) {
		if (!(value >> i & 2))
			continue;
		if (!(value & 0x20))
			hold_count(&pit->state.channel[i], now);
		if (!(value & 0x10))
			hold_status(&pit->state.channel[i], now);
	}
}

/* The counter has begun anew: what was owed is owed no more. */
static void restarted(struct pit *pit, const struct pit_channel *c)
{
	if (c != &pit->state.channel[0])
		return;
	pit->state.delivered = 0;
	pit_update(pit);
}

static void control(struct pit *pit, u8 value)
{
	struct pit_channel *c = &pit->state.channel[value >> 6];
	u8 rw = value >> 4 & 3, mode = value >> 1 & 7;

	if (rw == 0) {
		hold_count(c, pit->now(pit->ctx));
		return;
	}
	c->rw = rw;
	c->mode = mode > 5 ? mode - 4 : mode;
	c->bcd = value & 1;
	c->read_high = rw == 2;
	c->write_high = false;
	c->loaded = false;
	restarted(pit, c);
}

static void load(struct pit *pit, struct pit_channel *c, u16 count)
{
	c->count = count ? count : 0x10000;
	c->start_ns = pit->now(pit->ctx);
	c->loaded = true;
	restarted(pit, c);
}

static void write_count(struct pit *pit, struct pit_channel *c, u8 value)
{
	if (c->rw != 3) {
		load(pit, c, c->rw == 2 ? (u16)(value << 8) : value);
		return;
	}
	if (c->write_high)
		load(pit, c, (u16)(value << 8 | c->write_low));
	else
		c->write_low = value;
	c->write_high = !c->write_high;
}
#endif

void pit_write(struct pit *pit, unsigned reg, u8 value)
{
	/* TASK 4.6 */
#if SOL >= 406
	pit_update(pit); /* an edge that is due has come before this write */
	if (reg < 3)
		write_count(pit, &pit->state.channel[reg], value);
	else if (value >> 6 == 3)
		read_back(pit, value);
	else
		control(pit, value);
#else
	TODO("4.6");
#endif
}

u8 pit_read(struct pit *pit, unsigned reg)
{
	/* TASK 4.6 */
#if SOL >= 406
	struct pit_channel *c = &pit->state.channel[reg % 3];
	u16 count;
	bool high;

	if (reg == 3)
		return 0;
	if (c->has_status) {
		c->has_status = false;
		return c->status;
	}
	if (c->latched) {
		high = c->latched == 2;
		c->latched = c->latched == 3 ? 2 : 0;
		count = c->latch;
	} else {
		high = c->read_high;
		if (c->rw == 3)
			c->read_high = !high;
		count = pit_count(c, pit->now(pit->ctx));
	}
	return high ? count >> 8 : count & 0xff;
#else
	return (TODO("4.6"), 0xff);
#endif
}
/* [book:end] */
