/* SPDX-License-Identifier: MIT */
/*
 * Standard input is at the other end of a character line (given).
 *
 * No more is read than there is room for: what the guest has not asked for stays in the pipe. Only
 * the keys of a terminal are all read at once: keys.h. When input ends, nothing more comes, and the
 * guest lives on.
 */
#ifndef INPUT_H
#define INPUT_H

#include "charline.h"
#include "keys.h"

struct input {
	struct source source;
	struct charline *line; /* that takes the bytes; NULL: nobody does */
	struct loop *loop;
	int fd;	       /* standard input, or where its keys come out */
	bool terminal; /* standard input is one, and raw: its keys are read by keys.c */
	bool ended;
	struct keys keys;
};

/*
 * The loop waits for input. terminal: standard input is one, and raw; then its keys are read, and
 * Ctrl-A x ends the run, from keys_start() to keys_stop(). Nobody takes the bytes yet. 0 or a
 * negative errno.
 */
int input_init(struct input *input, struct loop *loop, struct run *run, bool terminal);

/* This line takes them. */
void input_connect(struct input *input, struct charline *line);

#endif
