/* SPDX-License-Identifier: MIT */
#ifndef CONSOLE_H
#define CONSOLE_H

#include "bus.h"
#include "run.h"

#define CONSOLE_PORT 0xe9

/*
 * The debug console at port 0xe9, as Bochs and QEMU have it: a byte written there appears on
 * stdout; a read answers 0xe9, by which a guest can tell that it is there.
 *
 * What other devices print goes the same way. The VMM never waits in write(): whoever should read
 * may have stopped, and the run must be able to end all the same.
 */
struct console {
	struct device dev;
	int err;	 /* 0, or the negative errno with which stdout took no more */
	bool blocks;	 /* write() would wait: ask poll() before it */
	bool lost;	 /* the run was cut off while nobody read: all from there on went nowhere */
	struct run *run; /* that it ends if stdout takes no more, and in which it may wait */
};

/* Put the console on the port bus. 0, or what bus_add() says. */
int console_init(struct console *console, struct bus *pio, struct run *run);

/*
 * n bytes leave through stdout, at once and in the order of the calls. While nobody reads, the
 * guest waits, and its device's lock is held all the time: the device is amid a request, and nobody
 * may reset it. So who cuts the run off must do without that lock: run_end() takes none.
 * Returns console->err.
 */
int console_write(struct console *console, const void *bytes, size_t n);

#endif
