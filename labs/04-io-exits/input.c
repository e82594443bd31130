// SPDX-License-Identifier: MIT
#include "input.h"

#include <unistd.h>

#include "streams.h"

#define CHUNK 256 /* bytes that are read at once */

/* How many bytes may be taken now. */
static unsigned room(const struct input *input)
{
	return input->room ? (unsigned)min_u64(CHUNK, input->room(input->sink)) : 0;
}

/*
 * The keys that wait, until there is no room or none waits: a sink that asks its driver for a kick
 * does so when it has none.
 */
static void take_keys(struct input *input)
{
	u8 bytes[CHUNK];
	unsigned n;

	while (keys_wait(&input->keys) && (n = keys_take(&input->keys, bytes, room(input))))
		input->receive(input->sink, bytes, n);
}

static void input_fds(struct source *s, struct pollset *p)
{
	struct input *input = container_of(s, struct input, source);

	take_keys(input);
	if (!input->terminal && !input->ended && room(input))
		stdin_fds(p);
}

static void input_ready(struct source *s, struct pollset *p)
{
	struct input *input = container_of(s, struct input, source);
	unsigned n = pollset_revents(p, STDIN_FILENO) ? room(input) : 0;
	u8 bytes[CHUNK];
	ssize_t got;

	if (n && (got = stdin_read(bytes, n, &input->ended)) > 0)
		input->receive(input->sink, bytes, (u64)got);
}

void input_room_again(void *ctx)
{
	struct input *input = ctx;

	loop_wake(input->loop);
}

static u64 room_of_uart(void *sink)
{
	return uart_invites(sink);
}

static void uart_takes(void *sink, const u8 *bytes, u64 n)
{
	for (u64 i = 0; i < n; i++)
		uart_receive(sink, bytes[i]);
}

void input_to_uart(struct input *input, struct uart *uart)
{
	input->room = room_of_uart;
	input->receive = uart_takes;
	input->sink = uart;
	uart->room_again = input_room_again;
	uart->room_ctx = input;
}

int input_init(struct input *input, struct loop *loop, struct run *run, bool terminal)
{
	int err;

	*input = (struct input){
		.source = { .fds = input_fds, .ready = input_ready },
		.loop = loop,
		.terminal = terminal,
	};
	streams_nonblocking(STDIN_FILENO);
	err = loop_add(loop, &input->source);
	return err || !terminal ? err : keys_start(&input->keys, run, loop);
}
