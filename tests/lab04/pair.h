/* SPDX-License-Identifier: MIT */
/* Task 4.4: a pair of 8259As on a bus of their own, and what a guest and its devices do to them. */
#ifndef LAB04_PAIR_H
#define LAB04_PAIR_H

#include "pic.h"
#include "test.h"

#define MASTER 0
#define SLAVE  1
#define EOI    0x20

static struct bus bus;
static struct pics pics;

static inline void command(unsigned chip, u8 value)
{
	pic_write(&pics, chip, 0, value);
}

static inline void data(unsigned chip, u8 value)
{
	pic_write(&pics, chip, 1, value);
}

static inline u8 irr(unsigned chip)
{
	command(chip, 0x0a);
	return pic_read(&pics, chip, 0);
}

static inline u8 isr(unsigned chip)
{
	command(chip, 0x0b);
	return pic_read(&pics, chip, 0);
}

/* Vectors 0x20 to 0x27, 0x70 to 0x77; everything listens. icw1: 0x10, and 1 if ICW4 follows. */
static inline void start_chip(unsigned chip, u8 icw1, u8 icw4)
{
	command(chip, icw1);
	data(chip, chip ? 0x70 : 0x20);
	data(chip, chip ? 0x02 : 0x04);
	if (icw1 & 1)
		data(chip, icw4);
}

/* As a PC's firmware does it. icw4: 1, and modes. */
static inline void begin_with(u8 master_icw4, u8 slave_icw4)
{
	bus = (struct bus){ .nwindows = 0 };
	if (pics_init(&pics, &bus))
		test_error("the controllers do not fit on an empty bus");
	start_chip(MASTER, 0x11, master_icw4);
	start_chip(SLAVE, 0x11, slave_icw4);
}

static inline void begin(void)
{
	begin_with(0x01, 0x01);
}

static inline void end_both(void)
{
	command(SLAVE, EOI);
	command(MASTER, EOI);
}

static inline void pulse(unsigned n)
{
	pics_set(&pics, n, true);
	pics_set(&pics, n, false);
}

#endif
