// SPDX-License-Identifier: MIT
/* Task 4.4: the pair of 8259As, by its registers and its lines alone. */
#include "pair.h"

TEST("4.4", words_of_initialisation, 1)
{
	begin();
	CONTEXT("after ICW1 to ICW4 the data port is the mask, which ICW1 has cleared");
	EXPECT_U64(pic_read(&pics, MASTER, 1), 0);
	data(MASTER, 0xa5);
	data(SLAVE, 0x5a);
	EXPECT_U64(pic_read(&pics, MASTER, 1), 0xa5);
	EXPECT_U64(pic_read(&pics, SLAVE, 1), 0x5a);

	CONTEXT("ICW1 0x12: one chip alone, and no ICW4: ICW2 is the only word that follows");
	command(MASTER, 0x12);
	EXPECT_U64(pic_read(&pics, MASTER, 1), 0);
	data(MASTER, 0x47); /* the low three bits of ICW2 are not the vector's */
	data(MASTER, 0x81);
	EXPECT_U64(pic_read(&pics, MASTER, 1), 0x81);
	pulse(3);
	EXPECT_U64(pics_ack(&pics), 0x43);

	CONTEXT("ICW1 0x10: with ICW3 and without ICW4");
	command(MASTER, 0x10);
	data(MASTER, 0x50);
	data(MASTER, 0x04);
	data(MASTER, 0x18);
	EXPECT_U64(pic_read(&pics, MASTER, 1), 0x18);

	CONTEXT("ICW1 0x13: with ICW4 (automatic EOI) and without ICW3");
	command(MASTER, 0x13);
	data(MASTER, 0x60);
	data(MASTER, 0x03);
	data(MASTER, 0x00);
	pulse(5);
	EXPECT_U64(pics_ack(&pics), 0x65);
	EXPECT_U64(isr(MASTER), 0);
}

/* Each chip counts its own words; the other has a mask meanwhile, or words of its own. */
TEST("4.4", words_for_each_chip, 0)
{
	begin();
	command(MASTER, 0x11);
	data(SLAVE, 0x5a);
	CONTEXT("the master waits for ICW2; what comes to the slave's data port is its mask");
	EXPECT_U64(pic_read(&pics, SLAVE, 1), 0x5a);
	command(SLAVE, 0x11);
	data(MASTER, 0x40);
	data(SLAVE, 0x48);
	data(MASTER, 0x04);
	data(SLAVE, 0x02);
	data(MASTER, 0x01);
	data(SLAVE, 0x01);
	data(MASTER, 0x10);
	data(SLAVE, 0x20);
	CONTEXT("both are initialised, word by word in turns");
	EXPECT_U64(pic_read(&pics, MASTER, 1), 0x10);
	EXPECT_U64(pic_read(&pics, SLAVE, 1), 0x20);
	pulse(11);
	EXPECT_U64(pics_ack(&pics), 0x4b);
	end_both();
	pulse(6);
	EXPECT_U64(pics_ack(&pics), 0x46);
	command(MASTER, 0x11);
	pulse(3);
	CONTEXT("the master waits for ICW2: its data port still reads as its mask");
	EXPECT_U64(pic_read(&pics, MASTER, 1), 0);
}

