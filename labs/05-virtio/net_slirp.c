// SPDX-License-Identifier: MIT
#include "net_slirp.h"

#include <errno.h>
#include <malloc.h>
#include <slirp/libslirp.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* Of a poll, for those that come behind us: the guest decides how many sockets there are. */
#define FDS_OF_OTHERS 20

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

/* Which sockets there are is asked anew each turn (add_poll()): these two only count. */
static void socket_opened(int fd, void *opaque)
{
	struct net_slirp *s = opaque;

	s->sockets++;
}

static void socket_closed(int fd, void *opaque)
{
	struct net_slirp *s = opaque;

	if (s->sockets)
		s->sockets--;
}

static void notify(void *opaque)
{
	struct net_slirp *s = opaque;

	/* One wake-up is enough for all frames of a notification: each would be a system call. */
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
	.register_poll_fd = socket_opened,
	.unregister_poll_fd = socket_closed,
	.notify = notify,
};

/* --- the I/O thread's turn --- */

/* libslirp's names, and those of poll(2). */
static const struct {
	int slirp;
	short poll;
} names[] = { { SLIRP_POLL_IN, POLLIN },
	      { SLIRP_POLL_OUT, POLLOUT },
	      { SLIRP_POLL_PRI, POLLPRI },
	      { SLIRP_POLL_ERR, POLLERR },
	      { SLIRP_POLL_HUP, POLLHUP } };

static int add_poll(int fd, int events, void *opaque)
{
	struct pollset *p = opaque;
	short wanted = 0;

	for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
		if (events & names[i].slirp)
			wanted |= names[i].poll;
	if (p->n >= LOOP_FDS_MAX - FDS_OF_OTHERS || pollset_add(p, fd, wanted))
		return -1; /* full: this one waits */
	return (int)p->n - 1;
}

static int get_revents(int index, void *opaque)
{
	const struct pollset *p = opaque;
	short came = index < 0 ? 0 : p->fd[index].revents;
	int events = 0;

	for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
		if (came & names[i].poll)
			events |= names[i].slirp;
	return events;
}

static void slirp_fds(struct source *source, struct pollset *p)
{
	struct net_slirp *s = container_of(source, struct net_slirp, source);
	uint32_t timeout = p->timeout_ms < 0 ? UINT32_MAX : (uint32_t)p->timeout_ms;

	s->woken = false;
	if (!s->slirp)
		return;
	slirp_pollfds_fill(s->slirp, &timeout, add_poll, p);
	p->timeout_ms = timeout > INT32_MAX ? -1 : (int)timeout;
}

/* --- from the card --- */

static Slirp *make(struct net_slirp *s)
{
	const SlirpConfig config = {
		.version = 1,
		.restricted = s->isolated,
		.in_enabled = true,
		.vnetwork.s_addr = htonl(0x0a000200),
		.vnetmask.s_addr = htonl(0xffffff00),
		.vhost.s_addr = htonl(0x0a000202),
		.vdhcp_start.s_addr = htonl(0x0a00020f),
		.vnameserver.s_addr = htonl(0x0a000203),
	};

	return slirp_new(&config, &callbacks, s);
}

static int listen_for(struct net_slirp *s, const struct net_forward *f)
{
	errno = 0;
	if (slirp_add_hostfwd(s->slirp, f->udp, f->host, f->host_port, f->guest, f->guest_port))
		return errno ? -errno : -EIO;
	return 0;
}

/* Bytes of this process's heap. */
static u64 heap_in_use(void)
{
	struct mallinfo2 m = mallinfo2();

	return m.uordblks + m.hblkhd;
}

static bool keeps_too_much(struct net_slirp *s)
{
	u64 most = s->heap_before + SLIRP_HEAP_MAX + s->sockets * SLIRP_SOCKET_HEAP;

	if (s->sockets > SLIRP_SOCKETS_MAX)
		return true;
	/* That takes a moment, and between two looks there are 64 frames at most. */
	return s->frames++ % 64 == 0 && heap_in_use() > most;
}

/* Ports that somebody else has taken meanwhile are lost. */
static void listen_again(struct net_slirp *s)
{
	for (unsigned i = 0; s->slirp && i < s->nforwards; i++) {
		int err = listen_for(s, &s->forward[i]);

		if (err && !s->told_lost)
			fprintf(stderr, "vmm: net: hostfwd: port %u is lost: %s\n",
				s->forward[i].host_port, strerror(-err));
		s->told_lost |= err != 0;
	}
}

static void start_over(struct net_slirp *s)
{
	if (!s->started_over++)
		fprintf(stderr, "vmm: net: libslirp has come to keep too much: it starts over\n");
	net_slirp_destroy(s);
	s->sockets = 0;
	s->slirp = make(s);
	listen_again(s);
}

static void slirp_send(struct net_backend *b, const void *frame, size_t len)
{
	struct net_slirp *s = container_of(b, struct net_slirp, backend);
	enum frame_kind kind = net_filter(frame, len);

	s->filtered[kind]++;
	if (kind != FRAME_PASSES)
		return;
	if (keeps_too_much(s))
		start_over(s);
	if (!s->slirp)
		return;
	/* Only here it looks at the clock; and by an old one, a new socket would be out of date. */
	slirp_pollfds_poll(s->slirp, 1, get_revents, NULL);
	slirp_input(s->slirp, frame, (int)len);
	notify(s); /* there may be a new socket to wait for */
}

static void slirp_ready(struct source *source, struct pollset *p)
{
	struct net_slirp *s = container_of(source, struct net_slirp, source);

	if (!s->slirp)
		return;
	slirp_pollfds_poll(s->slirp, 0, get_revents, p);
	if (s->sockets > SLIRP_SOCKETS_MAX) /* hostfwd: many call, and the guest may say nothing */
		start_over(s);
}

int net_slirp_init(struct net_slirp *s, struct net *net, struct loop *loop, bool isolated)
{
	*s = (struct net_slirp){
		.backend.send = slirp_send,
		.source = { .fds = slirp_fds, .ready = slirp_ready },
		.net = net,
		.loop = loop,
		.isolated = isolated,
		.heap_before = heap_in_use(),
	};
	s->slirp = make(s);
	if (!s->slirp)
		return -EIO;
	net->backend = &s->backend;
	return loop ? loop_add(loop, &s->source) : 0;
}

int net_slirp_forward(struct net_slirp *s, const struct net_forward *f)
{
	int err = s->nforwards < FORWARDS_MAX ? listen_for(s, f) : -ENOSPC;

	if (!err)
		s->forward[s->nforwards++] = *f;
	return err;
}

void net_slirp_destroy(struct net_slirp *s)
{
	if (s->slirp)
		slirp_cleanup(s->slirp);
	s->slirp = NULL;
}
