/* SPDX-License-Identifier: MIT */
#ifndef CONSOLE_H
#define CONSOLE_H

#include "bus.h"

#define CONSOLE_PORT 0xe9

/*
 * The debug console at port 0xe9, as Bochs and QEMU have it: a byte written there appears on
 * stdout; a read answers 0xe9, by which a guest can tell that it is there.
 */
struct console {
	struct device dev;
	int err; /* 0, or the negative errno with which stdout took no more */
};

/* Put the console on the port bus. 0, or what bus_add() says. */
int console_init(struct console *console, struct bus *pio);

/* Write out what is still held back. Returns console->err: were any of the guest's bytes lost? */
int console_flush(struct console *console);

#endif
