// SPDX-License-Identifier: MIT
#include "keys.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "term.h"

#define CHUNK	      256 /* bytes that are read at once */
#define CTRL_A	      0x01
#define BACKGROUND_MS 300

void input_wait(struct pollset *p, int fd)
{
	/* The set is far larger than our devices need: it cannot be full. */
	if (term_is_ours(fd))
		pollset_add(p, fd, POLLIN);
	else if (p->timeout_ms < 0 || p->timeout_ms > BACKGROUND_MS)
		p->timeout_ms = BACKGROUND_MS;
}

ssize_t input_read(struct pollset *p, int fd, u8 *bytes, size_t n, bool *ended)
{
	ssize_t got;

	if (!pollset_revents(p, fd))
		return 0;
	got = read(fd, bytes, n);
	*ended = got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR &&
			      !(errno == EIO && !term_is_ours(fd)));
	return got;
}

static void pressed(struct keys *keys, u8 byte)
{
	if (!keys->escape && byte == CTRL_A) {
		keys->escape = true;
		return;
	}
	if (keys->escape && byte == 'x') {
		keys->left = true;
		run_end(keys->run, V_LEFT, 0, NULL);
	}
	/* Any other key after Ctrl-A is none of ours: it is for nobody. */
	if ((!keys->escape || byte == CTRL_A) && write(keys->pipe[1], &byte, 1) != 1)
		keys->lost++;
	keys->escape = false;
}

static void fds(struct source *s, struct pollset *p)
{
	if (!container_of(s, struct keys, source)->ended)
		input_wait(p, STDIN_FILENO);
}

static void ready(struct source *s, struct pollset *p)
{
	struct keys *keys = container_of(s, struct keys, source);
	u8 bytes[CHUNK];
	ssize_t got = input_read(p, STDIN_FILENO, bytes, sizeof(bytes), &keys->ended);

	for (ssize_t i = 0; i < got; i++)
		pressed(keys, bytes[i]);
}

int keys_init(struct keys *keys, struct run *run)
{
	int err;

	*keys = (struct keys){ .source = { .fds = fds, .ready = ready },
			       .lock = PTHREAD_MUTEX_INITIALIZER };
	if (pipe2(keys->pipe, O_CLOEXEC | O_NONBLOCK) < 0)
		return -errno;
	keys->run = run;
	err = loop_init(&keys->loop, &keys->lock);
	if (!err)
		err = loop_add(&keys->loop, &keys->source);
	return err;
}

int keys_start(struct keys *keys)
{
	return loop_start(&keys->loop);
}

void keys_stop(struct keys *keys)
{
	if (!keys->run)
		return;
	loop_stop(&keys->loop);
	for (unsigned i = 0; i < 2; i++)
		close(keys->pipe[i]);
	keys->run = NULL;
}
