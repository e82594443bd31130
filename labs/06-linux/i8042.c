// SPDX-License-Identifier: MIT
#include "i8042.h"

#include <string.h>

#include "power.h"
#include "todo.h"

/* [book:6.4keyboard] */
u8 i8042_status(void)
{
	/* TASK 6.4 */
#if SOL >= 604
	return I8042_OUTPUT_FULL;
#else
	return (TODO("6.4"), 0xff);
#endif
}

enum verdict i8042_command(struct run *run, u8 command)
{
	/* TASK 6.7 */
#if SOL >= 607
	if (command >= I8042_PULSE && !(command & I8042_RESET_LINE))
		return power_reset(run);
	return V_RESUME;
#else
	return (TODO("6.7"), V_RESUME);
#endif
}
/* [book:end] */

static enum verdict data_io(struct device *dev, bool write, u64 off, void *data, unsigned size)
{
	if (!write)
		memset(data, 0xff, size);
	return V_RESUME;
}

static enum verdict command_io(struct device *dev, bool write, u64 off, void *data, unsigned size)
{
	struct i8042 *k = container_of(dev, struct i8042, command);
	u8 *byte = data; /* the window is one port wide */

	if (write)
		return i8042_command(k->run, *byte);
	*byte = i8042_status();
	return V_RESUME;
}

int i8042_init(struct i8042 *k, struct bus *pio, struct run *run)
{
	int err;

	*k = (struct i8042){ .data.io = data_io, .command.io = command_io, .run = run };
	err = bus_add(pio, I8042_DATA, 1, &k->data);
	return err ? err : bus_add(pio, I8042_COMMAND, 1, &k->command);
}
