// SPDX-License-Identifier: MIT
/* Task 4.6: the 8254, what its counters show and when it ticks. */
#include <string.h>

#include "pit_bench.h"

TEST("4.6", count_is_a_function_of_time, 1)
{
	struct pit_channel c = { .count = 1000, .start_ns = HOUR, .loaded = true };
	static const struct {
		u8 mode;
		u16 at_0, at_1, at_999, at_1000, at_1001, at_2600;
	} rows[] = {
		{ 0, 1000, 999, 1, 0, 0xffff, 0xf9c0 }, { 1, 1000, 999, 1, 0, 0xffff, 0xf9c0 },
		{ 2, 1000, 999, 1, 1000, 999, 400 },	{ 3, 1000, 998, 2, 1000, 998, 800 },
		{ 4, 1000, 999, 1, 0, 0xffff, 0xf9c0 }, { 5, 1000, 999, 1, 0, 0xffff, 0xf9c0 },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		c.mode = rows[i].mode;
		CONTEXT("mode %u, a count of 1000, after 0, 1, 999... clocks", c.mode);
		EXPECT_U64(pit_count(&c, HOUR), rows[i].at_0);
		EXPECT_U64(pit_count(&c, HOUR + pit_ns(1)), rows[i].at_1);
		EXPECT_U64(pit_count(&c, HOUR + pit_ns(1) - 1), rows[i].at_0);
		EXPECT_U64(pit_count(&c, HOUR + pit_ns(999)), rows[i].at_999);
		EXPECT_U64(pit_count(&c, HOUR + pit_ns(1000)), rows[i].at_1000);
		EXPECT_U64(pit_count(&c, HOUR + pit_ns(1001)), rows[i].at_1001);
		EXPECT_U64(pit_count(&c, HOUR + pit_ns(2600)), rows[i].at_2600);
	}
	c = (struct pit_channel){ .count = 65536, .start_ns = 1, .mode = 2, .loaded = true };
	CONTEXT("the largest count, after 100 days: 8640000 seconds are 157299968 periods and "
		"more");
	EXPECT_U64(pit_count(&c, 1 + 8640000ULL * 1000000000), 65536 - 8640000ULL * PIT_HZ % 65536);
}

TEST("4.6", out_by_mode, 1)
{
	struct pit_channel c = { .count = 7, .start_ns = HOUR, .loaded = true };
	static const char *const out[] = {
		"00000001111111111111",				/* mode 0: high once it is over */
		"11111110000000000000", "00000001000000100000", /* modes 2, 4, 5: one clock */
		"11110001111000111100", /* mode 3: an odd count is longer high than low */
		"00000001000000000000", "00000001000000000000",
	};
	char seen[21] = "";

	for (c.mode = 0; c.mode < 6; c.mode++) {
		for (unsigned clock = 0; clock < 20; clock++)
			seen[clock] = pit_out(&c, HOUR + pit_ns(clock)) ? '1' : '0';
		CONTEXT("OUT in mode %u, a count of 7, in the first 20 clocks", c.mode);
		EXPECT_STR(seen, out[c.mode]);
	}
	c.mode = 3;
	c.count = 6;
	for (unsigned clock = 0; clock < 20; clock++)
		seen[clock] = pit_out(&c, HOUR + pit_ns(clock)) ? '1' : '0';
	CONTEXT("OUT in mode 3, a count of 6, in the first 20 clocks");
	EXPECT_STR(seen, "11100011100011100011");
	for (c.mode = 0; c.mode < 6; c.mode++) {
		if (c.mode == 2 || c.mode == 3)
			continue;
		CONTEXT("mode %u, a count of 6, after 65542 clocks: the counter shows 0 once more, "
			"and OUT is as it was before",
			c.mode);
		EXPECT_U64(pit_out(&c, HOUR + pit_ns(65541)), c.mode == 0);
		EXPECT_U64(pit_out(&c, HOUR + pit_ns(65542)), c.mode == 0);
	}
}

/* An hour is more clocks than 32 bits can count; a guest may look at its timer after days. */
TEST("4.6", counters_that_run_for_hours, 0)
{
	static const struct {
		u8 mode;
		u16 clocks; /* besides 2 to the 32nd, which is 4,294,967 periods and 296 clocks */
		u16 count;
		bool out;
	} row[] = {
		{ 0, 5, 995, true },	{ 1, 5, 995, false },	{ 2, 300, 1000 - 596, false },
		{ 2, 704, 1000, true }, { 3, 300, 808, false }, { 3, 704, 1000, true },
		{ 4, 1000, 0, false },	{ 5, 1000, 0, false },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(row); i++) {
		struct pit_channel c = { .count = 1000, .start_ns = HOUR, .loaded = true };
		u64 now = HOUR + pit_ns((1ULL << 32) + row[i].clocks);

		c.mode = row[i].mode;
		CONTEXT("mode %u, a count of 1000, after 4294967296 + %u clocks", c.mode,
			row[i].clocks);
		EXPECT_U64(pit_count(&c, now), row[i].count);
		EXPECT_U64(pit_out(&c, now), row[i].out);
	}
}

