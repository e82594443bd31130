// SPDX-License-Identifier: MIT
/* Tasks 5.9 and 5.11: what a card's wire ends at, libslirp or an interface of the host. */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net_slirp.h"
#include "net_tap.h"
#include "network.h"
#include "wire.h"

/* An ARP request: who has 10.0.2.2? */
static const u8 who_has[42] = {
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x52, 0x54, 0, 0x12, 0x34, 0x56, 8, 6, /* Ethernet */
	0,    1,    8,	  0,	6,    4,    0,	  1, /* ARP: Ethernet, IPv4, a request */
	0x52, 0x54, 0,	  0x12, 0x34, 0x56, 10,	  0,	2, 15,	 0,    0,    0, 0,
	0,    0,    10,	  0,	2,    2,
};

TEST("5.9", slirp_answers, 0)
{
	struct wire *w = begin();
	struct net_slirp s;

	EXPECT_ERR(net_slirp_init(&s, &w->net, NULL, true), 0);
	ADD(&w->d, NET_RX, W(ROOM, 2000));
	memcpy(w->d.ram + FRAME, who_has, sizeof(who_has));
	ADD(&w->d, NET_TX, R(HEADER, 12 + sizeof(who_has)));
	driver_notify(&w->d, NET_TX);
	CONTEXT("who has 10.0.2.2? The router of libslirp's network answers within that "
		"notification");
	EXPECT_U64(driver_used(&w->d, NET_RX), 1);
	EXPECT_BYTES_AS("the frame received", w->d.ram + ROOM + 12, mac, 6);
	EXPECT_BYTES_AS("its sender, at byte 28 of the frame received,", w->d.ram + ROOM + 12 + 28,
			"\x0a\x00\x02\x02", 4);
	net_slirp_destroy(&s);
}

/* A packet of UDP to 10.0.2.2, with no checksum of its own and two bytes of content. */
static const u8 packet[44] = {
	0x52, 0x55, 10, 0,  2, 2,  0x52, 0x54, 0,   0x12, 0x34, 0x56, 8,  0, /* Ethernet */
	0x45, 0,    0,	30, 0, 0,  0,	 0,    64,  17,	  0x62, 0xbf, 10, 0,
	2,    15,   10, 0,  2, 2, /* IP */
	0xc0, 0,    0,	0,  0, 10, 0,	 0,    'H', 'i',
};

/* One turn of the I/O thread: how many sockets does it wait for? */
static unsigned turn(struct net_slirp *s)
{
	struct pollset p = { .timeout_ms = -1 };

	s->source.fds(&s->source, &p);
	s->source.ready(&s->source, &p);
	return p.n;
}

/* libslirp only looks at the clock when it is told to. This host has been up for some time. */
TEST("5.9", slirp_knows_what_time_it_is, 0)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000001) };
	const char *why = network_loopback();
	int peer = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof(at);
	struct wire *w = begin();
	struct net_slirp s;

	if (why)
		SKIP("%s", why);
	if (bind(peer, (struct sockaddr *)&at, len) ||
	    getsockname(peer, (struct sockaddr *)&at, &len))
		test_error("no socket");
	EXPECT_ERR(net_slirp_init(&s, &w->net, NULL, false), 0);
	memcpy(w->d.ram + FRAME, packet, sizeof(packet));
	memcpy(w->d.ram + FRAME + 36, &at.sin_port, 2);
	ADD(&w->d, NET_TX, R(HEADER, 12 + sizeof(packet)));
	driver_notify(&w->d, NET_TX);
	CONTEXT("a packet makes a socket, which is there for minutes, and not only for a turn");
	EXPECT_U64(s.sockets, 1);
	for (unsigned i = 0; i < 3; i++)
		EXPECT_U64(turn(&s), 1);
	net_slirp_destroy(&s);
	EXPECT_U64(s.sockets, 0);
	close(peer);
}

/* How often the loop was woken since this was asked last. */
static u64 wakes(const struct loop *loop)
{
	u64 count = 0;

	return read(loop->wake, &count, sizeof(count)) < 0 ? 0 : count;
}

