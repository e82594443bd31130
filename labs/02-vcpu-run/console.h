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
	bool lost;	 /* the run was over while nobody read: all from there on went nowhere */
	struct run *run; /* that it ends if stdout takes no more, and in which it may wait */
};

/* Put the console on the port bus. 0, or what bus_add() says. */
int console_init(struct console *console, struct bus *pio, struct run *run);

/*
 * A byte leaves through stdout at once: while nobody reads, the guest waits. Meanwhile the lock,
 * which who calls holds, is let go: other devices and vCPUs go on, and may come here, too. Returns
 * console->err.
 */
int console_put(struct console *console, u8 byte);

/*
 * The same for n bytes, but with the lock held all the time: they are a device's that is amid a
 * request, and nobody may reset it.
 */
int console_write(struct console *console, const void *bytes, size_t n);

#endif