TEST("4.4", icw1_begins_anew, 1)
{
	begin();
	data(MASTER, 0xff);
	pics_set(&pics, 3, true);
	pics_set(&pics, 6, true);
	data(MASTER, 0);
	pics_ack(&pics);
	command(MASTER, 0xc2); /* line 2 is lowest: 3 is highest */
	command(MASTER, 0x11);
	CONTEXT("one interrupt is served, one waits, both lines are high; then comes ICW1");
	EXPECT_U64(irr(MASTER), 0);
	EXPECT_U64(isr(MASTER), 0);
	EXPECT_TRUE(!pics_pending(&pics));
	data(MASTER, 0x20);
	data(MASTER, 0x04);
	data(MASTER, 0x01);
	CONTEXT("a line that is still high makes no new edge; falling and rising does");
	pics_set(&pics, 6, true);
	EXPECT_U64(irr(MASTER), 0);
	pics_set(&pics, 6, false);
	pics_set(&pics, 6, true);
	EXPECT_U64(irr(MASTER), 0x40);
	pulse(1);
	CONTEXT("ICW1 has undone the rotation: line 1 comes before line 6");
	EXPECT_U64(pics_ack(&pics), 0x21);

	begin();
	command(MASTER, 0x0b); /* OCW3: ISR is what is read, */
	command(MASTER, 0x68); /* special mask mode, */
	command(MASTER, 0x0c); /* and a poll is next */
	start_chip(MASTER, 0x11, 0x01);
	pulse(4);
	CONTEXT("before ICW1 ISR was to be read, and a poll was next; after it IRR is");
	EXPECT_U64(pic_read(&pics, MASTER, 0), 0x10);
	pics_ack(&pics);
	data(MASTER, 0x10);
	pulse(6);
	CONTEXT("before ICW1 there was special mask mode; after it line 4 in service holds back 6");
	EXPECT_TRUE(!pics_pending(&pics));

	begin();
	bus_io(&bus, PIC_ELCR_PORT, true, &(u8){ 0x20 }, 1);
	pics_set(&pics, 5, true);
	start_chip(MASTER, 0x11, 0x01);
	CONTEXT("line 5 is level-triggered, and high: ICW1 changes neither");
	EXPECT_U64(irr(MASTER), 0x20);
	EXPECT_U64(pics_ack(&pics), 0x25);
	EXPECT_U64(irr(MASTER), 0x20);

	begin_with(0x13, 0x01);
	command(MASTER, 0x80);
	start_chip(MASTER, 0x10, 0);
	pulse(12);
	pulse(3);
	CONTEXT("before ICW1 there was automatic EOI with rotation, special fully nested; after an "
		"ICW1 that says that no ICW4 follows, there is not");
	EXPECT_U64(pics_ack(&pics), 0x74);
	EXPECT_U64(isr(MASTER), 0x04);
	pulse(9);
	EXPECT_TRUE(!pics_pending(&pics));
	command(MASTER, EOI);
	EXPECT_U64(pics_ack(&pics), 0x71);
}

TEST("4.4", icw1_is_for_one_chip, 0)
{
	for (unsigned chip = MASTER; chip <= SLAVE; chip++) {
		begin();
		data(!chip, 0x10);
		pulse(chip == MASTER ? 9 : 1);
		pics_ack(&pics);
		pulse(chip == MASTER ? 12 : 4);
		command(!chip, 0x0b);
		command(chip, 0x11);
		CONTEXT("ICW1 for the %s: the other keeps its mask, what is in service and what "
			"waits",
			chip ? "slave" : "master");
		EXPECT_U64(pic_read(&pics, !chip, 0), 0x02);
		EXPECT_U64(pic_read(&pics, !chip, 1), 0x10);
		EXPECT_U64(irr(!chip), 0x10);
	}
}

TEST("4.4", edges_and_levels, 1)
{
	begin();
	pulse(4);
	CONTEXT("an edge stays in IRR when the line falls, and leaves it when it is taken");
	EXPECT_U64(irr(MASTER), 0x10);
	EXPECT_U64(pics_ack(&pics), 0x24);
	EXPECT_U64(irr(MASTER), 0);
	EXPECT_U64(isr(MASTER), 0x10);
	command(MASTER, EOI);
	EXPECT_U64(isr(MASTER), 0);
	pics_set(&pics, 4, true);
	pics_ack(&pics);
	command(MASTER, EOI);
	CONTEXT("a line that stays high is one edge, and so is one that is set high twice");
	pics_set(&pics, 4, true);
	EXPECT_TRUE(!pics_pending(&pics));
	data(MASTER, 0x10);
	data(MASTER, 0);
	CONTEXT("nor does a line that is high rise when it is unmasked");
	EXPECT_TRUE(!pics_pending(&pics));

	begin();
	bus_io(&bus, PIC_ELCR_PORT, true, &(u8){ 0x20 }, 1);
	pics_set(&pics, 5, true);
	CONTEXT("line 5 is level-triggered (ELCR): it asks again as long as it is high");
	EXPECT_U64(pics_ack(&pics), 0x25);
	EXPECT_U64(irr(MASTER), 0x20);
	command(MASTER, EOI);
	EXPECT_TRUE(pics_pending(&pics));
	pics_set(&pics, 5, false);
	EXPECT_U64(irr(MASTER), 0);
	EXPECT_TRUE(!pics_pending(&pics));
	pics_set(&pics, 5, true);
	pics_ack(&pics);
	pics_set(&pics, 5, false);
	CONTEXT("line 5 falls while it is served: in service until its EOI");
	EXPECT_U64(isr(MASTER), 0x20);
}

