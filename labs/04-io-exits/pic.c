// SPDX-License-Identifier: MIT
#include "pic.h"

#include "todo.h"
#include "trace.h"

#define ICW1	  0x10
#define ICW1_IC4  0x01
#define ICW1_SNGL 0x02
#define ICW4_AEOI 0x02
#define ICW4_SFNM 0x10
#define OCW3	  0x08

/* [book:4.4] */
/* TASK 4.4 */
#if SOL >= 404
/* Which line of these has the highest priority? -1: there is none. */
static int highest(const struct pic *pic, u8 lines)
{
	for (unsigned i = 1; i <= 8; i++) {
		unsigned n = (pic->lowest + i) & 7;

		if (lines >> n & 1)
			return (int)n;
	}
	return -1;
}

/* For which line is this chip's INT high? -1: it is low. */
static int request(const struct pic *pic)
{
	u8 serving = pic->isr;
	int best = highest(pic, pic->irr & ~pic->imr);

	if (pic->special_mask)
		serving &= ~pic->imr;
	/* On the chip, lines 3 to 7 would still have to wait. This is how QEMU and KVM have it. */
	if (pic->sfnm)
		serving &= ~(1 << PIC_CASCADE);
	/* Among what asks and what is served, the first must be one that asks and is not served. */
	if (best < 0 || highest(pic, serving | 1 << best) != best || serving >> best & 1)
		return -1;
	return best;
}

static void set_line(struct pic *pic, unsigned n, bool level)
{
	u8 bit = (u8)(1 << n), before = pic->lines;

	pic->lines = level ? before | bit : before & ~bit;
	if (pic->elcr & bit)
		pic->irr = (pic->irr & ~bit) | (pic->lines & bit);
	else
		pic->irr |= pic->lines & ~before & bit;
}

/* The wire between the two. */
static void cascade(struct pics *pics)
{
	set_line(&pics->pic[0], PIC_CASCADE, request(&pics->pic[1]) >= 0);
}

static void tell(struct pics *pics, unsigned chip, u8 lines, enum irq_event event)
{
	for (unsigned n = 0; n < 8 && pics->event; n++)
		if (lines >> n & 1)
			pics->event(pics->event_ctx, 8 * chip + n, event);
}

/* Line n goes from asking to being served. Returns the lines whose edge is gone. */
static u8 take(struct pic *pic, unsigned n)
{
	u8 bit = (u8)(1 << n);

	if (!pic->auto_eoi)
		pic->isr |= bit;
	else if (pic->rotate_on_aeoi)
		pic->lowest = (u8)n;
	pic->irr &= ~bit | pic->elcr;
	return bit & ~pic->elcr;
}
#endif

void pics_set(struct pics *pics, unsigned n, bool level)
{
	/* TASK 4.4 */
#if SOL >= 404
	if (n > 15 || n == PIC_CASCADE)
		return;
	set_line(&pics->pic[n / 8], n % 8, level);
	cascade(pics);
	if (level && pics->changed && pics_pending(pics))
		pics->changed(pics->ctx);
#else
	TODO("4.4");
#endif
}

bool pics_pending(const struct pics *pics)
{
	/* TASK 4.4 */
#if SOL >= 404
	return request(&pics->pic[0]) >= 0;
#else
	return (TODO("4.4"), false);
#endif
}

u8 pics_ack(struct pics *pics)
{
	/* TASK 4.4 */
#if SOL >= 404
	struct pic *master = &pics->pic[0], *slave = &pics->pic[1];
	int n = request(master), from_slave = -1;
	u8 taken = 0;

	if (n < 0)
		return master->base + 7;
	if (n == PIC_CASCADE) {
		from_slave = request(slave);
		if (from_slave >= 0)
			taken = take(slave, (unsigned)from_slave);
		/* INT falls in between, so that one more request there makes a new edge here. */
		set_line(master, PIC_CASCADE, false);
		take(master, PIC_CASCADE);
		cascade(pics);
		tell(pics, 1, taken, IRQ_TAKEN);
		return slave->base + (from_slave < 0 ? 7 : (u8)from_slave);
	}
	taken = take(master, (unsigned)n);
	tell(pics, 0, taken, IRQ_TAKEN);
	return master->base + (u8)n;
#else
	return (TODO("4.4"), 0);
#endif
}

/* TASK 4.4 */
#if SOL >= 404
static void icw1(struct pics *pics, unsigned chip, u8 value)
{
	struct pic *pic = &pics->pic[chip];
	u8 lost;

	/* First, so that an edge that is due already is lost with the others. */
	tell(pics, chip, 0xff, IRQ_UNMASKED);
	lost = pic->irr & ~pic->elcr;
	*pic = (struct pic){
		.irr = pic->irr & pic->elcr,
		.lines = pic->lines,
		.elcr = pic->elcr,
		.lowest = 7,
		.expect = 2,
		.need_icw4 = value & ICW1_IC4,
		.single = value & ICW1_SNGL,
	};
	cascade(pics);
	tell(pics, chip, lost, IRQ_TAKEN);
}

/* ICW2 to ICW4, in this order, at the data port. */
static void next_icw(struct pic *pic, bool master, u8 value)
{
	switch (pic->expect) {
	case 2:
		pic->base = value & 0xf8;
		pic->expect = pic->single ? 4 : 3;
		break;
	case 3: /* where the slave is: on a PC, nobody can change that */
		pic->expect = 4;
		break;
	default:
		pic->auto_eoi = value & ICW4_AEOI;
		pic->sfnm = master && (value & ICW4_SFNM);
		pic->expect = 0;
	}
	if (pic->expect == 4 && !pic->need_icw4)
		pic->expect = 0;
}

