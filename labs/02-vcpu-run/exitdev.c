// SPDX-License-Identifier: MIT
#include <string.h>

#include "exitdev.h"

static enum verdict exitdev_io(struct device *dev, bool write, u64 off, void *data, unsigned size)
{
	struct exitdev *exitdev = container_of(dev, struct exitdev, dev);

	if (!write) {
		memset(data, 0, size);
		return V_RESUME;
	}
	return run_end(exitdev->run, V_EXIT, *(u8 *)data, NULL);
}

int exitdev_init(struct exitdev *exitdev, struct bus *pio, struct run *run)
{
	*exitdev = (struct exitdev){ .dev.io = exitdev_io, .run = run };
	return bus_add(pio, EXITDEV_PORT, EXITDEV_LEN, &exitdev->dev);
}
