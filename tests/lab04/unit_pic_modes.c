// SPDX-License-Identifier: MIT
/* Task 4.4: the modes of the 8259A that not every guest uses, and polls. */
#include "pair.h"
#include "verdicts.h"

TEST("4.4", rotations_masks_and_polls, 1)
{
	begin();
	command(MASTER, 0xc3);
	pulse(1);
	pulse(5);
	CONTEXT("OCW2 0xc3 makes line 3 the lowest: 4, 5, 6, 7, 0, 1, 2, 3");
	EXPECT_U64(pics_ack(&pics), 0x25);
	command(MASTER, 0xa0);
	CONTEXT("OCW2 0xa0 ends line 5 and makes it the lowest: line 1 comes before 4");
	pulse(4);
	pulse(5);
	EXPECT_U64(pics_ack(&pics), 0x21);
	command(MASTER, 0x61);
	EXPECT_U64(pics_ack(&pics), 0x24);
	command(MASTER, 0xe4); /* ends line 4 and makes it the lowest */
	pulse(4);
	EXPECT_U64(pics_ack(&pics), 0x25);

	begin();
	command(MASTER, 0xa0);
	pulse(0);
	pulse(7);
	CONTEXT("OCW2 0xa0 when nothing is in service rotates nothing: line 0 comes before 7");
	EXPECT_U64(pics_ack(&pics), 0x20);

	begin();
	command(MASTER, 0xc3);
	pulse(1);
	pics_ack(&pics);
	pulse(6);
	EXPECT_U64(pics_ack(&pics), 0x26);
	command(MASTER, EOI);
	CONTEXT("line 3 is the lowest; 1 was interrupted by 6, and an EOI without a number ends 6");
	EXPECT_U64(isr(MASTER), 0x02);

	begin_with(0x03, 0x01);
	command(MASTER, 0x80);
	pulse(3);
	EXPECT_U64(pics_ack(&pics), 0x23);
	pulse(3);
	pulse(4);
	CONTEXT("automatic EOI with rotation: who was served is the lowest");
	EXPECT_U64(pics_ack(&pics), 0x24);

	begin();
	pulse(1);
	pics_ack(&pics);
	pulse(4);
	data(MASTER, 0x02);
	command(MASTER, 0x68);
	CONTEXT("special mask mode: line 1 is in service and masked, so line 4 may interrupt it");
	EXPECT_TRUE(pics_pending(&pics));
	EXPECT_U64(irr(MASTER), 0x10);
	CONTEXT("an OCW3 that says nothing of special mask mode leaves it on");
	EXPECT_TRUE(pics_pending(&pics));
	command(MASTER, 0x48);
	EXPECT_TRUE(!pics_pending(&pics));

	begin();
	pulse(6);
	command(MASTER, 0x0c);
	CONTEXT("a poll is an acknowledgement without INTA: line 6 is in service afterwards");
	EXPECT_U64(pic_read(&pics, MASTER, 0), 0x86);
	EXPECT_U64(isr(MASTER), 0x40);
	EXPECT_TRUE(!pics_pending(&pics));
	command(MASTER, 0x0c);
	EXPECT_U64(pic_read(&pics, MASTER, 0), 0);
	CONTEXT("a poll is one read; the next is what OCW3 said before (ISR)");
	EXPECT_U64(pic_read(&pics, MASTER, 0), 0x40);
}

TEST("4.4", modes_that_change_nothing_else, 0)
{
	begin();
	pulse(3);
	pics_ack(&pics);
	pulse(5);
	command(MASTER, 0x68);
	CONTEXT("special mask mode, but line 3 in service is not masked: it holds back line 5");
	EXPECT_TRUE(!pics_pending(&pics));
	EXPECT_U64(irr(MASTER), 0x20);
	command(MASTER, 0xc3);
	CONTEXT("OCW2 0xc3 makes line 3 the lowest, and does not end it");
	EXPECT_U64(isr(MASTER), 0x08);
	EXPECT_TRUE(pics_pending(&pics));

	begin();
	command(MASTER, 0x43);
	pulse(0);
	pulse(4);
	CONTEXT("OCW2 0x43 is no operation: line 0 comes before 4");
	EXPECT_U64(pics_ack(&pics), 0x20);
	command(MASTER, 0x40);
	EXPECT_U64(isr(MASTER), 0x01);
	command(MASTER, 0xe3);
	CONTEXT("OCW2 0xe3 makes line 3 the lowest, though it is not in service, and ends none but "
		"it");
	EXPECT_U64(isr(MASTER), 0x01);
	EXPECT_U64(pics_ack(&pics), 0x24);
}

