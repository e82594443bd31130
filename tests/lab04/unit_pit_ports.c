// SPDX-License-Identifier: MIT
/* Task 4.6: the 8254, what is written to it and read from it. */
#include "pit_bench.h"

TEST("4.6", ports_of_the_timer, 1)
{
	struct bench b;

	begin(&b);
	program(&b, 2, 2, 0x1234);
	CONTEXT("a count of 0x1234, low byte first, is read back in the same order");
	EXPECT_U64(read_both(&b, 2), 0x1234);
	at(&b, 0x100);
	pit_write(&b.pit, CONTROL, 0x80);
	at(&b, 0x234);
	pit_write(&b.pit, CONTROL, 0x80);
	CONTEXT("latched after 0x100 clocks; a second latch before it is read changes nothing");
	EXPECT_U64(read_both(&b, 2), 0x1134);
	EXPECT_U64(read_both(&b, 2), 0x1000);

	CONTEXT("only the low byte, then only the high byte is written and read");
	pit_write(&b.pit, CONTROL, 0x94);
	pit_write(&b.pit, 2, 0x77);
	EXPECT_U64(b.pit.state.channel[2].count, 0x77);
	EXPECT_U64(pit_read(&b.pit, 2), 0x77);
	EXPECT_U64(pit_read(&b.pit, 2), 0x77);
	pit_write(&b.pit, CONTROL, 0xa4);
	pit_write(&b.pit, 2, 0x77);
	EXPECT_U64(b.pit.state.channel[2].count, 0x7700);
	EXPECT_U64(pit_read(&b.pit, 2), 0x77);
	CONTEXT("a count of 0 is 65536, by two bytes or by one");
	for (u8 control = 0x50; control <= 0x60; control += 0x10) {
		pit_write(&b.pit, CONTROL, control);
		pit_write(&b.pit, 1, 0);
		EXPECT_U64(b.pit.state.channel[1].count, 65536);
	}
	program(&b, 1, 0, 0);
	EXPECT_U64(b.pit.state.channel[1].count, 65536);

	program(&b, 0, 7, 0x4321);
	CONTEXT("read-back 0xc2: status of counter 0 before its count; mode 7 is mode 3");
	pit_write(&b.pit, CONTROL, 0xc2);
	EXPECT_U64(pit_read(&b.pit, 0), 0xb6);
	at(&b, 0x1000);
	EXPECT_U64(read_both(&b, 0), 0x4321);
	CONTEXT("read-back 0xee: only the status of all three; 0xd4: only the count of counter 1");
	pit_write(&b.pit, CONTROL, 0xee);
	EXPECT_U64(pit_read(&b.pit, 1), 0x30);
	EXPECT_U64(pit_read(&b.pit, 2), 0x24);
	pit_write(&b.pit, CONTROL, 0xd4);
	at(&b, 0x2000);
	EXPECT_U64(read_both(&b, 1), (u16)(0x234 - 0x1000));
	EXPECT_U64(pit_read(&b.pit, CONTROL), 0);
	CONTEXT("the BCD bit is remembered");
	pit_write(&b.pit, CONTROL, 0xb9);
	pit_write(&b.pit, CONTROL, 0xe8);
	EXPECT_U64(pit_read(&b.pit, 2) & 0x3f, 0x39);
	CONTEXT("of a counter with one byte, one is held: the next read is of the count as it is");
	pit_write(&b.pit, CONTROL, 0x94);
	pit_write(&b.pit, 2, 0x77);
	pit_write(&b.pit, CONTROL, 0x80);
	b.now += pit_ns(2);
	EXPECT_U64(pit_read(&b.pit, 2), 0x77);
	EXPECT_U64(pit_read(&b.pit, 2), 0x75);
	pit_write(&b.pit, CONTROL, 0xa4);
	pit_write(&b.pit, 2, 0x12);
	pit_write(&b.pit, CONTROL, 0x80);
	CONTEXT("the same with the high byte");
	EXPECT_U64(pit_read(&b.pit, 2), 0x12);
	program(&b, 2, 0, 100);
	pit_write(&b.pit, CONTROL, 0xe8);
	at(&b, 0x3000);
	CONTEXT("a second read-back of a status that was not read yet changes nothing");
	pit_write(&b.pit, CONTROL, 0xe8);
	EXPECT_U64(pit_read(&b.pit, 2), 0x30);
	pit_write(&b.pit, CONTROL, 0xe8);
	EXPECT_U64(pit_read(&b.pit, 2), 0xb0);
}

