// SPDX-License-Identifier: MIT
#include "input.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "streams.h"
#include "term.h"

#define CHUNK	      256 /* bytes that are read at once */
#define CTRL_A	      0x01
#define BACKGROUND_MS 300

static u64 room(const struct input *input)
{
	return input->line ? input->line->room(input->line) : 0;
}

/*
 * What waits goes on, until there is no room or nothing waits: a device that asks its driver for a
 * kick does so when it has none.
 */
static void deliver(struct input *input)
{
	while (input->nkeys) {
		u64 n = min_u64(input->nkeys, room(input));

		n = min_u64(n, INPUT_KEYS - input->first); /* the ring's end */
		if (n == 0)
			return;
		input->line->receive(input->line, input->key + input->first, n);
		input->first = (input->first + (unsigned)n) % INPUT_KEYS;
		input->nkeys -= (unsigned)n;
	}
}

static void keep(struct input *input, u8 byte)
{
	if (input->nkeys < INPUT_KEYS)
		input->key[(input->first + input->nkeys++) % INPUT_KEYS] = byte;
	else
		input->lost++;
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
		keep(input, byte);
	input->escape = false;
}

/* How much may be read now. A terminal is read even if it is for nobody: Ctrl-A x may come. */
static unsigned wanted(const struct input *input)
{
	if (input->ended)
		return 0;
	return input->terminal ? CHUNK : (unsigned)min_u64(CHUNK, room(input));
}

/* What is typed while we are in the background is not for us. */
static bool is_ours(const struct input *input)
{
	return !input->at_terminal || term_is_ours(STDIN_FILENO);
}

/* Reads what has come, if something has: never waits for it. */
static void take(struct input *input)
{
	struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };
	unsigned n = wanted(input);
	u8 bytes[CHUNK];
	ssize_t got;

	if (!n || poll(&p, 1, 0) <= 0)
		return;
	got = read(STDIN_FILENO, bytes, n);
	if (got < 0 && errno == EIO && !is_ours(input))
		return;
	if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
		input->ended = true;
	for (ssize_t i = 0; i < got; i++)
		key(input, bytes[i]);
}

static void input_fds(struct source *s, struct pollset *p)
{
	struct input *input = container_of(s, struct input, source);

	deliver(input);
	if (!is_ours(input)) { /* look again now and then */
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

	if (!pollset_revents(p, STDIN_FILENO))
		return;
	take(input);
	deliver(input);
}

bool input_or_time_is_over(void *ctx)
{
	struct input *input = ctx;

	/* When the loop has stopped, keys are for others. */
	if (input->terminal && input->loop->running && is_ours(input))
		take(input);
	return input->left || input->inject->vcpu->timed_out;
}

static void room_again(void *ctx)
{
	struct input *input = ctx;

	loop_wake(input->loop);
}

void input_connect(struct input *input, struct charline *line)
{
	input->line = line;
	line->room_again = room_again;
	line->room_ctx = input;
}

int input_init(struct input *input, struct loop *loop, struct inject *inject, bool terminal)
{
	*input = (struct input){
		.source = { .fds = input_fds, .ready = input_ready },
		.loop = loop,
		.inject = inject,
		.at_terminal = isatty(STDIN_FILENO),
		.terminal = terminal,
	};
	streams_nonblocking(STDIN_FILENO);
	return loop_add(loop, &input->source);
}
