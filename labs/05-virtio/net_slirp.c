// SPDX-License-Identifier: MIT
#include "net_slirp.h"

#include <errno.h>
#include <slirp/libslirp.h>
#include <time.h>

/* --- from libslirp to us; each gets our struct net_slirp --- */

static ssize_t send_packet(const void *frame, size_t len, void *opaque)
{
	struct net_slirp *s = opaque;

	net_receive(s->net, frame, len);
	return (ssize_t)len; /* one that was dropped is lost, as on any wire */
}

static void guest_error(const char *msg, void *opaque)
{
	/* A guest can make as many as it likes. */
}

static int64_t clock_get_ns(void *opaque)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

/* Timers are for IPv6 only, which we do not play. */
static void *timer_new(SlirpTimerCb cb, void *cb_opaque, void *opaque)
{
	return NULL;
}

static void timer_free(void *timer, void *opaque)
{
}

static void timer_mod(void *timer, int64_t expire_ms, void *opaque)
{
}

/* The sockets are asked for anew each turn: see add_poll(). */
static void poll_fd_changed(int fd, void *opaque)
{
}

static void notify(void *opaque)
{
	struct net_slirp *s = opaque;

	/* One wake-up is enough for all frames of a kick: each would be a system call. */
	if (s->loop && !s->woken)
		loop_wake(s->loop);
	s->woken = true;
}

static const SlirpCb callbacks = {
	.send_packet = send_packet,
	.guest_error = guest_error,
	.clock_get_ns = clock_get_ns,
	.timer_new = timer_new,
	.timer_free = timer_free,
	.timer_mod = timer_mod,
	.register_poll_fd = poll_fd_changed,
	.unregister_poll_fd = poll_fd_changed,
	.notify = notify,
};

/* --- the I/O thread's turn --- */

static int add_poll(int fd, int events, void *opaque)
{
	struct pollset *p = opaque;
	short wanted = 0;

	if (events & SLIRP_POLL_IN)
		wanted |= POLLIN;
	if (events & SLIRP_POLL_OUT)
		wanted |= POLLOUT;
	if (events & SLIRP_POLL_PRI)
		wanted |= POLLPRI;
	return pollset_add(p, fd, wanted) ? -1 : (int)p->n - 1; /* -1: full, this one waits */
}

static int get_revents(int index, void *opaque)
{
	const struct pollset *p = opaque;
	short came = index < 0 ? 0 : p->fd[index].revents;
	int events = 0;

	if (came & POLLIN)
		events |= SLIRP_POLL_IN;
	if (came & POLLOUT)
		events |= SLIRP_POLL_OUT;
	if (came & POLLPRI)
		events |= SLIRP_POLL_PRI;
	if (came & POLLERR)
		events |= SLIRP_POLL_ERR;
	if (came & POLLHUP)
		events |= SLIRP_POLL_HUP;
	return events;
}

static void slirp_fds(struct source *source, struct pollset *p)
{
	struct net_slirp *s = container_of(source, struct net_slirp, source);
	uint32_t timeout = p->timeout_ms < 0 ? UINT32_MAX : (uint32_t)p->timeout_ms;

	s->woken = false;
	slirp_pollfds_fill(s->slirp, &timeout, add_poll, p);
	p->timeout_ms = timeout > INT32_MAX ? -1 : (int)timeout;
}

static void slirp_ready(struct source *source, struct pollset *p)
{
	struct net_slirp *s = container_of(source, struct net_slirp, source);

	slirp_pollfds_poll(s->slirp, 0, get_revents, p);
}

/* --- from the card --- */

static void slirp_send(struct net_backend *b, const void *frame, size_t len)
{
	struct net_slirp *s = container_of(b, struct net_slirp, backend);

	slirp_input(s->slirp, frame, (int)len);
	notify(s); /* there may be a new socket to wait for */
}

int net_slirp_init(struct net_slirp *s, struct net *net, struct loop *loop, bool isolated)
{
	const SlirpConfig config = {
		.version = 1,
		.restricted = isolated,
		.in_enabled = true,
		.vnetwork.s_addr = htonl(0x0a000200),
		.vnetmask.s_addr = htonl(0xffffff00),
		.vhost.s_addr = htonl(0x0a000202),
		.vdhcp_start.s_addr = htonl(0x0a00020f),
		.vnameserver.s_addr = htonl(0x0a000203),
	};

	*s = (struct net_slirp){
		.backend.send = slirp_send,
		.source = { .fds = slirp_fds, .ready = slirp_ready },
		.net = net,
		.loop = loop,
	};
	s->slirp = slirp_new(&config, &callbacks, s);
	if (!s->slirp)
		return -EIO;
	net->backend = &s->backend;
	return loop ? loop_add(loop, &s->source) : 0;
}

void net_slirp_destroy(struct net_slirp *s)
{
	if (s->slirp)
		slirp_cleanup(s->slirp);
	s->slirp = NULL;
}