TEST("4.4", priorities_and_end_of_interrupt, 1)
{
	begin();
	pulse(6);
	pulse(3);
	CONTEXT("lines 6 and 3 ask: 3 comes first, and 6 waits until 3 is done");
	EXPECT_U64(pics_ack(&pics), 0x23);
	EXPECT_TRUE(!pics_pending(&pics));
	pulse(3);
	CONTEXT("line 3 asks again while it is served: not before its EOI");
	EXPECT_TRUE(!pics_pending(&pics));
	pulse(1);
	CONTEXT("line 1 is more urgent than 3");
	EXPECT_U64(pics_ack(&pics), 0x21);
	EXPECT_U64(isr(MASTER), 0x0a);
	command(MASTER, EOI);
	CONTEXT("an EOI without a number ends the most urgent one");
	EXPECT_U64(isr(MASTER), 0x08);
	EXPECT_TRUE(!pics_pending(&pics));
	command(MASTER, 0x63);
	EXPECT_U64(isr(MASTER), 0);
	EXPECT_U64(pics_ack(&pics), 0x23);
	pulse(0);
	EXPECT_U64(pics_ack(&pics), 0x20);
	command(MASTER, 0x63); /* line 3, though 0 is more urgent */
	CONTEXT("a specific EOI ends the line that it names");
	EXPECT_U64(isr(MASTER), 0x01);

	begin();
	data(MASTER, 0x08);
	pulse(3);
	CONTEXT("a masked line asks in vain, until it is unmasked");
	EXPECT_TRUE(!pics_pending(&pics));
	EXPECT_U64(irr(MASTER), 0x08);
	data(MASTER, 0);
	EXPECT_TRUE(pics_pending(&pics));
}

TEST("4.4", two_chips, 1)
{
	begin();
	pulse(12);
	pulse(10);
	CONTEXT("lines 12 and 10 come by way of the master's line 2");
	EXPECT_U64(irr(MASTER), 0x04);
	EXPECT_U64(pics_ack(&pics), 0x72);
	EXPECT_U64(isr(MASTER), 0x04);
	EXPECT_U64(isr(SLAVE), 0x04);
	pulse(9);
	CONTEXT("the master serves its line 2: even a more urgent line of the slave has to wait");
	EXPECT_TRUE(!pics_pending(&pics));
	pulse(1);
	EXPECT_U64(pics_ack(&pics), 0x21);
	command(MASTER, EOI);
	end_both();
	EXPECT_U64(pics_ack(&pics), 0x71);
	end_both();
	EXPECT_U64(pics_ack(&pics), 0x74);
	end_both();
	EXPECT_TRUE(!pics_pending(&pics));

	begin();
	pics_set(&pics, PIC_CASCADE, true);
	CONTEXT("line 2 is wired to the slave: nobody else can set it");
	EXPECT_U64(irr(MASTER), 0);
	EXPECT_TRUE(!pics_pending(&pics));

	begin_with(0x03, 0x03);
	pulse(9);
	pulse(11);
	CONTEXT("both with automatic EOI, two lines of the slave ask: one after the other");
	EXPECT_U64(pics_ack(&pics), 0x71);
	EXPECT_TRUE(pics_pending(&pics));
	EXPECT_U64(pics_ack(&pics), 0x73);
	EXPECT_TRUE(!pics_pending(&pics));

	begin_with(0x11, 0x01);
	pulse(12);
	pics_ack(&pics);
	pulse(9);
	CONTEXT("special fully nested mode: the slave may interrupt its own handler");
	EXPECT_U64(isr(MASTER), 0x04);
	EXPECT_TRUE(pics_pending(&pics));
	EXPECT_U64(pics_ack(&pics), 0x71);
	begin_with(0x01, 0x11);
	pulse(10);
	pics_ack(&pics);
	command(MASTER, EOI);
	pulse(11);
	CONTEXT("that mode is the master's: line 10, in service in the slave, holds back 11");
	EXPECT_TRUE(!pics_pending(&pics));
}

/* Line 9 is served, and the master has forgotten it. So it shows whether INT of the slave rises. */
static void serve_line_9(void)
{
	begin();
	pulse(9);
	pics_ack(&pics);
	command(MASTER, EOI);
	pulse(11);
	CONTEXT("line 9 is in service in the slave and holds back line 11");
	EXPECT_TRUE(!pics_pending(&pics));
}

