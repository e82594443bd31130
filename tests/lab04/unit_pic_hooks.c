// SPDX-License-Identifier: MIT
/* Task 4.4: whom the 8259As tell of what happens in them. */
#include "pair.h"

/* What the hooks were told. */
struct told {
	unsigned changed, taken[16], unmasked[16];
	u8 irr[2]; /* the master's, when it was told of such an event last */
};

static void note_changed(void *ctx)
{
	((struct told *)ctx)->changed++;
}

static void note_event(void *ctx, unsigned n, enum irq_event event)
{
	struct told *told = ctx;

	told->irr[event] = pics.pic[MASTER].irr;
	if (event == IRQ_TAKEN)
		told->taken[n]++;
	else
		told->unmasked[n]++;
}

static void listen(struct told *told)
{
	*told = (struct told){ .changed = 0 };
	pics.changed = note_changed;
	pics.event = note_event;
	pics.ctx = pics.event_ctx = told;
}

TEST("4.4", hooks_are_called, 1)
{
	struct told told;

	begin();
	data(MASTER, 0x08);
	listen(&told);
	pulse(3);
	CONTEXT("line 3 is masked: INT stays low");
	EXPECT_U64(told.changed, 0);
	pics.chip.ops->set(&pics.chip, 9, true);
	CONTEXT("line 9 rises: INT is high");
	EXPECT_U64(told.changed, 1);
	pics_ack(&pics);
	EXPECT_U64(told.taken[9], 1);
	pulse(1);
	pics_ack(&pics);
	EXPECT_U64(told.taken[1], 1);
	EXPECT_U64(told.changed, 2);
	data(MASTER, 0x00);
	EXPECT_U64(told.unmasked[3], 1);
	EXPECT_U64(told.taken[3], 0);
	pulse(0);
	command(MASTER, EOI);
	command(MASTER, EOI);
	command(MASTER, 0x0c);
	CONTEXT("a poll takes the edge as the CPU does");
	EXPECT_U64(pic_read(&pics, MASTER, 0), 0x80);
	EXPECT_U64(told.taken[0], 1);
	CONTEXT("an edge is lost by ICW1: there is room for a new one, and all lines are unmasked");
	command(MASTER, 0x11);
	EXPECT_U64(told.taken[3], 1);
	EXPECT_U64(told.unmasked[0], 1);
	EXPECT_U64(told.taken[0], 1);
	CONTEXT("that they are unmasked is told before IRR is cleared, that an edge is lost after");
	EXPECT_U64(told.irr[IRQ_UNMASKED], 0x08);
	EXPECT_U64(told.irr[IRQ_TAKEN], 0);
}

TEST("4.4", the_master_holds_back_the_slave, 0)
{
	struct told told;

	begin();
	data(MASTER, 0x04);
	listen(&told);
	pulse(9);
	CONTEXT("line 9 rises, but the master's line 2 is masked: INT stays low");
	EXPECT_U64(told.changed, 0);
	begin();
	pulse(1);
	pics_ack(&pics);
	listen(&told);
	pulse(9);
	CONTEXT("line 9 rises, but line 1 is in service: INT stays low");
	EXPECT_U64(told.changed, 0);
}

TEST("4.4", a_level_is_not_taken, 0)
{
	struct told told;

	for (unsigned n = 5; n < 16; n += 5) {
		begin();
		bus_io(&bus, PIC_ELCR_PORT, true, (u8[]){ 0x20, 0x84 }, 2);
		listen(&told);
		pics_set(&pics, n, true);
		CONTEXT("line %u is level-triggered and stays high: event() hears nothing when the "
			"CPU takes it",
			n);
		pics_ack(&pics);
		EXPECT_U64(told.taken[n], 0);
		end_both();
		command(n / 8, 0x0c);
		CONTEXT("line %u is level-triggered and stays high: event() hears nothing of a "
			"poll",
			n);
		EXPECT_U64(pic_read(&pics, n / 8, 0), 0x80 | n % 8);
		EXPECT_U64(told.taken[n], 0);
		command(n / 8, 0x11);
		CONTEXT("line %u is level-triggered and stays high: ICW1 loses no edge of it", n);
		EXPECT_U64(told.taken[n], 0);
	}
}

