// SPDX-License-Identifier: MIT
/* --live: what it draws of what the threads have noted. (At a terminal: blackbox_trace.c.) */
#include <stdio.h>
#include <stdlib.h>

#include "live.h"
#include "test.h"

static struct live_counts counts;
static struct memslot slot;
static unsigned nslots;

static char *drawn(unsigned columns, unsigned ms)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	live_count(&counts, trace_now());
	live_draw(&counts, out, columns, ms, 12345);
	fclose(out);
	return text;
}

static unsigned rows_of(const char *text)
{
	unsigned n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

TEST("-", live_draws_what_is_noted, 0)
{
	char *text;

	EXPECT_TRUE(trace_begin(-1, &slot, &nslots));
	EXPECT_U64(rows_of(drawn(80, 100)), LIVE_ROWS);
	for (unsigned i = 0; i < 30; i++)
		trace_note(TRACE_EXIT, .a = i % 3 ? EXIT_IO_OUT : EXIT_HLT);
	trace_note(TRACE_LINE, .a = 12, .b = 1);
	trace_note(TRACE_LINE, .a = 12);
	trace_note(TRACE_INJECT, .a = 0x2c);
	trace_note(TRACE_POP, .a = 7, .v = { [5] = TRACE_RING(3, 1, 0, 8) });
	text = drawn(80, 100);
	EXPECT_U64(rows_of(text), LIVE_ROWS);
	EXPECT_CONTAINS(text, "12.3 s   30 exits");
	EXPECT_CONTAINS(text,
			"IO_OUT                   20 ##################               200 /s");
	EXPECT_CONTAINS(text,
			"HLT                      10 #########                        100 /s");
	EXPECT_CONTAINS(text, "interrupts: line 12 1, injected 1");
	EXPECT_CONTAINS(text, "window 7 queue 0           1 [######          ] 3 of 8");
	CONTEXT("a tenth of a second later nothing has happened: the rates are 0");
	EXPECT_CONTAINS(drawn(80, 100), "20 ##################                 0 /s");
}

TEST("-", live_fits_a_narrow_terminal, 0)
{
	EXPECT_TRUE(trace_begin(-1, &slot, &nslots));
	trace_note(TRACE_EXIT, .a = EXIT_IO_OUT);
	EXPECT_U64(rows_of(drawn(40, 0)), LIVE_ROWS);
}