TEST("-", slirp_wakes_the_loop_once_a_turn, 0)
{
	struct wire *w = begin();
	pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	struct loop loop;
	struct net_slirp s;

	EXPECT_ERR(loop_init(&loop, &lock), 0);
	EXPECT_ERR(net_slirp_init(&s, &w->net, &loop, true), 0);
	for (unsigned turn = 0; turn < 2; turn++) {
		struct pollset p = { .timeout_ms = -1 };

		CONTEXT("turn %u: three frames of one notification are one wake-up", turn);
		for (unsigned i = 0; i < 3; i++)
			s.backend.send(&s.backend, who_has, sizeof(who_has));
		EXPECT_U64(wakes(&loop), 1);
		s.source.fds(&s.source, &p); /* the loop asks what to wait for */
	}
	net_slirp_destroy(&s);
	loop_stop(&loop);
}

/* Bring an interface of the host up or down. */
static bool set_up(const char *name, bool up)
{
	struct ifreq ifr = { .ifr_flags = up ? IFF_UP : 0 };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), err;

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	err = ioctl(fd, SIOCSIFFLAGS, &ifr);
	close(fd);
	return !err;
}

/* The host sends a frame on that interface. */
static bool host_sends(const char *name, const void *frame, size_t len)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET,
				  .sll_ifindex = (int)if_nametoindex(name) };
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	bool sent = sendto(fd, frame, len, 0, (struct sockaddr *)&to, sizeof(to)) == (ssize_t)len;

	close(fd);
	return sent;
}

/* The host says things of its own, too: is ours among the frames? */
static bool has_arrived(const struct wire *w, const void *frame, size_t len)
{
	for (u16 i = 0; i < driver_used(&w->d, NET_RX); i++)
		if (driver_written(&w->d, NET_RX, i) == 12 + len &&
		    !memcmp(w->d.ram + ROOM + 0x800 * (u64)i + 12, frame, len))
			return true;
	return false;
}

TEST("5.11", tap_carries_frames, 0)
{
	struct wire *w = begin();
	struct net_tap tap;
	char name[IFNAMSIZ];
	int err;

	if (access("/dev/net/tun", R_OK | W_OK))
		SKIP("no tap device here: %s", strerror(errno));
	EXPECT_ERR(net_tap_init(&tap, &w->net, NULL, "a-name-that-is-too-long"), -ENAMETOOLONG);
	EXPECT_TRUE(w->net.backend == &w->backend);
	snprintf(name, sizeof(name), "vmmlab%u", (unsigned)(nonce_random() % 100000));
	err = net_tap_init(&tap, &w->net, NULL, name);
	if (err == -EPERM || err == -EACCES || err == -ENOENT || err == -ENODEV)
		SKIP("no tap device here: %s", strerror(-err));
	EXPECT_ERR(err, 0);
	CONTEXT("an interface that is down takes no frames");
	memcpy(w->d.ram + FRAME, who_has, sizeof(who_has));
	ADD(&w->d, NET_TX, R(HEADER, 12 + sizeof(who_has)));
	driver_notify(&w->d, NET_TX);
	EXPECT_U64(tap.lost, 1);
	if (!set_up(name, true))
		SKIP("the interface cannot be brought up");
	ADD(&w->d, NET_TX, R(HEADER, 12 + sizeof(who_has)));
	driver_notify(&w->d, NET_TX);
	CONTEXT("one that is up does");
	EXPECT_U64(tap.lost, 1);
	EXPECT_U64(driver_used(&w->d, NET_TX), 2);
	for (u64 i = 0; i < 16; i++)
		ADD(&w->d, NET_RX, W(ROOM + 0x800 * i, 2000));
	/* For a moment after it has been brought up, an interface drops what is sent. */
	for (int i = 0; i < 100 && !has_arrived(w, who_has, sizeof(who_has)); i++) {
		if (!host_sends(name, who_has, sizeof(who_has)) && errno != ENOBUFS)
			SKIP("no packet socket: %s", strerror(errno));
		usleep(i * 100);
		net_tap_receive(&tap);
	}
	CONTEXT("a frame that the host sends there arrives as it is");
	EXPECT_TRUE(has_arrived(w, who_has, sizeof(who_has)));
	net_tap_destroy(&tap);
	EXPECT_U64(tap.fd, -1);
}
