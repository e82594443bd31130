// SPDX-License-Identifier: MIT
#include "loop.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "thread.h"
#include "trace.h"

int pollset_add(struct pollset *p, int fd, short events)
{
	if (p->n == LOOP_FDS_MAX)
		return -ENOSPC;
	p->fd[p->n++] = (struct pollfd){ .fd = fd, .events = events };
	return 0;
}

short pollset_revents(const struct pollset *p, int fd)
{
	for (unsigned i = 0; i < p->n; i++)
		if (p->fd[i].fd == fd)
			return p->fd[i].revents;
	return 0;
}

int loop_init(struct loop *loop, pthread_mutex_t *lock)
{
	*loop = (struct loop){ .lock = lock, .wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) };
	return loop->wake < 0 ? -errno : 0;
}

int loop_add(struct loop *loop, struct source *s)
{
	if (loop->nsources == LOOP_SOURCES_MAX)
		return -ENOSPC;
	s->lock = loop->lock;
	loop->source[loop->nsources++] = s;
	return 0;
}

/* Call fds() or ready() of each source. */
static void call_all(struct loop *loop, struct pollset *p, bool ready)
{
	for (unsigned i = 0; i < loop->nsources; i++) {
		struct source *s = loop->source[i];

		pthread_mutex_lock(s->lock);
		(ready ? s->ready : s->fds)(s, p);
		pthread_mutex_unlock(s->lock);
	}
}

/* What to wait for this time; false: nothing any more. */
static bool gather(struct loop *loop, struct pollset *p)
{
	*p = (struct pollset){ .timeout_ms = -1 };
	pollset_add(p, loop->wake, POLLIN);
	call_all(loop, p, false);
	return !__atomic_load_n(&loop->ending, __ATOMIC_SEQ_CST);
}

static void hand_out(struct loop *loop, struct pollset *p)
{
	eventfd_t ignored;

	/* Only after this may the sources be looked at: a wake-up from then on comes next turn. */
	if (pollset_revents(p, loop->wake))
		eventfd_read(loop->wake, &ignored);
	call_all(loop, p, true);
}

void loop_run(struct loop *loop)
{
	struct pollset p;

	while (gather(loop, &p)) {
		/* It can only fail for want of memory: then nothing has come, and we ask again. */
		if (poll(p.fd, p.n, p.timeout_ms) >= 0) {
			u64 from = trace_tick();

			hand_out(loop, &p);
			trace_note_at(from, TRACE_WORK, .v = { trace_tick() - from });
		}
	}
}

static void *run_loop(void *loop)
{
	loop_run(loop);
	return NULL;
}

int loop_start(struct loop *loop)
{
	int err = thread_start(&loop->thread, "I/O thread", run_loop, loop);

	loop->running = !err;
	return err;
}

void loop_wake(struct loop *loop)
{
	eventfd_write(loop->wake, 1);
}

void loop_stop(struct loop *loop)
{
	if (loop->running) {
		__atomic_store_n(&loop->ending, true, __ATOMIC_SEQ_CST);
		loop_wake(loop);
		pthread_join(loop->thread, NULL);
		loop->running = false;
	}
	if (loop->lock && loop->wake >= 0)
		close(loop->wake);
	loop->wake = -1;
}
