// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdio.h>

#include "console.h"

/* [book:console] */
static enum verdict console_io(struct device *dev, bool write, u64 off, void *data, unsigned size)
{
	struct console *console = container_of(dev, struct console, dev);
	u8 *byte = data; /* the window is one port wide, so size is 1 */

	if (!write)
		*byte = CONSOLE_PORT;
	else if (putchar(*byte) == EOF)
		console->err = -errno;
	return console->err ? V_ERROR : V_RESUME;
}

static const struct device_ops console_ops = {
	.name = "console",
	.io = console_io,
};

int console_init(struct console *console, struct bus *pio)
{
	*console = (struct console){ .dev.ops = &console_ops };
	setvbuf(stdout, NULL, _IOLBF, BUFSIZ); /* each line is seen as soon as it is whole */
	return bus_add(pio, CONSOLE_PORT, 1, &console->dev);
}
/* [book:end] */

int console_flush(struct console *console)
{
	if (fflush(stdout) == EOF && !console->err)
		console->err = -errno;
	return console->err;
}
