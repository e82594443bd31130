/* SPDX-License-Identifier: MIT */
/*
 * Standard input is the other end of the serial line (given), or of what else takes bytes.
 *
 * No more is read than there is room for: what the guest has not asked for stays in the pipe.
 * Only a terminal is always read, for the keys that are ours: Ctrl-A x leaves, Ctrl-A Ctrl-A is one
 * Ctrl-A for the guest. So what is typed or pasted there waits here, INPUT_KEYS bytes of it; more
 * are lost, and counted. When input ends, nothing more comes, and the guest lives on.
 */
#ifndef INPUT_H
#define INPUT_H

#include "inject.h"
#include "loop.h"
#include "uart.h"

#define INPUT_KEYS 65536 /* bytes from a terminal that wait while there is no room */

struct input {
	struct source source;
	/* Who takes the bytes: how many there is room for, and that they come. */
	u64 (*room)(void *sink);
	void (*receive)(void *sink, const u8 *bytes, u64 n);
	void *sink;
	struct loop *loop;
	struct inject *inject;
	bool at_terminal; /* standard input is one, whoever has it now */
	bool terminal;	  /* it is one, and raw: keys of our own are looked for */
	bool ended;
	bool escape; /* the last key was Ctrl-A */
	bool left;   /* by Ctrl-A x */
	u8 key[INPUT_KEYS];
	unsigned first, nkeys; /* of these: the oldest, and how many */
	u64 lost;	       /* that found no place there */
};

/*
 * The loop waits for input, and inject is told when the user leaves. terminal: standard input is
 * one, and raw. Nobody takes the bytes yet. 0, or what loop_add() says.
 */
int input_init(struct input *input, struct loop *loop, struct inject *inject, bool terminal);

/* The UART takes them. */
void input_to_uart(struct input *input, struct uart *uart);

/*
 * For a console's over(), with the struct input as ctx: while output waits, with vm->lock held,
 * Ctrl-A x is looked for here. Has it come, or is the time limit over?
 */
bool input_or_time_is_over(void *ctx);

/* For a sink that had no room and has some again; ctx is the struct input. */
void input_room_again(void *ctx);

#endif
