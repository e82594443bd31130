// SPDX-License-Identifier: MIT
#include "proto.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

/* A non-blocking descriptor is waited for: frames are written whole or not at all. */
static int write_all(int fd, const void *data, size_t len)
{
	const char *p = data;

	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EAGAIN) {
			struct pollfd wait = { .fd = fd, .events = POLLOUT };

			poll(&wait, 1, -1);
			continue;
		}
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		p += n;
		len -= n;
	}
	return 0;
}

static int read_all(int fd, void *data, size_t len)
{
	char *p = data;

	while (len) {
		ssize_t n = read(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -EPIPE;
		p += n;
		len -= n;
	}
	return 0;
}

int frame_write(int fd, uint8_t type, const void *data, size_t len)
{
	struct frame frame = { .type = type, .len = len };
	char whole[sizeof(frame) + FRAME_MAX];

	if (len > FRAME_MAX)
		return -EMSGSIZE;
	memcpy(whole, &frame, sizeof(frame)); /* one write: one buffer of the virtio port */
	if (len)
		memcpy(whole + sizeof(frame), data, len);
	return write_all(fd, whole, sizeof(frame) + len);
}

int frame_read(int fd, struct frame *frame, void *data)
{
	int err = read_all(fd, frame, sizeof(*frame));

	if (err)
		return err;
	if (frame->len > FRAME_MAX)
		return -EPROTO;
	return read_all(fd, data, frame->len);
}

int frame_fill(struct frame_buffer *b, int fd)
{
	ssize_t n;

	memmove(b->bytes, b->bytes + b->taken, b->used - b->taken);
	b->used -= b->taken;
	b->taken = 0;
	n = read(fd, b->bytes + b->used, sizeof(b->bytes) - b->used);
	if (n < 0)
		return -errno;
	b->used += n;
	return n;
}

int frame_next(struct frame_buffer *b, struct frame *frame, const uint8_t **data)
{
	size_t left = b->used - b->taken;

	if (left < sizeof(*frame))
		return 0;
	memcpy(frame, b->bytes + b->taken, sizeof(*frame));
	if (frame->len > FRAME_MAX || frame->zero[0] || frame->zero[1] || frame->zero[2])
		return -EPROTO;
	if (left < sizeof(*frame) + frame->len)
		return 0;
	*data = b->bytes + b->taken + sizeof(*frame);
	b->taken += sizeof(*frame) + frame->len;
	return 1;
}
