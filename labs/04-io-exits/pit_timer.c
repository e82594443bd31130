// SPDX-License-Identifier: MIT
/* Given: what the timer needs of the host, a clock and a timerfd(2). */
#include <errno.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "pit.h"

#define NS_PER_S 1000000000ULL

static u64 host_now(void *ctx)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (u64)ts.tv_sec * NS_PER_S + (u64)ts.tv_nsec;
}

/*
 * From either thread: the loop already waits for the descriptor. A time that is over makes it
 * readable at once; 0 would switch it off, but our clock is never at 0.
 */
static void host_alarm(void *ctx, u64 ns)
{
	struct pit *pit = ctx;
	struct itimerspec when = { .it_value = { 0 } };

	if (ns != PIT_NEVER) {
		when.it_value.tv_sec = (time_t)(ns / NS_PER_S);
		when.it_value.tv_nsec = (long)(ns % NS_PER_S);
	}
	timerfd_settime(pit->fd, TFD_TIMER_ABSTIME, &when, NULL);
}

static void timer_fds(struct source *s, struct pollset *p)
{
	pollset_add(p, container_of(s, struct pit, source)->fd, POLLIN);
}

static void timer_ready(struct source *s, struct pollset *p)
{
	struct pit *pit = container_of(s, struct pit, source);
	u64 expirations;

	/* How often it has expired says nothing new: pit_edges() knows. Set anew meanwhile: EAGAIN.
	 */
	if (pollset_revents(p, pit->fd) &&
	    read(pit->fd, &expirations, sizeof(expirations)) == sizeof(expirations))
		pit_update(pit);
}

int pit_start(struct pit *pit, struct loop *loop)
{
	pit->fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (pit->fd < 0)
		return -errno;
	pit->now = host_now;
	pit->alarm = host_alarm;
	pit->ctx = pit;
	pit->source = (struct source){ .fds = timer_fds, .ready = timer_ready };
	return loop_add(loop, &pit->source);
}

void pit_destroy(struct pit *pit)
{
	if (pit->fd >= 0)
		close(pit->fd);
	pit->fd = -1;
}