/* Lines of the slave are 8 to 15, whoever tells of them. */
TEST("4.4", lines_of_the_slave, 0)
{
	struct told told;

	begin();
	data(SLAVE, 0x0c);
	listen(&told);
	pulse(11);
	data(SLAVE, 0x04);
	CONTEXT("of the slave's lines, 3 is unmasked");
	EXPECT_U64(told.unmasked[11], 1);
	EXPECT_U64(told.unmasked[10], 0);
	EXPECT_U64(told.unmasked[3], 0);
	command(SLAVE, 0x0c);
	pic_read(&pics, SLAVE, 0);
	CONTEXT("it asks, and a poll of the slave takes its edge");
	EXPECT_U64(told.taken[11], 1);
	EXPECT_U64(told.taken[3], 0);
	pulse(11);
	pulse(10);
	command(SLAVE, 0x11);
	CONTEXT("lines 10 and 11 ask, when ICW1 comes: both are lost, and all of the slave's "
		"are unmasked");
	EXPECT_U64(told.taken[10], 1);
	EXPECT_U64(told.taken[11], 2);
	EXPECT_U64(told.unmasked[8], 1);
	EXPECT_U64(told.unmasked[15], 1);
	EXPECT_U64(told.unmasked[0], 0);
	EXPECT_U64(told.unmasked[7], 0);
}

/* Neither the words of initialisation nor what is spurious are events. */
TEST("4.4", what_event_does_not_hear_of, 0)
{
	struct told told;

	begin();
	listen(&told);
	start_chip(MASTER, 0x11, 0x01);
	start_chip(SLAVE, 0x11, 0x01);
	for (unsigned n = 0; n < 16; n++) {
		if (n == PIC_CASCADE)
			continue;
		CONTEXT("ICW1 unmasks line %u; ICW2 to ICW4 say nothing of it", n);
		EXPECT_U64(told.unmasked[n], 1);
		EXPECT_U64(told.taken[n], 0);
	}
	data(MASTER, 0x20);
	pulse(5);
	pics_ack(&pics);
	pulse(10);
	data(SLAVE, 0x04);
	pics_ack(&pics);
	CONTEXT("lines 5 and 10 are masked, and the CPU comes all the same: no edge is taken");
	EXPECT_U64(told.taken[5], 0);
	EXPECT_U64(told.taken[7], 0);
	EXPECT_U64(told.taken[10], 0);
	EXPECT_U64(told.taken[15], 0);
}

/* A device that owes edges, as the timer may. */
struct owed {
	unsigned line, left;
};

static void send_again(void *ctx, unsigned n, enum irq_event event)
{
	struct owed *owed = ctx;

	if (event == IRQ_TAKEN && n == owed->line && owed->left) {
		owed->left--;
		pulse(n);
	}
}

TEST("4.4", a_hook_that_sends_an_edge, 0)
{
	static const u8 line[] = { 3, 11 }, vector[] = { 0x23, 0x73 };

	for (unsigned i = 0; i < ARRAY_SIZE(line); i++) {
		struct owed owed = { .line = line[i], .left = 1 };

		begin();
		pics.event = send_again;
		pics.event_ctx = &owed;
		pulse(line[i]);
		CONTEXT("the CPU takes line %u, and event() sends an edge: it is not lost",
			line[i]);
		EXPECT_U64(pics_ack(&pics), vector[i]);
		EXPECT_U64(owed.left, 0);
		end_both();
		EXPECT_U64(pics_ack(&pics), vector[i]);
		end_both();
		owed.left = 1;
		pulse(line[i]);
		command(line[i] / 8, 0x0c);
		CONTEXT("a poll takes line %u, and event() sends an edge: it is not lost", line[i]);
		EXPECT_U64(pic_read(&pics, line[i] / 8, 0), 0x80 | line[i] % 8);
		EXPECT_U64(owed.left, 0);
		command(line[i] / 8, EOI);
		EXPECT_U64(pics_ack(&pics), vector[i]);
	}
}
