/* SPDX-License-Identifier: MIT */
#ifndef EXITDEV_H
#define EXITDEV_H

#include "bus.h"
#include "run.h"

#define EXITDEV_PORT 0xf4
#define EXITDEV_LEN  4

/*
 * The exit device at port 0xf4, as QEMU's isa-debug-exit: the guest writes its status there and
 * the run is over. The low byte of what it writes becomes the VMM's exit status.
 */
struct exitdev {
	struct device dev;
	struct run *run; /* that it ends */
};

/* Put the exit device on the port bus. 0, or what bus_add() says. */
int exitdev_init(struct exitdev *exitdev, struct bus *pio, struct run *run);

#endif