TEST("4.6", a_control_word_begins_anew, 1)
{
	struct bench b;

	begin(&b);
	program(&b, 2, 2, 0x1234);
	pit_read(&b.pit, 2);
	program(&b, 2, 2, 0x5678);
	CONTEXT("one byte of the count was read, then comes a control word: the low byte is next");
	EXPECT_U64(read_both(&b, 2), 0x5678);
	pit_write(&b.pit, 2, 0x77);
	program(&b, 2, 2, 0x4321);
	CONTEXT("one byte of a count was written, then comes a control word: the low byte is next");
	EXPECT_U64(b.pit.state.channel[2].count, 0x4321);
	EXPECT_U64(read_both(&b, 2), 0x4321);
	CONTEXT("one byte of the count was read, one was written: neither disturbs the other");
	pit_read(&b.pit, 2);
	pit_write(&b.pit, 2, 0x65);
	EXPECT_U64(pit_read(&b.pit, 2), 0x43);
	pit_write(&b.pit, 2, 0x87);
	EXPECT_U64(read_both(&b, 2), 0x8765);
	pit_read(&b.pit, 2);
	pit_write(&b.pit, CONTROL, 0x80);
	CONTEXT("one byte of the count was read, then it is held: both bytes of that, then the "
		"other byte of the count");
	EXPECT_U64(read_both(&b, 2), 0x8765);
	EXPECT_U64(pit_read(&b.pit, 2), 0x87);
}

TEST("4.6", half_a_count_is_none, 0)
{
	struct bench b;

	begin(&b);
	program(&b, 0, 2, 1000);
	pit_write(&b.pit, 0, 0x77);
	CONTEXT("the low byte of a new count is written: the counter goes on with its old one");
	wait_for_alarm(&b);
	EXPECT_U64(b.edges, 1);
	EXPECT_U64(b.now, HOUR + pit_ns(1000));
	EXPECT_U64(b.pit.state.channel[0].count, 1000);
	pit_write(&b.pit, CONTROL, 0x70);
	pit_write(&b.pit, CONTROL, 0xe4);
	CONTEXT("counter 1 has a control word and no count yet: null count reads 0 all the same");
	EXPECT_U64(pit_read(&b.pit, 1) & 0x7f, 0x30);
	for (unsigned mode = 2; mode <= 4; mode++) {
		begin(&b);
		program(&b, 0, mode, 1000);
		at(&b, 300);
		pit_write(&b.pit, 0, 0x77);
		CONTEXT("mode %u, and half of a new count after 300 clocks: the old one goes on "
			"as if nothing had been written",
			mode);
		EXPECT_U64(pit_count(&b.pit.state.channel[0], b.now), mode == 3 ? 400 : 700);
		EXPECT_U64(b.alarm, HOUR + pit_ns(1000));
		wait_for_alarm(&b);
		EXPECT_U64(b.edges, 1);
	}
	begin(&b);
	program(&b, 0, 2, 1000);
	at(&b, 3000);
	pit_write(&b.pit, 0, 0x77);
	taken(&b);
	taken(&b);
	taken(&b);
	CONTEXT("half of a new count, when three edges are owed: they are owed as before");
	EXPECT_U64(b.edges, 3);
	EXPECT_U64(b.alarm, HOUR + pit_ns(4000));
	begin(&b);
	pit_write(&b.pit, CONTROL, 0x34);
	at(&b, 100);
	pit_write(&b.pit, 0, 1000 & 0xff);
	EXPECT_U64(b.alarm, PIT_NEVER);
	at(&b, 300);
	pit_write(&b.pit, 0, 1000 >> 8);
	CONTEXT("a control word, 100 clocks later half of a count, 200 later the other half: it "
		"counts from then on");
	EXPECT_U64(read_both(&b, 0), 1000);
	EXPECT_U64(b.alarm, b.now + pit_ns(1000));
}

