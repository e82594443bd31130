// SPDX-License-Identifier: MIT
/* Tasks 2.5 and 2.6, from outside: the run loop, the port bus, and wide and string I/O. */
#include <stdio.h>
#include <string.h>

#include "test.h"

TEST("2.5", hello_in_real_mode, 5)
{
	struct outcome o = run_guest("02/hello16");

	CONTEXT("the guest runs out %%al,$0xe9 for each byte of its text, then hlt");
	EXPECT_STR(o.out, "Hello from real mode\n");
	EXPECT_VERDICT(o, halted);
	EXPECT_EXITS(o, IO_OUT, 21);
}

TEST("2.5", loop_runs_as_often_as_asked, 6)
{
	struct outcome o = run_guest("02/countdown");
	unsigned dots = (o.nonce & 15) + 1;
	char text[20] = "";

	memset(text, '.', dots);
	strcat(text, "\n");
	CONTEXT("the guest prints %u dots and a newline, one exit each, then halts", dots);
	EXPECT_STR(o.out, text);
	EXPECT_EXITS(o, IO_OUT, dots + 1);
	EXPECT_EXITS(o, HLT, 1);
	EXPECT_VERDICT(o, halted);
}

TEST("2.6", strings_reach_the_console, 5)
{
	struct outcome o = run_guest("02/string-out");

	CONTEXT("rep outsb sends a line; rep outsw sends words, whose high byte goes to the next "
		"port");
	EXPECT_STR(o.out, "bytes go out as they are\nwords lose every second byte\n");
	EXPECT_VERDICT(o, halted);
	/* One test with the words: where KVM makes an exit of each byte, this half needs no 2.6. */
	o = run_guest("02/echo-nonce");
	CONTEXT("the guest sends 16 digits and a newline by rep outsb, and leaves through port "
		"0xf4");
	EXPECT_STR(o.out, nonce_text(&o));
	EXPECT_VERDICT(o, exit);
	EXPECT_U64(o.status, nonce_status(&o));
}

TEST("2.6", widths_of_reads, 3)
{
	struct outcome o = run_guest("02/widths");

	CONTEXT("the console answers 0xe9 at its one port; ports that nobody claims read as all "
		"ones");
	EXPECT_STR(o.out, "0xe9 by inb e9\n"
			  "0xe9 by inw ffe9\n"
			  "0xe9 by inl ffffffe9\n"
			  "0x300 by inb ff\n"
			  "0x300 by inw ffff\n"
			  "0x300 by inl ffffffff\n"
			  "0x300 by rep insw, first ffff\n"
			  "0x300 by rep insw, last ffff\n"
			  "the word after it 1234\n");
}
