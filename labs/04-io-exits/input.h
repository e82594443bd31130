/* SPDX-License-Identifier: MIT */
/*
 * Standard input and output are the other end of the serial line (given).
 *
 * No more is read than the UART has room for: what the guest has not asked for stays in the pipe.
 * Only a terminal is always read, for the keys that are ours: Ctrl-A x leaves, Ctrl-A Ctrl-A is one
 * Ctrl-A for the guest. When input ends, nothing more comes, and the guest lives on.
 */
#ifndef INPUT_H
#define INPUT_H

#include "console.h"
#include "inject.h"
#include "loop.h"
#include "uart.h"

#define INPUT_KEYS 64 /* that wait while the UART has no room; more are lost */

struct input {
	struct source source;
	struct uart *uart;
	struct loop *loop;
	struct inject *inject;
	bool terminal; /* keys of our own are looked for */
	bool ended;
	bool escape; /* the last key was Ctrl-A */
	bool left;   /* by Ctrl-A x */
	u8 key[INPUT_KEYS];
	unsigned nkeys;
};

/*
 * Wire the UART's out() and room_again() to the two streams. terminal: standard input is one, and
 * raw. The loop waits for input from then on. 0, or what loop_add() says.
 */
int input_init(struct input *input, struct uart *uart, struct loop *loop, struct console *console,
	       struct inject *inject, bool terminal);

#endif
