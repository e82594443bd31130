// SPDX-License-Identifier: MIT
#include "outbuf.h"

#include <errno.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "todo.h"

/* [book:6.8output] */
int outbuf_flush(struct outbuf *b)
{
	/* TASK 6.8 */
#if SOL >= 608
	unsigned count = b->count;

	b->count = 0;
	return count ? sink_out(b->sink, b->bytes, count) : 0;
#else
	return (TODO_NOTED("6.8"), 0); /* nothing waits */
#endif
}

int outbuf_put(struct outbuf *b, const u8 *bytes, size_t n)
{
	/* TASK 6.8 */
#if SOL >= 608
	bool line = n && bytes[n - 1] == '\n';
	int err = 0;

	while (n && !err) {
		size_t take = min_u64(n, OUTBUF_SIZE - b->count);

		memcpy(b->bytes + b->count, bytes, take);
		b->count += (unsigned)take;
		bytes += take;
		n -= take;
		if (b->count == OUTBUF_SIZE)
			err = outbuf_flush(b);
	}
	if (!err && line)
		err = outbuf_flush(b);
	if (b->count)
		outbuf_arm(b);
	return err;
#else
	TODO_NOTED("6.8");
	return sink_out(b->sink, bytes, n); /* one call for each byte */
#endif
}
/* [book:end] */

void outbuf_arm(struct outbuf *b)
{
	const struct itimerspec wait = { .it_value.tv_nsec = OUTBUF_WAIT_MS * 1000000L };

	if (!b->armed)
		b->armed = timerfd_settime(b->timer, 0, &wait, NULL) == 0;
}

static int hold(void *ctx, const void *bytes, size_t n)
{
	struct outbuf *b = ctx;
	int err;

	pthread_mutex_lock(&b->lock);
	err = outbuf_put(b, bytes, n);
	pthread_mutex_unlock(&b->lock);
	return err;
}

static void fds(struct source *s, struct pollset *p)
{
	pollset_add(p, container_of(s, struct outbuf, source)->timer, POLLIN);
}

static void ready(struct source *s, struct pollset *p)
{
	struct outbuf *b = container_of(s, struct outbuf, source);
	u64 times;

	if (!pollset_revents(p, b->timer) || read(b->timer, &times, sizeof(times)) < 0)
		return;
	pthread_mutex_lock(&b->lock);
	b->armed = false;
	outbuf_flush(b);
	pthread_mutex_unlock(&b->lock);
}

int outbuf_end(struct outbuf *b)
{
	int err;

	pthread_mutex_lock(&b->lock);
	err = outbuf_flush(b);
	pthread_mutex_unlock(&b->lock);
	return err;
}

int outbuf_init(struct outbuf *b, struct loop *loop, struct sink *sink)
{
	int err;

	*b = (struct outbuf){
		.source = { .fds = fds, .ready = ready },
		.sink = sink,
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK),
	};
	if (b->timer < 0)
		return -errno;
	err = loop_add(loop, &b->source);
	if (err) {
		close(b->timer);
		b->timer = -1;
		return err;
	}
	sink->hold = hold;
	sink->hold_ctx = b;
	return 0;
}

void outbuf_destroy(struct outbuf *b)
{
	if (b->source.fds && b->timer >= 0)
		close(b->timer);
}
