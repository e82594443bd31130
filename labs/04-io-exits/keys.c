// SPDX-License-Identifier: MIT
#include "keys.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "term.h"
#include "thread.h"

#define CHUNK	      256 /* bytes that are read at once */
#define CTRL_A	      0x01
#define BACKGROUND_MS 300

static void keep(struct keys *keys, u8 byte)
{
	pthread_mutex_lock(&keys->lock);
	if (keys->n < KEYS_MAX)
		keys->key[(keys->first + keys->n++) % KEYS_MAX] = byte;
	else
		keys->lost++;
	pthread_mutex_unlock(&keys->lock);
}

static void pressed(struct keys *keys, u8 byte)
{
	if (!keys->escape && byte == CTRL_A) {
		keys->escape = true;
		return;
	}
	if (keys->escape && byte == 'x') {
		keys->left = true;
		run_end(keys->run, V_EXIT, 0, NULL);
	}
	/* Any other key after Ctrl-A is none of ours: it is for nobody. */
	if (!keys->escape || byte == CTRL_A)
		keep(keys, byte);
	keys->escape = false;
}

/* Read what has come. False: nothing will any more. */
static bool listen_once(struct keys *keys)
{
	u8 bytes[CHUNK];
	ssize_t got = read(STDIN_FILENO, bytes, sizeof(bytes));

	for (ssize_t i = 0; i < got; i++)
		pressed(keys, bytes[i]);
	if (got > 0)
		loop_wake(keys->loop);
	return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR ||
				       (errno == EIO && !term_is_ours(STDIN_FILENO))));
}

static void *listen_on(void *arg)
{
	struct keys *keys = arg;
	struct pollfd p[] = { { keys->stop, POLLIN, 0 }, { STDIN_FILENO, POLLIN, 0 } };
	bool more = true;

	while (more && !p[0].revents) {
		/* What is typed while we are in the background is not for us. */
		bool ours = term_is_ours(STDIN_FILENO);

		if (poll(p, ours ? 2 : 1, ours ? -1 : BACKGROUND_MS) > 0 && ours && p[1].revents)
			more = listen_once(keys);
	}
	return NULL;
}

int keys_start(struct keys *keys, struct run *run, struct loop *loop)
{
	int err;

	*keys = (struct keys){ .run = run,
			       .loop = loop,
			       .stop = eventfd(0, EFD_CLOEXEC),
			       .lock = PTHREAD_MUTEX_INITIALIZER };
	if (keys->stop < 0)
		return -errno;
	err = thread_start(&keys->thread, listen_on, keys);
	if (err)
		close(keys->stop);
	keys->running = !err;
	return err;
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

void keys_stop(struct keys *keys)
{
	if (!keys->running)
		return;
	eventfd_write(keys->stop, 1);
	pthread_join(keys->thread, NULL);
	close(keys->stop);
	keys->running = false;
}
