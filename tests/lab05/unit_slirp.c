// SPDX-License-Identifier: MIT
/* The user-mode network and the I/O thread's loop (given): the guest decides how many sockets. */
#include <poll.h>
#include <pthread.h>
#include <string.h>

#include "fake_driver.h"
#include "net_slirp.h"
#include "network.h"

/* A datagram of 10.0.2.15 to the discard port of 10.0.2.2, which is the host; its own port is new
 * each time, and with it the socket that libslirp makes for it. */
static void discard(struct net_slirp *s, u16 port)
{
	u8 frame[14 + 20 + 8] = {
		0x52,	  0x55, 10,   0,  2,  2, 0x52, 0x54, 0,
		0x12,	  0x34, 0x56, 8,  0, /* Ethernet */
		0x45,	  0,	0,    28, 0,  0, 0,    0,    64,
		17,	  0,	0, /* IPv4, 28 bytes, UDP */
		10,	  0,	2,    15, 10, 0, 2,    2,    (u8)(port >> 8),
		(u8)port, 0,	9,    0,  8,  0, 0, /* no checksum */
	};
	u32 sum = 0;

	for (unsigned i = 14; i < 34; i += 2)
		sum += (u32)frame[i] << 8 | frame[i + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	sum = ~(sum + (sum >> 16));
	frame[24] = (u8)(sum >> 8);
	frame[25] = (u8)sum;
	s->backend.send(&s->backend, frame, sizeof(frame));
}

TEST("-", the_guest_s_sockets_leave_room, 0)
{
	static const u8 mac[6] = { 0x52, 0x54, 0, 0x12, 0x34, 0x56 };
	struct pollset p = { .timeout_ms = -1 };
	const char *why = network_loopback();
	unsigned others = 0;
	struct net_slirp s;
	struct driver d;
	struct net net;

	if (why)
		SKIP("%s", why);
	driver_memory(&d);
	net_init(&net, &d.mem, mac);
	EXPECT_ERR(net_slirp_init(&s, &net, NULL, false), 0);
	for (u16 i = 0; i < 2 * LOOP_FDS_MAX; i++)
		discard(&s, 10000 + i);
	s.source.fds(&s.source, &p);
	CONTEXT("%d sockets, and %d descriptors in a poll", 2 * LOOP_FDS_MAX, LOOP_FDS_MAX);
	EXPECT_TRUE(p.n > 0, "no socket is waited for");
	while (pollset_add(&p, 0, POLLIN) == 0)
		others++;
	CONTEXT("the eventfds of eight devices with two queues still find their place");
	EXPECT_TRUE(others >= 16, "room for %u", others);
	net_slirp_destroy(&s);
}

/* --- TCP: as many connections as the limit lets, to a host's port where somebody listens --- */

static u32 sum_of(const u8 *bytes, unsigned n)
{
	u32 sum = 0;

	for (unsigned i = 0; i < n; i += 2)
		sum += (u32)bytes[i] << 8 | bytes[i + 1];
	return sum;
}

static void put_sum(u8 *at, u32 sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	sum = ~(sum + (sum >> 16));
	at[0] = (u8)(sum >> 8);
	at[1] = (u8)sum;
}

/* The first segment of a connection from this port to that one of 10.0.2.2, which is the host. */
static void connect_to(struct net_slirp *s, u16 from, u16 to)
{
	static const u8 ethernet[14] = { 0x52, 0x55, 10,   0,	 2,    2, 0x52,
					 0x54, 0,    0x12, 0x34, 0x56, 8, 0 };
	static const u8 ip[20] = { 0x45, 0, 0, 44, [8] = 64, 6, [12] = 10, 0, 2, 15, 10, 0, 2, 2 };
	const u8 tcp[24] = {
		(u8)(from >> 8), (u8)from, (u8)(to >> 8), (u8)to,     [7] = 1, /* number 1 */
		[12] = 6 << 4,	 2,	   0xff,	  0xff,	      /* 24 bytes, SYN, window */
		[20] = 2,	 4,	   1460 >> 8,	  1460 & 255, /* MSS */
	};
	u8 frame[14 + 20 + 24];

	memcpy(frame, ethernet, 14);
	memcpy(frame + 14, ip, 20);
	memcpy(frame + 34, tcp, 24);
	put_sum(frame + 24, sum_of(frame + 14, 20));
	put_sum(frame + 50, sum_of(frame + 34, 24) + sum_of(frame + 26, 8) + 6 + 24);
	s->backend.send(&s->backend, frame, sizeof(frame));
}

/* In the host, at a port that is free. */
static int listener(u16 *port)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(to);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&to, len) || listen(fd, SLIRP_SOCKETS_MAX) ||
	    getsockname(fd, (struct sockaddr *)&to, &len))
		test_error("nobody can listen");
	*port = ntohs(to.sin_port);
	return fd;
}

