// SPDX-License-Identifier: MIT
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <unistd.h>

#include "console.h"
#include "streams.h"

#define LOOK_MS 100 /* between two looks whether the run is cut off */

/* [book:console] */
static enum verdict console_io(struct device *dev, bool write, u64 off, void *data, unsigned size)
{
	struct console *console = container_of(dev, struct console, dev);

	/* The window is one port wide, so size is 1. */
	if (!write)
		*(u8 *)data = CONSOLE_PORT;
	else if (console_write(console, data, size))
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

/* Wait until stdout takes something, if only its error. False: the run is cut off before that. */
static bool wait_for_reader(const struct console *console)
{
	struct pollfd p = { .fd = STDOUT_FILENO, .events = POLLOUT };

	/* Who reads slowly makes room before we would look: so look first. */
	while (poll(&p, 1, 0) <= 0) {
		if (run_cut_off(console->run))
			return false;
		poll(&p, 1, LOOK_MS);
	}
	return true;
}

int console_write(struct console *console, const void *bytes, size_t n)
{
	bool wait = console->blocks;
	const u8 *next = bytes;

	while (n && !console->err && !console->lost) {
		ssize_t done = 0;

		if (wait && !wait_for_reader(console))
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
