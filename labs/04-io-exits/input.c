// SPDX-License-Identifier: MIT
#include "input.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "term.h"

#define CTRL_A	      0x01
#define BACKGROUND_MS 300

/* What waits goes to the UART, as far as it has room. */
static void deliver(struct input *input)
{
	unsigned n = (unsigned)min_u64(input->nkeys, uart_room(input->uart));

	for (unsigned i = 0; i < n; i++)
		uart_receive(input->uart, input->key[i]);
	input->nkeys -= n;
	memmove(input->key, input->key + n, input->nkeys);
}

static void key(struct input *input, u8 byte)
{
	if (input->terminal && !input->escape && byte == CTRL_A) {
		input->escape = true;
		return;
	}
	if (input->escape && byte == 'x') {
		input->left = true;
		inject_leave(input->inject);
	}
	/* Any other key after Ctrl-A is none of ours: it is for nobody. */
	if (!input->escape || byte == CTRL_A)
		if (input->nkeys < INPUT_KEYS)
			input->key[input->nkeys++] = byte;
	input->escape = false;
}

/* How much may be read now. */
static unsigned wanted(const struct input *input)
{
	if (input->ended)
		return 0;
	return input->terminal ? INPUT_KEYS : uart_room(input->uart);
}

static void input_fds(struct source *s, struct pollset *p)
{
	struct input *input = container_of(s, struct input, source);

	deliver(input);
	/* What is typed while we are in the background is not for us: look again now and then. */
	if (input->terminal && !term_is_ours(STDIN_FILENO)) {
		if (p->timeout_ms < 0 || p->timeout_ms > BACKGROUND_MS)
			p->timeout_ms = BACKGROUND_MS;
		return;
	}
	/* The set is far larger than our devices need: it cannot be full. */
	if (wanted(input))
		pollset_add(p, STDIN_FILENO, POLLIN);
}

static void input_ready(struct source *s, struct pollset *p)
{
	struct input *input = container_of(s, struct input, source);
	unsigned n = wanted(input);
	u8 bytes[INPUT_KEYS];
	ssize_t got;

	if (!n || !pollset_revents(p, STDIN_FILENO))
		return;
	got = read(STDIN_FILENO, bytes, min_u64(n, sizeof(bytes)));
	if (got < 0 && errno == EIO && input->terminal && !term_is_ours(STDIN_FILENO))
		return;
	if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
		input->ended = true;
	for (ssize_t i = 0; i < got; i++)
		key(input, bytes[i]);
	deliver(input);
}

static void input_room(void *ctx)
{
	struct input *input = ctx;

	loop_wake(input->loop);
}

int input_init(struct input *input, struct uart *uart, struct loop *loop, struct console *console,
	       struct inject *inject, bool terminal)
{
	*input = (struct input){
		.source = { .fds = input_fds, .ready = input_ready },
		.uart = uart,
		.loop = loop,
		.inject = inject,
		.terminal = terminal,
	};
	uart->out = term_out;
	uart->out_ctx = console;
	uart->room_again = input_room;
	uart->room_ctx = input;
	return loop_add(loop, &input->source);
}
