// SPDX-License-Identifier: MIT
/* Tasks 6.7 and 6.8: how a kernel ends its machine, and what its screen shows then. */
#include <errno.h>

#include "crtc.h"
#include "i8042.h"
#include "power.h"
#include "test.h"

/* --- the end --- */

static void no_kick(struct vcpu *vcpu)
{
}

#define FRESH()                 \
	(struct run)            \
	{                       \
		.kick = no_kick \
	}

static const char *word(enum verdict v)
{
	static const char *const words[] = { "V_RESUME", "V_HALTED",  "V_EXIT",
					     "V_DEAD",	 "V_TIMEOUT", "V_LEFT",
					     "V_OFF",	 "V_RESET",   "V_ERROR" };

	return v < ARRAY_SIZE(words) ? words[v] : "no verdict";
}

static void expect_end(enum verdict verdict, enum verdict want, const struct run *run)
{
	const char *returned = word(verdict), *of_the_run = word(run_verdict(run));

	EXPECT_STR(returned, word(want));
	EXPECT_STR(of_the_run, word(want));
	EXPECT_U64(run->status, 0);
}

TEST("6.7", off_and_reset_and_nothing, 2)
{
	struct run run = FRESH();
	struct power p = { .run = &run };

	for (unsigned value = 0; value < 256; value++) {
		bool go = value & 0x20 && (value >> 2 & 7) == 5;

		run = FRESH();
		CONTEXT("%#x to the sleep control register: bit 5 is go, bits 4:2 are the type",
			value);
		expect_end(power_sleep_write(&run, (u8)value), go ? V_OFF : V_RESUME, &run);
		run = FRESH();
		CONTEXT("%#x to the reset register, whose value is 1", value);
		expect_end(power_reset_write(&run, (u8)value), value == 1 ? V_RESET : V_RESUME,
			   &run);
		run = FRESH();
		CONTEXT("%#x to port 0xcf9, in which 0 stands", value);
		p.cf9_value = 0;
		expect_end(power_cf9_write(&p, (u8)value), value & 4 ? V_RESET : V_RESUME, &run);
		EXPECT_U64(p.cf9_value, value);
		run = FRESH();
		CONTEXT("%#x to port 0xcf9, in which 6 stands: its bit 2 does not rise", value);
		p.cf9_value = 6;
		expect_end(power_cf9_write(&p, (u8)value), V_RESUME, &run);
		EXPECT_U64(p.cf9_value, value);
		run = FRESH();
		CONTEXT("the command %#x to the keyboard's controller", value);
		expect_end(i8042_command(&run, (u8)value),
			   value >= 0xf0 && !(value & 1) ? V_RESET : V_RESUME, &run);
	}
}

TEST("6.7", a_triple_fault_on_purpose, 1)
{
	struct run run = FRESH();

	CONTEXT("an IDT of limit 0: nobody has such a one who wants to catch anything");
	expect_end(power_shutdown(&run, 0), V_RESET, &run);
	run = FRESH();
	EXPECT_STR(word(power_shutdown(&run, 0xfff)), "V_DEAD");
	EXPECT_STR(word(power_shutdown(&run, 1)), "V_DEAD");
	EXPECT_STR(word(run_verdict(&run)), "V_RESUME");
}

/* --- what a real console does --- */

TEST("6.8", where_the_screen_begins, 1)
{
	struct crtc c = { .index = 0 };

	c.reg[0x0c] = 0x12;
	c.reg[0x0d] = 0x34;
	c.reg[0x0e] = 0x12;
	c.reg[0x0f] = 0x34;
	EXPECT_U64(crtc_start(&c), 0x1234);
	EXPECT_U64(crtc_cursor(&c), 0);
	c.reg[0x0e] = 0x1a;
	c.reg[0x0f] = 0x03;
	CONTEXT("the cursor's cell counts from the window's beginning: the last one, then one "
		"more");
	EXPECT_U64(crtc_cursor(&c), 1999);
	c.reg[0x0f] = 0x04;
	EXPECT_ERR(crtc_cursor(&c), -1);
	c.reg[0x0e] = 0x12;
	c.reg[0x0f] = 0x33;
	EXPECT_ERR(crtc_cursor(&c), -1);
	c.reg[0x0c] = 0xff;
	c.reg[0x0d] = 0xff;
	CONTEXT("the window has 0x4000 cells, and goes round");
	EXPECT_U64(crtc_start(&c), 0x3fff);
	c.reg[0x0e] = 0;
	c.reg[0x0f] = 2;
	EXPECT_U64(crtc_cursor(&c), 3);
}

TEST("6.8", what_is_shown_comes_to_the_front, 1)
{
	static struct vga vga;
	struct crtc c = { .index = 0 };

	for (unsigned i = 0; i < VGA_SIZE; i++)
		vga.cell[i] = (u8)(i % 251);
	CONTEXT("from the window's beginning on: nothing moves");
	EXPECT_ERR(crtc_settle(&c, &vga), 0);
	EXPECT_U64(vga.cell[3999], 3999 % 251);
	c.reg[0x0c] = 0x3f; /* 0x3f00 cells: 512 bytes before the window's end */
	CONTEXT("from 512 bytes before the window's end on, and on at its front");
	EXPECT_ERR(crtc_settle(&c, &vga), 0);
	for (unsigned i = 0; i < VGA_SCREEN; i++)
		EXPECT_U64(vga.cell[i], (i < 512 ? 0x7e00 + i : i - 512) % 251);
}

TEST("6.8", a_window_that_cannot_be_read, 0)
{
	struct mem nothing = { .nslots = 0 };
	struct vga vga = { .mem = &nothing };
	struct crtc c = { .index = 0 };

	c.reg[0x0d] = 80;
	CONTEXT("--vga=ram, and no memory where the window is: mem_read() says -EFAULT");
	EXPECT_ERR(crtc_settle(&c, &vga), -EFAULT);
}