/* Between the two bytes of a count that is written or read, all else may be asked for. */
TEST("4.6", what_comes_between_two_halves, 0)
{
	static const struct {
		u8 control;
		const char *name;
	} row[] = {
		{ 0x80, "a latch command for it" },
		{ 0x8f, "a latch command whose other bits are set, which the chip does not look "
			"at" },
		{ 0x40, "a latch command for counter 1" },
		{ 0xc8, "a read-back of its status and count" },
		{ 0xd8, "a read-back of its count" },
		{ 0x74, "a control word for counter 1" },
	};
	struct bench b;

	for (unsigned i = 0; i < ARRAY_SIZE(row); i++) {
		begin(&b);
		program(&b, 1, 2, 0x1111);
		program(&b, 2, 4, 0x1234);
		pit_write(&b.pit, 2, 0x78);
		pit_write(&b.pit, CONTROL, row[i].control);
		pit_write(&b.pit, 2, 0x56);
		CONTEXT("half of a new count for counter 2 is written, then comes %s, then the "
			"other half",
			row[i].name);
		EXPECT_U64(b.pit.state.channel[2].count, 0x5678);
		EXPECT_U64(b.pit.state.channel[2].mode, 4);
	}
	begin(&b);
	program(&b, 1, 2, 0x1111);
	program(&b, 2, 2, 0x1234);
	pit_write(&b.pit, 2, 0x78);
	pit_write(&b.pit, 1, 0xcd);
	pit_read(&b.pit, 2);
	pit_write(&b.pit, 2, 0x56);
	pit_write(&b.pit, 1, 0xab);
	CONTEXT("counters 1 and 2 get a new count each, by turns");
	EXPECT_U64(b.pit.state.channel[2].count, 0x5678);
	EXPECT_U64(b.pit.state.channel[1].count, 0xabcd);

	begin(&b);
	program(&b, 2, 2, 0x1234);
	EXPECT_U64(pit_read(&b.pit, 2), 0x34);
	program(&b, 1, 2, 0x1111);
	CONTEXT("one byte of counter 2 is read, then counter 1 is programmed anew");
	EXPECT_U64(pit_read(&b.pit, 2), 0x12);
	pit_write(&b.pit, CONTROL, 0x80);
	EXPECT_U64(pit_read(&b.pit, 2), 0x34);
	at(&b, 0x300);
	pit_write(&b.pit, CONTROL, 0x80);
	pit_write(&b.pit, CONTROL, 0xd8);
	CONTEXT("one byte of a latched count is read, then it is latched twice more: the other "
		"byte is still of the first");
	EXPECT_U64(pit_read(&b.pit, 2), 0x12);
	CONTEXT("then the count as it is");
	EXPECT_U64(read_both(&b, 2), 0x1234 - 0x300);
	pit_write(&b.pit, CONTROL, 0x80);
	pit_read(&b.pit, 2);
	pit_write(&b.pit, CONTROL, 0xe8);
	CONTEXT("one byte of a latched count is read, then the status is held: it is read before "
		"the other byte");
	EXPECT_U64(pit_read(&b.pit, 2) & 0x7f, 0x34);
	EXPECT_U64(pit_read(&b.pit, 2), (0x1234 - 0x300) >> 8);
}

TEST("4.6", what_a_status_says, 0)
{
	struct bench b;

	begin(&b);
	for (u8 word = 0x90; word < 0xc0; word++) {
		pit_write(&b.pit, CONTROL, word);
		pit_write(&b.pit, 2, 0x12);
		if (word >= 0xb0)
			pit_write(&b.pit, 2, 0x34);
		pit_write(&b.pit, CONTROL, 0xe8);
		CONTEXT("the status of counter 2 after the control word 0x%x", word);
		EXPECT_U64(pit_read(&b.pit, 2) & 0x3f,
			   (word & 0x0c) == 0x0c ? word & 0x37 : word & 0x3f);
	}
	program(&b, 0, 2, 0x1111);
	program(&b, 1, 6, 0x2222);
	program(&b, 2, 5, 0x3333);
	pit_write(&b.pit, CONTROL, 0xee);
	CONTEXT("read-back of all three: modes 2, 6 (which is 2) and 5, in any order");
	EXPECT_U64(pit_read(&b.pit, 2) & 0x7f, 0x3a);
	EXPECT_U64(pit_read(&b.pit, 0) & 0x7f, 0x34);
	EXPECT_U64(pit_read(&b.pit, 1) & 0x7f, 0x34);
	pit_write(&b.pit, CONTROL, 0xe4);
	pit_write(&b.pit, CONTROL, 0x40);
	at(&b, 0x100);
	CONTEXT("status first, and then the count is latched by a command of its own: both are "
		"held");
	EXPECT_U64(pit_read(&b.pit, 1) & 0x7f, 0x34);
	EXPECT_U64(read_both(&b, 1), 0x2222);
	pit_write(&b.pit, CONTROL, 0x40);
	pit_write(&b.pit, CONTROL, 0xe4);
	CONTEXT("the count is latched first, and then the status: which comes first, all the same");
	EXPECT_U64(pit_read(&b.pit, 1) & 0x7f, 0x34);
	EXPECT_U64(read_both(&b, 1), 0x2222 - 0x100);
	at(&b, 0x200);
	EXPECT_U64(read_both(&b, 1), 0x2222 - 0x200);
	for (unsigned n = 0; n < 3; n++) {
		begin(&b);
		for (unsigned i = 0; i < 3; i++)
			program(&b, i, 2, 0x1234);
		pit_write(&b.pit, CONTROL, (u8)(0xc0 | 2 << n));
		at(&b, 0x100);
		CONTEXT("a read-back of counter %u alone, and 0x100 clocks: the others are not "
			"held",
			n);
		for (unsigned i = 0; i < 3; i++) {
			if (i == n)
				EXPECT_U64(pit_read(&b.pit, i) & 0x7f, 0x34);
			EXPECT_U64(read_both(&b, i), i == n ? 0x1234 : 0x1134);
		}
	}
}

