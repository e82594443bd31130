/* SPDX-License-Identifier: MIT */
/*
 * Standard input is at the other end of a character line (given).
 *
 * No more is read than there is room for: what the guest has not asked for stays in the pipe.
 * Only a terminal is always read, for the keys that are ours: Ctrl-A x leaves, Ctrl-A Ctrl-A is one
 * Ctrl-A for the guest. So what is typed or pasted there waits here, INPUT_KEYS bytes of it; more
 * are lost, and counted. When input ends, nothing more comes, and the guest lives on.
 */
#ifndef INPUT_H
#define INPUT_H

#include "charline.h"
#include "inject.h"
#include "loop.h"

#define INPUT_KEYS 65536 /* bytes from a terminal that wait while there is no room */

struct input {
	struct source source;
	struct charline *line; /* that takes the bytes; NULL: nobody does */
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

/* This line takes them. */
void input_connect(struct input *input, struct charline *line);

/*
 * For a sink's over(), with the struct input as ctx: while output waits, with vm->lock held,
 * Ctrl-A x is looked for here. Has it come, or is the time limit over?
 */
bool input_or_time_is_over(void *ctx);

#endif
