/* SPDX-License-Identifier: MIT */
/*
 * Standard input is the other end of the serial line (given), or of what else takes bytes.
 *
 * No more is read than there is room for: what the guest has not asked for stays in the pipe. Only
 * the keys of a terminal are all read at once: keys.h. When input ends, nothing more comes, and the
 * guest lives on.
 */
#ifndef INPUT_H
#define INPUT_H

#include "keys.h"
#include "uart.h"

struct input {
	struct source source;
	/* Who takes the bytes: how many there is room for, and that they come. */
	u64 (*room)(void *sink);
	void (*receive)(void *sink, const u8 *bytes, u64 n);
	void *sink;
	struct loop *loop;
	int fd;	       /* standard input, or where its keys come out */
	bool terminal; /* standard input is one, and raw: its keys are read by keys.c */
	bool ended;
	struct keys keys;
};

/*
 * The loop waits for input. terminal: standard input is one, and raw; then its keys are read, and
 * Ctrl-A x ends the run, until keys_stop(). Nobody takes the bytes yet. 0 or a negative
 * errno.
 */
int input_init(struct input *input, struct loop *loop, struct run *run, bool terminal);

/* The UART takes them. */
void input_to_uart(struct input *input, struct uart *uart);

/* For a sink that had no room and has some again; ctx is the struct input. */
void input_room_again(void *ctx);

#endif
