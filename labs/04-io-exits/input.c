// SPDX-License-Identifier: MIT
#include "input.h"

#include <unistd.h>

#include "streams.h"

#define CHUNK 256 /* bytes that are read at once */

/* How many bytes may be taken now. */
static unsigned room(const struct input *input)
{
	return input->line ? (unsigned)min_u64(CHUNK, input->line->room(input->line)) : 0;
}

static void input_fds(struct source *s, struct pollset *p)
{
	struct input *input = container_of(s, struct input, source);

	if (!input->ended && room(input))
		input_wait(p, input->fd);
}

static void input_ready(struct source *s, struct pollset *p)
{
	struct input *input = container_of(s, struct input, source);
	u8 bytes[CHUNK];
	unsigned n = pollset_revents(p, input->fd) ? room(input) : 0;
	ssize_t got = n ? input_read(p, input->fd, bytes, n, &input->ended) : 0;

	if (got > 0)
		input->line->receive(input->line, bytes, (u64)got);
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

int input_init(struct input *input, struct loop *loop, struct run *run, bool terminal)
{
	int err = 0;

	*input = (struct input){
		.source = { .fds = input_fds, .ready = input_ready },
		.loop = loop,
		.terminal = terminal,
	};
	streams_nonblocking(STDIN_FILENO);
	if (terminal)
		err = keys_init(&input->keys, run);
	input->fd = terminal ? input->keys.pipe[0] : STDIN_FILENO;
	return err ? err : loop_add(loop, &input->source);
}