/* What the I/O thread does once. */
static void one_turn(struct net_slirp *s)
{
	struct pollset p = { .timeout_ms = -1 };

	s->source.fds(&s->source, &p);
	if (poll(p.fd, p.n, 1000) >= 0)
		s->source.ready(&s->source, &p);
}

TEST("-", as_many_connections_as_sockets, 0)
{
	static const u8 mac[6] = { 0x52, 0x54, 0, 0x12, 0x34, 0x56 };
	const char *why = network_loopback();
	struct net_slirp s;
	struct driver d;
	struct net net;
	u16 port;
	int fd;

	if (why)
		SKIP("%s", why);
	fd = listener(&port);
	driver_memory(&d);
	net_init(&net, &d.mem, mac);
	EXPECT_ERR(net_slirp_init(&s, &net, NULL, false), 0);
	for (u16 i = 0; i < SLIRP_SOCKETS_MAX; i++) {
		connect_to(&s, 10000 + i, port);
		one_turn(&s);
	}
	for (unsigned i = 0; i < 64; i++) /* it looks at the heap now and then */
		connect_to(&s, 10000, port);
	CONTEXT("%d connections at the same time are no flood", SLIRP_SOCKETS_MAX);
	EXPECT_TRUE(accept(fd, NULL, NULL) >= 0, "no connection has come");
	EXPECT_U64(s.sockets, SLIRP_SOCKETS_MAX);
	EXPECT_U64(s.started_over, 0);
	net_slirp_destroy(&s);
	close(fd);
}

/* With fragments let through, libslirp 4.7 ends the process here. */
TEST("-", the_last_fragment_comes_first, 0)
{
	static const u8 mac[6] = { 0x52, 0x54, 0, 0x12, 0x34, 0x56 };
	static const u8 header[34] = {
		0x52, 0x55, 10, 0,  2,	2, 0x52, 0x54, 0, 0x12, 0x34, 0x56, 8,
		0,    0x45, 0,	0,  50, 0, 1,	 0x1c, 0, 64,	1,    0x46, 0xba, /* IPv4 */
		10,   0,    2,	15, 10, 0, 2,	 2,
	};
	u8 frame[64];
	struct net_slirp s;
	struct driver d;
	struct net net;

	memset(frame, 1, sizeof(frame));
	memcpy(frame, header, sizeof(header));
	driver_memory(&d);
	net_init(&net, &d.mem, mac);
	for (unsigned isolated = 0; isolated < 2; isolated++) {
		EXPECT_ERR(net_slirp_init(&s, &net, NULL, isolated), 0);
		for (unsigned i = 0; i < 10; i++)
			s.backend.send(&s.backend, frame, sizeof(frame));
		CONTEXT("%s: ten of them are counted, and no frame is sent",
			isolated ? "isolated" : "user");
		EXPECT_U64(s.filtered[FRAME_FRAGMENT], 10);
		EXPECT_U64(s.filtered[FRAME_PASSES], 0);
		net_slirp_destroy(&s);
	}
}
