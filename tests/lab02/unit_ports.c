// SPDX-License-Identifier: MIT
/*
 * Each of the 65,536 ports, with each width, in both directions, on a bus with the console and the
 * exit device: the right bytes come back, and no byte beside them is touched.
 */
#include <string.h>

#include "bus.h"
#include "console.h"
#include "exitdev.h"
#include "test.h"
#include "todo.h"
#include "verdicts.h"

#define GUARD  0xa5 /* around the data of an access */
#define GUARDS 8    /* bytes on each side */
#define WIDTH  4    /* the widest port access */

static const u8 pattern[WIDTH] = { 0x77, 0x78, 0x79, 0x7a }; /* "wxyz" on the console */

static struct bus bus;
static struct sink sink;
static struct console console;
static struct exitdev exitdev;
static struct run run;

static bool is_exit_port(u32 port)
{
	return port >= EXITDEV_PORT && port < EXITDEV_PORT + EXITDEV_LEN;
}

/* What a byte-wide read of the port gives on this bus. */
static u8 answer(u32 port)
{
	if (port == CONSOLE_PORT)
		return CONSOLE_PORT;
	return is_exit_port(port) ? 0 : 0xff;
}

static void begin(void)
{
	sink_init(&sink, &run);
	if (console_init(&console, &bus, &sink) || exitdev_init(&exitdev, &bus, &run))
		test_error("the two devices do not fit on the bus");
}

/* Is the student's bus so far that this makes sense? */
static bool is_done(void)
{
	u8 byte = 0, wide[2] = { 0, 0 };

	bus_io(&bus, CONSOLE_PORT, false, &byte, 1);
	bus_io(&bus, CONSOLE_PORT - 1, false, wide, 2);
	return !todo_count() && wide[1] == byte;
}

static void fill(u8 *room, const void *data, unsigned size)
{
	memset(room, GUARD, 2 * GUARDS + WIDTH);
	memcpy(room + GUARDS, data, size);
}

static void read_port(u32 port, unsigned size)
{
	u8 room[2 * GUARDS + WIDTH], want[sizeof(room)], bytes[WIDTH];
	enum verdict verdict;

	for (unsigned i = 0; i < size; i++)
		bytes[i] = answer(port + i);
	fill(want, bytes, size);
	fill(room, pattern, size);
	verdict = bus_io(&bus, port, false, room + GUARDS, size);
	if (verdict == V_RESUME && !memcmp(room, want, sizeof(room)))
		return;
	CONTEXT("a read of %u bytes at port %#x; guards of %d bytes on each side", size, port,
		GUARDS);
	EXPECT_V(verdict, V_RESUME);
	EXPECT_BYTES(room, want, sizeof(room));
}

static void write_port(u32 port, unsigned size)
{
	u8 room[2 * GUARDS + WIDTH], want[sizeof(room)];
	enum verdict verdict, want_verdict = V_RESUME;
	int want_status = -1;

	for (unsigned i = size; i-- > 0;)
		if (is_exit_port(port + i)) {
			want_verdict = V_EXIT;
			want_status = pattern[i]; /* of the first byte that gets there */
		}
	fill(want, pattern, size);
	fill(room, pattern, size);
	run = (struct run){ .status = -1 };
	verdict = bus_io(&bus, port, true, room + GUARDS, size);
	if (verdict == want_verdict && run.status == want_status &&
	    !memcmp(room, want, sizeof(room)))
		return;
	CONTEXT("a write of %u bytes to port %#x; guards of %d bytes on each side", size, port,
		GUARDS);
	EXPECT_U64(verdict, want_verdict);
	EXPECT_U64(run.status, want_status);
	EXPECT_BYTES(room, want, sizeof(room));
}

TEST("-", every_port_width_and_direction, 0)
{
	begin();
	if (!is_done())
		SKIP("tasks 2.5 and 2.6 come first");
	for (unsigned size = 1; size <= WIDTH; size *= 2)
		for (u32 port = 0; port <= 0xffff; port++) {
			read_port(port, size);
			write_port(port, size);
		}
	CONTEXT("all of the bytes that went to the console were taken");
	EXPECT_ERR(sink.err, 0);
}
