// SPDX-License-Identifier: MIT
#include "net_tap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "todo.h"

/* [book:5.11] */
/* TASK 5.11 */
#if SOL >= 511
static int attach(int fd, const char *name)
{
	struct ifreq ifr = { .ifr_flags = IFF_TAP | IFF_NO_PI };

	if (strlen(name) >= sizeof(ifr.ifr_name))
		return -ENAMETOOLONG;
	strcpy(ifr.ifr_name, name);
	return ioctl(fd, TUNSETIFF, &ifr) < 0 ? -errno : 0;
}
#endif

static int tap_open(const char *name)
{
	/* TASK 5.11 */
#if SOL >= 511
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC), err;

	if (fd < 0)
		return -errno;
	err = attach(fd, name);
	if (err) {
		close(fd);
		return err;
	}
	return fd;
#else
	return TODO("5.11");
#endif
}

void net_tap_receive(struct net_tap *tap)
{
	/* TASK 5.11 */
#if SOL >= 511
	u8 frame[NET_FRAME_MAX + 1]; /* one more: what is too long is seen to be */

	for (unsigned i = 0; i < TAP_BURST; i++) {
		ssize_t len = read(tap->fd, frame, sizeof(frame));

		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0 && errno == EAGAIN)
			return;
		if (len <= 0) { /* it has gone, and poll(2) would report that for ever */
			net_tap_destroy(tap);
			return;
		}
		net_receive(tap->net, frame, (size_t)len);
	}
#else
	TODO("5.11");
#endif
}

static void tap_send(struct net_backend *b, const void *frame, size_t len)
{
	/* TASK 5.11 */
#if SOL >= 511
	struct net_tap *tap = container_of(b, struct net_tap, backend);

	if (write(tap->fd, frame, len) != (ssize_t)len)
		tap->lost++;
#else
	TODO("5.11");
#endif
}
/* [book:end] */

static void tap_fds(struct source *s, struct pollset *p)
{
	struct net_tap *tap = container_of(s, struct net_tap, source);

	if (tap->fd >= 0)
		pollset_add(p, tap->fd, POLLIN);
}

static void tap_ready(struct source *s, struct pollset *p)
{
	struct net_tap *tap = container_of(s, struct net_tap, source);

	if (tap->fd >= 0 && pollset_revents(p, tap->fd))
		net_tap_receive(tap);
}

int net_tap_init(struct net_tap *tap, struct net *net, struct loop *loop, const char *name)
{
	*tap = (struct net_tap){
		.backend.send = tap_send,
		.source = { .fds = tap_fds, .ready = tap_ready },
		.net = net,
		.fd = tap_open(name),
	};
	if (tap->fd < 0)
		return tap->fd;
	net->backend = &tap->backend;
	return loop ? loop_add(loop, &tap->source) : 0;
}

void net_tap_destroy(struct net_tap *tap)
{
	if (tap->fd >= 0)
		close(tap->fd);
	tap->fd = -1;
}