/* Who has to tell the master? No OCW3 to read IRR by before the end: it would tell, too. */
TEST("4.4", what_goes_over_the_wire, 0)
{
	serve_line_9();
	command(SLAVE, 0xc1);
	CONTEXT("line 1 of the slave becomes the lowest: line 11 may interrupt it, INT rises");
	EXPECT_TRUE(pics_pending(&pics));
	serve_line_9();
	data(SLAVE, 0x02);
	command(SLAVE, 0x68);
	CONTEXT("line 9 is masked, and the slave gets special mask mode: its INT rises");
	EXPECT_TRUE(pics_pending(&pics));
	serve_line_9();
	command(SLAVE, EOI);
	CONTEXT("line 9 is ended: INT of the slave rises for line 11");
	EXPECT_TRUE(pics_pending(&pics));

	begin();
	pulse(10);
	command(MASTER, 0x0c);
	pic_read(&pics, MASTER, 0);
	data(SLAVE, 0x04);
	data(SLAVE, 0);
	CONTEXT("line 10 asks, is masked and unmasked: INT of the slave falls and rises");
	EXPECT_U64(irr(MASTER), 0x04);

	begin();
	bus_io(&bus, PIC_ELCR_PORT + 1, true, &(u8){ 0x02 }, 1);
	pics_set(&pics, 9, true);
	command(MASTER, 0x0c);
	pic_read(&pics, MASTER, 0);
	pics_set(&pics, 9, false);
	pics_set(&pics, 9, true);
	CONTEXT("line 9 is level-triggered, falls and rises: so does INT of the slave");
	EXPECT_U64(irr(MASTER), 0x04);
}

/* ICW4 is a chip's own, and so is an EOI. */
TEST("4.4", ends_in_each_chip, 0)
{
	for (unsigned chip = MASTER; chip <= SLAVE; chip++) {
		begin_with(chip == MASTER ? 0x03 : 0x01, chip == SLAVE ? 0x03 : 0x01);
		pulse(10);
		EXPECT_U64(pics_ack(&pics), 0x72);
		CONTEXT("automatic EOI in the %s only: line 10 is in service in the other",
			chip ? "slave" : "master");
		EXPECT_U64(isr(chip), 0);
		EXPECT_U64(isr(!chip), 0x04);
	}
	for (unsigned chip = MASTER; chip <= SLAVE; chip++) {
		begin();
		pulse(10);
		pics_ack(&pics);
		command(chip, EOI);
		CONTEXT("EOI for the %s: line 10 is still in service in the other",
			chip ? "slave" : "master");
		EXPECT_U64(isr(chip), 0);
		EXPECT_U64(isr(!chip), 0x04);
	}
}

TEST("4.4", request_that_has_gone, 1)
{
	begin();
	pulse(5);
	data(MASTER, 0x20);
	CONTEXT("line 5 asked and was masked before the CPU came: vector of line 7, not in "
		"service");
	EXPECT_U64(pics_ack(&pics), 0x27);
	EXPECT_U64(isr(MASTER), 0);
	data(MASTER, 0);
	pulse(7);
	EXPECT_U64(pics_ack(&pics), 0x25);
	command(MASTER, EOI);
	CONTEXT("a real interrupt of line 7 is in service");
	EXPECT_U64(pics_ack(&pics), 0x27);
	EXPECT_U64(isr(MASTER), 0x80);

	pulse(3);
	EXPECT_U64(pics_ack(&pics), 0x23);
	pulse(6);
	CONTEXT("line 3 is in service and holds back line 6, but the CPU comes: line 7, spurious");
	EXPECT_U64(pics_ack(&pics), 0x27);
	EXPECT_U64(isr(MASTER), 0x88);
	EXPECT_U64(irr(MASTER), 0x40);

	begin();
	pulse(10);
	data(SLAVE, 0x04);
	CONTEXT("line 10 was masked in the slave, and the master remembers the edge of its line 2");
	EXPECT_TRUE(pics_pending(&pics));
	EXPECT_U64(pics_ack(&pics), 0x77);
	EXPECT_U64(isr(SLAVE), 0);
	EXPECT_U64(isr(MASTER), 0x04);
}