TEST("4.6", new_counts_and_old_edges, 0)
{
	struct bench b;

	for (unsigned mode = 0; mode <= 4; mode += 4) {
		begin(&b);
		program(&b, 0, 2, 100);
		for (unsigned n = 0; n < 5; n++) {
			wait_for_alarm(&b);
			taken(&b);
		}
		program(&b, 0, mode, 300);
		CONTEXT("five edges of mode 2, and then mode %u with its only one", mode);
		EXPECT_U64(b.edges, 5);
		EXPECT_U64(b.alarm, HOUR + pit_ns(500) + pit_ns(300));
		wait_for_alarm(&b);
		EXPECT_U64(b.edges, 6);
	}
	begin(&b);
	program(&b, 0, 4, 100);
	at(&b, 50);
	pit_read(&b.pit, 0);
	pit_write(&b.pit, 0, 0x34);
	pit_write(&b.pit, 0, 0x12);
	CONTEXT("the low byte of a count was read, then comes a new one: the high byte is next");
	EXPECT_U64(pit_read(&b.pit, 0), 0x12);
	begin(&b);
	program(&b, 0, 2, 1000);
	at(&b, 300);
	pit_write(&b.pit, 0, 1000 & 0xff);
	pit_write(&b.pit, 0, 1000 >> 8);
	CONTEXT("after 300 clocks the count is written once more, the same: it begins anew");
	EXPECT_U64(read_both(&b, 0), 1000);
	EXPECT_U64(b.alarm, b.now + pit_ns(1000));
	begin(&b);
	program(&b, 0, 2, 100);
	at(&b, 1000 * 100);
	pit_update(&b.pit);
	for (unsigned n = 0; n < 2000; n++)
		taken(&b);
	CONTEXT("a thousand edges are owed, and come one after the other");
	EXPECT_U64(b.edges, 1000);
	begin(&b);
	program(&b, 0, 4, 100);
	CONTEXT("mode 4, a count of 100: an edge after 100 clocks, and no more");
	EXPECT_U64(b.alarm, HOUR + pit_ns(100));
	wait_for_alarm(&b);
	taken(&b);
	at(&b, 1000);
	pit_update(&b.pit);
	EXPECT_U64(b.edges, 1);
	EXPECT_U64(b.alarm, PIT_NEVER);
}

TEST("4.6", what_is_due_comes_before_a_write, 1)
{
	struct bench b;

	begin(&b);
	program(&b, 0, 2, 1000);
	at(&b, 1000);
	pit_write(&b.pit, CONTROL, 0x34);
	CONTEXT("an edge is due, and nobody has called pit_update(); then comes a control word: "
		"the edge first");
	EXPECT_U64(b.edges, 1);
	EXPECT_U64(b.alarm, PIT_NEVER);
	begin(&b);
	program(&b, 0, 2, 1000);
	at(&b, 1000);
	pit_write(&b.pit, 0, 2000 & 0xff);
	pit_write(&b.pit, 0, 2000 >> 8);
	CONTEXT("an edge is due, then comes a new count: the edge first");
	EXPECT_U64(b.edges, 1);
	at(&b, 6500);
	pit_update(&b.pit);
	pit_write(&b.pit, 0, 1000 & 0xff);
	pit_write(&b.pit, 0, 1000 >> 8);
	CONTEXT("then comes a new count, while IRR still has the first edge: no other can go "
		"there");
	EXPECT_U64(b.alarm, PIT_NEVER);
	taken(&b);
	CONTEXT("more edges are owed, then comes a new count, without a control word: nothing is "
		"owed any more, and the next edge is due when the new count is over");
	EXPECT_U64(b.edges, 1);
	EXPECT_U64(b.alarm, b.now + pit_ns(1000));
	wait_for_alarm(&b);
	EXPECT_U64(b.edges, 2);
}
