// SPDX-License-Identifier: MIT
#include "keys.h"

#include <errno.h>
#include <unistd.h>

#include "term.h"

#define CHUNK	      256 /* bytes that are read at once */
#define CTRL_A	      0x01
#define BACKGROUND_MS 300

void stdin_fds(struct pollset *p)
{
	/* The set is far larger than our devices need: it cannot be full. */
	if (term_is_ours(STDIN_FILENO))
		pollset_add(p, STDIN_FILENO, POLLIN);
	else if (p->timeout_ms < 0 || p->timeout_ms > BACKGROUND_MS)
		p->timeout_ms = BACKGROUND_MS;
}

ssize_t stdin_read(u8 *bytes, size_t n, bool *ended)
{
	ssize_t got = read(STDIN_FILENO, bytes, n);

	if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR &&
			 !(errno == EIO && !term_is_ours(STDIN_FILENO))))
		*ended = true;
	return got;
}

static void keep(struct keys *keys, u8 byte)
{
	if (keys->n < KEYS_MAX)
		keys->key[(keys->first + keys->n++) % KEYS_MAX] = byte;
	else
		keys->lost++;
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
	if (!keys->escape || byte == CTRL_A)
		keep(keys, byte);
	keys->escape = false;
}

static void keys_fds(struct source *s, struct pollset *p)
{
	if (!container_of(s, struct keys, source)->ended)
		stdin_fds(p);
}

static void keys_ready(struct source *s, struct pollset *p)
{
	struct keys *keys = container_of(s, struct keys, source);
	u8 bytes[CHUNK];
	ssize_t got;

	if (!pollset_revents(p, STDIN_FILENO))
		return;
	got = stdin_read(bytes, sizeof(bytes), &keys->ended);
	for (ssize_t i = 0; i < got; i++)
		pressed(keys, bytes[i]);
	loop_wake(keys->wake);
}

int keys_start(struct keys *keys, struct run *run, struct loop *wake)
{
	int err;

	*keys = (struct keys){ .source = { .fds = keys_fds, .ready = keys_ready },
			       .lock = PTHREAD_MUTEX_INITIALIZER,
			       .run = run,
			       .wake = wake };
	err = loop_init(&keys->loop, &keys->lock);
	if (!err)
		err = loop_add(&keys->loop, &keys->source);
	return err ? err : loop_start(&keys->loop);
}

bool keys_wait(struct keys *keys)
{
	return __atomic_load_n(&keys->n, __ATOMIC_RELAXED);
}

unsigned keys_take(struct keys *keys, u8 *bytes, unsigned n)
{
	pthread_mutex_lock(&keys->lock);
	n = (unsigned)min_u64(n, keys->n);
	for (unsigned i = 0; i < n; i++)
		bytes[i] = keys->key[(keys->first + i) % KEYS_MAX];
	keys->first = (keys->first + n) % KEYS_MAX;
	keys->n -= n;
	pthread_mutex_unlock(&keys->lock);
	return n;
}