TEST("4.6", ticks_come_when_they_are_due, 1)
{
	struct bench b;

	begin(&b);
	program(&b, 0, 2, 4773);
	CONTEXT("mode 2, a count of 4773: an edge each 4773 clocks, at the nanosecond");
	EXPECT_U64(b.edges, 0);
	EXPECT_U64(b.alarm, HOUR + pit_ns(4773));
	for (u64 n = 1; n <= 1000; n++) {
		wait_for_alarm(&b);
		EXPECT_U64(b.edges, n);
		EXPECT_U64(b.now, HOUR + pit_ns(n * 4773));
		taken(&b);
		if (n == 500)
			program(&b, 2, 2, 4773); /* another counter, which has no line */
	}
	pit_write(&b.pit, CONTROL, 0x30);
	CONTEXT("a control word stops the counter");
	EXPECT_U64(b.edges, 1000);
	EXPECT_U64(b.alarm, PIT_NEVER);
	begin(&b);
	program(&b, 0, 0, 100);
	wait_for_alarm(&b);
	CONTEXT("mode 0, a count of 100: an edge after 100 clocks, and no more");
	EXPECT_U64(b.edges, 1);
	EXPECT_U64(b.now, HOUR + pit_ns(100));
	taken(&b);
	b.now += HOUR;
	pit_update(&b.pit);
	EXPECT_U64(b.edges, 1);
	EXPECT_U64(b.alarm, PIT_NEVER);
	for (unsigned mode = 1; mode <= 5; mode += 4) {
		begin(&b);
		program(&b, 0, mode, 100);
		CONTEXT("mode %u waits for a gate that never moves: no alarm, no edge", mode);
		EXPECT_U64(b.alarm, PIT_NEVER);
		b.now += HOUR;
		pit_update(&b.pit);
		EXPECT_U64(b.edges, 0);
	}
	begin(&b);
	program(&b, 0, 2, 0);
	for (unsigned n = 0; n < 70000; n++) {
		wait_for_alarm(&b);
		taken(&b);
	}
	CONTEXT("the rate of every PC, 18.2 Hz, for more than an hour: 70,000 ticks, all in time");
	EXPECT_U64(b.edges, 70000);
	EXPECT_U64(b.now, HOUR + pit_ns(70000ULL * 65536));
}

TEST("4.6", ticks_are_owed_not_lost, 1)
{
	struct bench b;

	begin(&b);
	program(&b, 0, 3, 1000);
	wait_for_alarm(&b);
	at(&b, 10 * 1000 + 500);
	pit_update(&b.pit);
	CONTEXT("ten periods are over, and the guest has not taken the first edge yet");
	EXPECT_U64(b.edges, 1);
	EXPECT_U64(b.alarm, PIT_NEVER);
	for (unsigned n = 2; n <= 10; n++) {
		taken(&b);
		EXPECT_U64(b.edges, n);
	}
	taken(&b);
	CONTEXT("all ten are delivered: the next one is due at 11000 clocks");
	EXPECT_U64(b.edges, 10);
	EXPECT_U64(b.alarm, HOUR + pit_ns(11 * 1000));

	at(&b, 20 * 1000 + 1);
	pit_update(&b.pit);
	pit_irq_event(&b.pit, 5, IRQ_TAKEN);
	EXPECT_U64(b.edges, 11);
	pit_irq_event(&b.pit, PIT_IRQ, IRQ_UNMASKED);
	taken(&b);
	CONTEXT("nine more were owed, but the guest had the line masked: it gets none of these");
	EXPECT_U64(b.edges, 11);
	EXPECT_U64(b.alarm, HOUR + pit_ns(21 * 1000));
	at(&b, 23 * 1000);
	pit_irq_event(&b.pit, PIT_IRQ, IRQ_UNMASKED);
	CONTEXT("three are due and none waits when the guest unmasks the line: IRR has one by "
		"then, "
		"and it is owed no other");
	EXPECT_U64(b.edges, 12);
	taken(&b);
	EXPECT_U64(b.edges, 12);
	at(&b, 25 * 1000);
	pit_update(&b.pit);
	program(&b, 0, 3, 1000);
	taken(&b);
	CONTEXT("a new count: nothing is owed from before");
	EXPECT_U64(b.edges, 13);
	EXPECT_U64(b.alarm, HOUR + pit_ns(25 * 1000) + pit_ns(1000));
}

