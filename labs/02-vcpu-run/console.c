// SPDX-License-Identifier: MIT
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <unistd.h>

#include "console.h"
#include "streams.h"

#define LOOK_MS 100 /* between two looks whether the run is over */

/* [book:console] */
static enum verdict console_io(struct device *dev, bool write, u64 off, void *data, unsigned size)
{
	struct console *console = container_of(dev, struct console, dev);

	/* The window is one port wide, so size is 1. */
	if (!write)
		*(u8 *)data = CONSOLE_PORT;
	else if (console_put(console, *(u8 *)data))
		return V_ERROR;
	return V_RESUME;
}

static const struct device_ops console_ops = {
	.name = "console",
	.io = console_io,
};

int console_init(struct console *console, struct bus *pio, struct run *run)
{
	*console = (struct console){ .dev.ops = &console_ops, .run = run };
	console->blocks = !streams_nonblocking(STDOUT_FILENO);
	return bus_add(pio, CONSOLE_PORT, 1, &console->dev);
}
/* [book:end] */

/* Wait until stdout takes something, if only its error. False: the run is over before that. */
static bool wait_for_reader(struct console *console, bool hold)
{
	struct pollfd p = { .fd = STDOUT_FILENO, .events = POLLOUT };

	/* Who reads slowly makes room before we would look: so look first. */
	while (poll(&p, 1, 0) <= 0) {
		if (run_is_over(console->run))
			return false;
		if (!hold)
			device_unlock(&console->dev);
		poll(&p, 1, LOOK_MS);
		if (!hold)
			device_lock(&console->dev);
	}
	return true;
}

static int write_out(struct console *console, const void *bytes, size_t n, bool hold)
{
	bool wait = console->blocks;
	const u8 *next = bytes;

	while (n && !console->err && !console->lost) {
		ssize_t done = 0;

		if (wait && !wait_for_reader(console, hold))
			console->lost = true;
		else /* for so many there is room, where poll() sees any: pipe(7) */
			done = write(STDOUT_FILENO, next, min_u64(n, PIPE_BUF));
		if (done < 0 && errno == EAGAIN) {
			wait = true;
		} else if (done < 0 && errno != EINTR) {
			console->err = -errno;
			run_end(console->run, V_ERROR, 0, NULL);
		} else if (done > 0) {
			next += done;
			n -= (size_t)done;
		}
	}
	return console->err;
}

int console_put(struct console *console, u8 byte)
{
	return write_out(console, &byte, 1, false);
}

int console_write(struct console *console, const void *bytes, size_t n)
{
	return write_out(console, bytes, n, true);
}