/* OCW2: three bits of command, three of a line. */
static void ocw2(struct pic *pic, u8 value)
{
	bool rotate = value & 0x80, specific = value & 0x40, eoi = value & 0x20;
	int n = specific ? value & 7 : highest(pic, pic->isr);

	if (!eoi && !specific) {
		pic->rotate_on_aeoi = rotate;
		return;
	}
	if (n < 0)
		return;
	if (eoi)
		pic->isr &= ~(1 << n);
	if (rotate)
		pic->lowest = (u8)n;
}

static void ocw3(struct pic *pic, u8 value)
{
	if (value & 0x04)
		pic->poll = true;
	if (value & 0x02)
		pic->read_isr = value & 0x01;
	if (value & 0x40)
		pic->special_mask = value & 0x20;
}
#endif

void pic_write(struct pics *pics, unsigned chip, unsigned a, u8 value)
{
	/* TASK 4.4 */
#if SOL >= 404
	struct pic *pic = &pics->pic[chip];
	u8 unmasked = 0;

	if (a == 0 && (value & ICW1)) {
		icw1(pics, chip, value);
		return;
	}
	if (a == 0 && (value & OCW3)) {
		ocw3(pic, value);
	} else if (a == 0) {
		ocw2(pic, value);
	} else if (pic->expect) {
		next_icw(pic, chip == 0, value);
	} else {
		unmasked = pic->imr & ~value;
		pic->imr = value;
	}
	cascade(pics);
	tell(pics, chip, unmasked, IRQ_UNMASKED);
#else
	TODO("4.4");
#endif
}

u8 pic_read(struct pics *pics, unsigned chip, unsigned a)
{
	/* TASK 4.4 */
#if SOL >= 404
	struct pic *pic = &pics->pic[chip];
	int n;
	u8 taken;

	if (!pic->poll)
		return a ? pic->imr : pic->read_isr ? pic->isr : pic->irr;
	pic->poll = false;
	n = request(pic);
	if (n < 0)
		return 0;
	taken = take(pic, (unsigned)n);
	cascade(pics);
	tell(pics, chip, taken, IRQ_TAKEN);
	return 0x80 | (u8)n;
#else
	return (TODO("4.4"), 0xff);
#endif
}
/* [book:end] */

static u64 registers(const struct pic *pic)
{
	return pic->irr | (u64)pic->isr << 8 | (u64)pic->imr << 16 | (u64)pic->lines << 24 |
	       (u64)pic->elcr << 32 | (u64)pic->base << 40;
}

void pics_trace(struct pics *pics)
{
	u64 now[2];

	if (!trace_mine)
		return;
	now[0] = registers(&pics->pic[0]);
	now[1] = registers(&pics->pic[1]);
	if (now[0] == pics->traced[0] && now[1] == pics->traced[1])
		return;
	pics->traced[0] = now[0];
	pics->traced[1] = now[1];
	trace_note(TRACE_PIC, .v = { now[0], now[1] });
}

/* A wide access is one byte to each port: this is how the bus of a PC serves a narrow device. */
static enum verdict pic_io(struct pics *pics, unsigned chip, bool write, u64 off, u8 *data,
			   unsigned size)
{
	for (unsigned i = 0; i < size; i++)
		if (write)
			pic_write(pics, chip, (off + i) & 1, data[i]);
		else
			data[i] = pic_read(pics, chip, (off + i) & 1);
	pics_trace(pics);
	return V_RESUME;
}

static enum verdict master_io(struct device *dev, bool write, u64 off, void *data, unsigned size)
{
	return pic_io(container_of(dev, struct pics, dev[0]), 0, write, off, data, size);
}

static enum verdict slave_io(struct device *dev, bool write, u64 off, void *data, unsigned size)
{
	return pic_io(container_of(dev, struct pics, dev[1]), 1, write, off, data, size);
}

/*
 * What is written counts from the next change of a line on: IRR stays as it is, so a line that is
 * high already is not asked for anew (QEMU and KVM have it so, too).
 */
static enum verdict elcr_io(struct device *dev, bool write, u64 off, void *data, unsigned size)
{
	static const u8 can[] = { PIC_MASTER_ELCR, PIC_SLAVE_ELCR };
	struct pics *pics = container_of(dev, struct pics, elcr_dev);
	u8 *byte = data;

	for (unsigned i = 0; i < size; i++)
		if (write)
			pics->pic[(off + i) & 1].elcr = byte[i] & can[(off + i) & 1];
		else
			byte[i] = pics->pic[(off + i) & 1].elcr;
	return V_RESUME;
}

static void chip_set(struct irqchip *chip, unsigned n, bool level)
{
	struct pics *pics = container_of(chip, struct pics, chip);

	pics_set(pics, n, level);
	pics_trace(pics);
}

static const struct irqchip_ops user_ops = { .set = chip_set };

int pics_init(struct pics *pics, struct bus *pio)
{
	int err;

	*pics = (struct pics){
		.pic = { { .lowest = 7 }, { .lowest = 7 } },
		.dev = { { .io = master_io }, { .io = slave_io } },
		.elcr_dev.io = elcr_io,
		.chip.ops = &user_ops,
	};
	if ((err = bus_add(pio, PIC_MASTER_PORT, 2, &pics->dev[0])) ||
	    (err = bus_add(pio, PIC_SLAVE_PORT, 2, &pics->dev[1])))
		return err;
	return bus_add(pio, PIC_ELCR_PORT, 2, &pics->elcr_dev);
}