TEST("4.4", what_is_read_stays_so, 0)
{
	begin();
	pulse(3);
	pics_ack(&pics);
	pulse(5);
	command(MASTER, 0x6b);
	CONTEXT("OCW3 0x6b is special mask mode, and that ISR is read from now on");
	EXPECT_U64(pic_read(&pics, MASTER, 0), 0x08);
	data(MASTER, 0x08);
	EXPECT_TRUE(pics_pending(&pics));
	pics_ack(&pics);
	command(MASTER, 0x63);
	CONTEXT("OCW1 and OCW2 have come; ISR is still what is read");
	EXPECT_U64(pic_read(&pics, MASTER, 0), 0x20);
}

TEST("4.4", rotation_in_automatic_eoi_mode, 0)
{
	begin_with(0x03, 0x01);
	command(MASTER, 0x80);
	start_chip(MASTER, 0x11, 0x03);
	pulse(3);
	pics_ack(&pics);
	pulse(3);
	pulse(4);
	CONTEXT("ICW1 ends the rotation of automatic EOI: line 3 was served, and comes before 4");
	EXPECT_U64(pics_ack(&pics), 0x23);

	command(MASTER, 0x80);
	command(MASTER, 0x00);
	pulse(3);
	pics_ack(&pics);
	pulse(3);
	pulse(4);
	CONTEXT("OCW2 0x80 begins that rotation, and 0x00 ends it");
	EXPECT_U64(pics_ack(&pics), 0x23);

	begin_with(0x13, 0x01);
	pulse(3);
	pics_ack(&pics);
	CONTEXT("automatic EOI together with special fully nested mode");
	EXPECT_U64(isr(MASTER), 0);

	for (unsigned i = 0; i < 5; i++) {
		static const u8 other[] = { EOI, 0x40, 0x67, 0xa0, 0x0b };

		begin_with(0x03, 0x01);
		command(MASTER, 0x80);
		command(MASTER, other[i]);
		pulse(3);
		pics_ack(&pics);
		pulse(3);
		pulse(4);
		CONTEXT("the rotation of automatic EOI goes on after %02x at the command port",
			other[i]);
		EXPECT_U64(pics_ack(&pics), 0x24);
	}

	begin();
	command(MASTER, 0x80);
	pulse(3);
	pics_ack(&pics);
	command(MASTER, EOI);
	pulse(3);
	pulse(4);
	CONTEXT("OCW2 0x80 without automatic EOI: line 3 was served, and comes before 4");
	EXPECT_U64(pics_ack(&pics), 0x23);
}

/* Each chip has its own. */
TEST("4.4", modes_of_the_slave, 0)
{
	begin();
	command(SLAVE, 0xc2);
	pulse(8);
	pulse(11);
	CONTEXT("OCW2 0xc2 for the slave: its line 3 comes before 0, and the master's 0 before 3");
	EXPECT_U64(pics_ack(&pics), 0x73);
	command(MASTER, EOI);
	pulse(3);
	pulse(0);
	EXPECT_U64(pics_ack(&pics), 0x20);

	begin_with(0x01, 0x03);
	command(SLAVE, 0x80);
	pulse(11);
	pics_ack(&pics);
	command(MASTER, EOI);
	pulse(11);
	pulse(12);
	CONTEXT("automatic EOI with rotation in the slave: line 11 was served, 12 comes first");
	EXPECT_U64(pics_ack(&pics), 0x74);
}

TEST("4.4", each_chip_is_polled, 1)
{
	begin();
	pulse(10);
	command(SLAVE, 0x0c);
	CONTEXT("line 10 asks, and the slave is polled: its line 2 is in service, and the master "
		"still has the edge of its own line 2");
	EXPECT_U64(pic_read(&pics, SLAVE, 0), 0x82);
	EXPECT_U64(isr(SLAVE), 0x04);
	EXPECT_U64(irr(SLAVE), 0);
	EXPECT_U64(isr(MASTER), 0);
	EXPECT_U64(irr(MASTER), 0x04);
	CONTEXT("then the master is polled: its line 2 is in service");
	command(MASTER, 0x0c);
	EXPECT_U64(pic_read(&pics, MASTER, 0), 0x82);
	EXPECT_U64(isr(MASTER), 0x04);
	EXPECT_U64(irr(MASTER), 0);
	EXPECT_U64(isr(SLAVE), 0x04);

	begin();
	pulse(10);
	command(MASTER, 0x0c);
	CONTEXT("line 10 asks, and the master is polled: the slave knows nothing of it");
	EXPECT_U64(pic_read(&pics, MASTER, 0), 0x82);
	EXPECT_U64(irr(SLAVE), 0x04);
	command(MASTER, EOI);
	command(SLAVE, 0x0c);
	EXPECT_U64(pic_read(&pics, SLAVE, 0), 0x82);
	pulse(9);
	CONTEXT("then the slave is polled, so that its INT falls; line 9 makes it rise: an edge");
	EXPECT_TRUE(pics_pending(&pics));
	EXPECT_U64(pics_ack(&pics), 0x71);
}

