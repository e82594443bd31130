/* SPDX-License-Identifier: MIT */
/*
 * A character line (given): bytes in both directions between a device of the guest, a UART or a
 * virtio console, and who is outside. Embedded in the device, which sets its end; who is outside
 * connects the other. All is called with the lock of the device held.
 */
#ifndef CHARLINE_H
#define CHARLINE_H

#include "types.h"

struct charline {
	/* The device's end. How many bytes may come now? */
	u64 (*room)(struct charline *line);
	/* Here are n bytes. Returns how many it has taken: those that there was room for. */
	u64 (*receive)(struct charline *line, const void *bytes, u64 n);

	/* The other end. Bytes leave. 0, or a negative errno: then no more do. NULL: into nowhere.
	 */
	int (*out)(void *out_ctx, const void *bytes, size_t n);
	void *out_ctx;
	/* There was no room, and there is again: who has bytes may bring them. May be NULL. */
	void (*room_again)(void *room_ctx);
	void *room_ctx;
	int err; /* 0, or what out() said first */
};

/* For the device: bytes leave. Returns line->err: after a failure nothing leaves any more. */
static inline int charline_out(struct charline *line, const void *bytes, size_t n)
{
	if (line->out && !line->err)
		line->err = line->out(line->out_ctx, bytes, n);
	return line->err;
}

/* For the device: there is room again. */
static inline void charline_room_again(struct charline *line)
{
	if (line->room_again)
		line->room_again(line->room_ctx);
}

#endif