TEST("4.6", what_a_guest_begins_to_hear, 0)
{
	struct bench b;

	begin(&b);
	program(&b, 0, 2, 1000);
	at(&b, 3000);
	pit_update(&b.pit);
	for (unsigned n = 1; n < 16; n++)
		pit_irq_event(&b.pit, n, IRQ_UNMASKED);
	CONTEXT("three edges are over, one of them is in IRR; then the guest unmasks lines 1 to "
		"15, which are not the timer's: the other two are owed as before");
	EXPECT_U64(b.edges, 1);
	taken(&b);
	EXPECT_U64(b.edges, 2);
	taken(&b);
	EXPECT_U64(b.edges, 3);
	taken(&b);
	EXPECT_U64(b.edges, 3);

	at(&b, 5000);
	pit_update(&b.pit);
	EXPECT_U64(b.edges, 4);
	pit_irq_event(&b.pit, PIT_IRQ, IRQ_UNMASKED);
	at(&b, 7000);
	pit_update(&b.pit);
	CONTEXT("the guest unmasks line 0 and has not taken the edge in IRR yet: no other can go "
		"there");
	EXPECT_U64(b.edges, 4);
	EXPECT_U64(b.alarm, PIT_NEVER);
	taken(&b);
	CONTEXT("then it takes that one: it is owed the two that have come since it listens");
	EXPECT_U64(b.edges, 5);
	taken(&b);
	EXPECT_U64(b.edges, 6);
	taken(&b);
	EXPECT_U64(b.edges, 6);
	EXPECT_U64(b.alarm, HOUR + pit_ns(8000));
	at(&b, 7500);
	pit_irq_event(&b.pit, PIT_IRQ, IRQ_UNMASKED);
	CONTEXT("line 0 is unmasked when nothing is owed: nothing comes, and the next edge in "
		"time");
	EXPECT_U64(b.edges, 6);
	wait_for_alarm(&b);
	EXPECT_U64(b.now, HOUR + pit_ns(8000));
	EXPECT_U64(b.edges, 7);
}

TEST("4.6", ticks_that_are_taken_at_once, 1)
{
	struct bench b;

	begin(&b);
	b.takes_at_once = true;
	program(&b, 0, 2, 1000);
	CONTEXT("a controller that takes each edge while the line rises");
	for (unsigned n = 1; n <= 3; n++) {
		wait_for_alarm(&b);
		EXPECT_U64(b.edges, n);
		EXPECT_U64(b.alarm, HOUR + pit_ns((n + 1) * 1000));
	}
	at(&b, 7500);
	pit_update(&b.pit);
	CONTEXT("the same, and four edges are owed");
	EXPECT_U64(b.edges, 7);
	EXPECT_U64(b.alarm, HOUR + pit_ns(8000));
}

TEST("-", gate_of_counter_2, 0)
{
	struct bench b;
	u8 byte = 0;

	begin(&b);
	program(&b, 2, 3, 1000);
	bus_io(&b.bus, PIT_GATE_PORT, false, &byte, 1);
	EXPECT_U64(byte & 0xef, 0x20);
	at(&b, 600);
	bus_io(&b.bus, PIT_GATE_PORT, false, &byte, 1);
	EXPECT_U64(byte & 0xef, 0x00);
	byte = 0x03;
	bus_io(&b.bus, PIT_GATE_PORT, true, &byte, 1);
	CONTEXT("a rising gate starts the counter anew");
	EXPECT_U64(read_both(&b, 2), 1000);
	bus_io(&b.bus, PIT_GATE_PORT, false, &byte, 1);
	EXPECT_U64(byte & 0xef, 0x23);
}

TEST("-", pit_survives_anything, 0)
{
	u64 state = 0x9e3779b97f4a7c15;
	struct bench b;
	u8 byte[4];

	begin(&b);
	for (unsigned step = 0; step < 200000; step++) {
		state ^= state << 13;
		state ^= state >> 7;
		state ^= state << 17;
		memcpy(byte, &state, sizeof(byte));
		bus_io(&b.bus,
		       (state >> 32 & 7) == 7 ? PIT_GATE_PORT : PIT_PORT + (state >> 32 & 3),
		       state >> 36 & 1, byte, 1U << (state >> 37 & 1));
		b.now += state >> 38 & (state & 1 ? 0xfff : 0x3ffffff);
		if (state >> 8 & 1)
			pit_irq_event(&b.pit, state >> 9 & 1, state >> 10 & 1);
		pit_update(&b.pit);
	}
	CONTEXT("200,000 random steps: counts are in range, and there are ticks");
	for (unsigned i = 0; i < 3; i++)
		EXPECT_TRUE(b.pit.state.channel[i].count >= 1 &&
			    b.pit.state.channel[i].count <= 0x10000);
	EXPECT_TRUE(b.edges > 100);
}