TEST("4.4", what_a_poll_finds, 0)
{
	begin();
	pulse(6);
	command(MASTER, 0x0c);
	CONTEXT("the read behind a poll command is the poll, at the data port, too");
	EXPECT_U64(pic_read(&pics, MASTER, 1), 0x86);
	EXPECT_U64(pic_read(&pics, MASTER, 1), 0);

	begin();
	pulse(3);
	pics_ack(&pics);
	pulse(1);
	pulse(5);
	data(MASTER, 0x02);
	command(MASTER, 0x0c);
	CONTEXT("line 1 asks and is masked, 5 has to wait for 3: a poll finds nothing");
	EXPECT_U64(pic_read(&pics, MASTER, 0), 0);
	EXPECT_U64(isr(MASTER), 0x08);
	EXPECT_U64(irr(MASTER), 0x22);

	begin_with(0x03, 0x03);
	pulse(11);
	command(SLAVE, 0x0c);
	CONTEXT("automatic EOI: what is polled is not in service either");
	EXPECT_U64(pic_read(&pics, SLAVE, 0), 0x83);
	EXPECT_U64(isr(SLAVE), 0);
}

/* Its INT is low when nothing asks any more: the wire to the master follows. */
TEST("4.4", wire_of_a_started_slave, 0)
{
	begin();
	pics_set(&pics, 9, true);
	EXPECT_U64(pics.pic[MASTER].lines, 0x04);
	command(SLAVE, 0x11);
	CONTEXT("line 9 is high, then ICW1 for the slave: its INT falls, and so line 2");
	EXPECT_U64(pics.pic[MASTER].lines, 0);
}

TEST("4.4", a_poll_that_says_more, 0)
{
	begin();
	pulse(3);
	pics_ack(&pics);
	pulse(5);
	data(MASTER, 0x08);
	EXPECT_TRUE(!pics_pending(&pics));
	command(MASTER, 0x6c);
	CONTEXT("OCW3 0x6c is a poll command, and special mask mode: line 3 is in service and "
		"masked, so the poll finds line 5");
	EXPECT_TRUE(pics_pending(&pics));
	EXPECT_U64(pic_read(&pics, MASTER, 0), 0x85);
}

/* IRR follows it, whatever the mask says. */
TEST("4.4", a_level_that_goes_on, 0)
{
	begin();
	EXPECT_V(bus_io(&bus, PIC_ELCR_PORT, true, &(u8){ 0x08 }, 1), V_RESUME);
	pics_set(&pics, 3, true);
	data(MASTER, 0x08);
	CONTEXT("line 3 is by level, and high; it is masked, and unmasked");
	EXPECT_TRUE(!pics_pending(&pics));
	data(MASTER, 0x00);
	EXPECT_U64(irr(MASTER), 0x08);
	EXPECT_TRUE(pics_pending(&pics));

	begin();
	EXPECT_V(bus_io(&bus, PIC_ELCR_PORT, true, &(u8){ 0x08 }, 1), V_RESUME);
	pics_set(&pics, 3, true);
	pulse(4);
	EXPECT_U64(pics_ack(&pics), 0x23);
	command(MASTER, 0xa0);
	CONTEXT("OCW2 0xa0 ends line 3, whose level is still high, and makes it the lowest");
	EXPECT_U64(pics_ack(&pics), 0x24);
}

/* Data sheet, "Operation command words": L2 to L0 say a line only where SL is 1. */
TEST("4.4", a_number_that_nobody_asked_for, 0)
{
	for (u8 low = 1; low < 8; low++) {
		begin();
		pulse(3);
		pulse(5);
		pics_ack(&pics);
		command(MASTER, EOI | low);
		CONTEXT("OCW2 %02x is an EOI without a number: it ends line 3", EOI | low);
		EXPECT_U64(isr(MASTER), 0);
		EXPECT_U64(pics_ack(&pics), 0x25);

		begin_with(0x03, 0x01);
		command(MASTER, 0x80 | low);
		pulse(4);
		pics_ack(&pics);
		pulse(4);
		pulse(6);
		CONTEXT("OCW2 %02x begins the rotation of automatic EOI: line 6 is next",
			0x80 | low);
		EXPECT_U64(pics_ack(&pics), 0x26);
		command(MASTER, low);
		pics_ack(&pics);
		pulse(4);
		pulse(6);
		CONTEXT("OCW2 %02x ends it: line 6 is the lowest, and stays so", low);
		EXPECT_U64(pics_ack(&pics), 0x24);
	}
}
