/* SPDX-License-Identifier: MIT */
/*
 * Task 6.4: a keyboard's controller that says no. There is no keyboard here, and a port where
 * nobody answers reads as all ones; but to Linux all ones are a controller that is busy, and with
 * reboot=k it waits 65,536 reads of the status for that to end. So somebody answers.
 */
#ifndef I8042_H
#define I8042_H

#include "bus.h"
#include "run.h"

#define I8042_DATA    0x60
#define I8042_COMMAND 0x64 /* read: status */

#define I8042_OUTPUT_FULL 0x01 /* status: there is a byte to read */
#define I8042_INPUT_FULL  0x02 /* status: it has not taken the last command yet */
#define I8042_PULSE	  0xf0 /* command: 0xf0 to 0xff pulse the output lines whose bits are 0 */
#define I8042_RESET_LINE  0x01 /* the CPU's */

struct i8042 {
	struct device data, command;
	struct run *run;
};

/* Given: at its two ports. 0, or what bus_add() says. */
int i8042_init(struct i8042 *k, struct bus *pio, struct run *run);

/*
 * [task 6.4] The status. Always a byte to read, never busy: Linux throws away up to 16 bytes of a
 * controller's at first, and takes one with more for none.
 */
u8 i8042_status(void);

/*
 * [task 6.7] A command. A pulse of the line that resets the CPU is power_reset(); all others go
 * nowhere.
 */
enum verdict i8042_command(struct run *run, u8 command);

#endif
