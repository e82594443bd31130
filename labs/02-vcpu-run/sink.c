// SPDX-License-Identifier: MIT
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <unistd.h>

#include "sink.h"
#include "streams.h"

#define LOOK_MS 100 /* between two looks whether the run is cut off */

void sink_init(struct sink *sink, struct run *run)
{
	*sink = (struct sink){ .run = run, .blocks = !streams_nonblocking(STDOUT_FILENO) };
}

/* Wait until stdout takes something, if only its error. False: the run is cut off before that. */
static bool wait_for_reader(const struct sink *sink)
{
	struct pollfd p = { .fd = STDOUT_FILENO, .events = POLLOUT };

	/* Who reads slowly makes room before we would look: so look first. */
	while (poll(&p, 1, 0) <= 0) {
		if (run_cut_off(sink->run))
			return false;
		poll(&p, 1, LOOK_MS);
	}
	return true;
}

int sink_write(void *ctx, const void *bytes, size_t n)
{
	struct sink *sink = ctx;

	return sink->hold ? sink->hold(sink->hold_ctx, bytes, n) : sink_out(sink, bytes, n);
}

int sink_out(struct sink *sink, const void *bytes, size_t n)
{
	bool wait = sink->blocks;
	const u8 *next = bytes;

	while (n && !sink->err && !sink->lost) {
		ssize_t done = 0;

		if (wait && !wait_for_reader(sink))
			sink->lost = true;
		else /* for so many there is room, where poll() sees any: pipe(7) */
			done = write(STDOUT_FILENO, next, min_u64(n, PIPE_BUF));
		if (done < 0 && errno == EAGAIN) {
			wait = true;
		} else if (done < 0 && errno != EINTR) {
			sink->err = -errno;
			run_end(sink->run, V_ERROR, 0, NULL);
		} else if (done > 0) {
			next += done;
			n -= (size_t)done;
		}
	}
	return sink->err;
}
