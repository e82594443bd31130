// SPDX-License-Identifier: MIT
#include "console.h"

/* [book:console] */
static enum verdict console_io(struct device *dev, bool write, u64 off, void *data, unsigned size)
{
	struct console *console = container_of(dev, struct console, dev);

	/* The window is one port wide, so size is 1. */
	if (!write)
		*(u8 *)data = CONSOLE_PORT;
	else if (sink_write(console->sink, data, size))
		return V_ERROR;
	return V_RESUME;
}

int console_init(struct console *console, struct bus *pio, struct sink *sink)
{
	*console = (struct console){ .dev.io = console_io, .sink = sink };
	return bus_add(pio, CONSOLE_PORT, 1, &console->dev);
}
/* [book:end] */
