/* SPDX-License-Identifier: MIT */
#ifndef CONSOLE_H
#define CONSOLE_H

#include "bus.h"
#include "sink.h"

#define CONSOLE_PORT 0xe9

/*
 * The debug console at port 0xe9, as Bochs and QEMU have it: a byte written there appears on
 * stdout; a read answers 0xe9, by which a guest can tell that it is there.
 */
struct console {
	struct device dev;
	struct sink *sink;
};

/* Put the console on the port bus. 0, or what bus_add() says. */
int console_init(struct console *console, struct bus *pio, struct sink *sink);

#endif
