// SPDX-License-Identifier: MIT
/* hostfwd= (given): somebody on the host calls, and a guest of a few lines answers. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>

#include "../common/capture.h"
#include "fake_driver.h"
#include "net_slirp.h"
#include "network.h"

#define ROOM	(DRIVER_DATA + 0x4000)
#define ROOMS	16
#define ISS	0x1000U /* the number of the guest's first byte of TCP */
#define TCP_SYN 0x02
#define TCP_ACK 0x10

static const u8 mac[6] = { 0x52, 0x54, 0, 0x12, 0x34, 0x56 };
static const u8 our_ip[4] = { 10, 0, 2, 15 };

/* A machine with a card, and the guest in it: it answers each byte by the same with a bit turned
 * over, so that an S becomes an s. */
struct guest {
	struct net net;
	struct net_slirp slirp;
	struct driver d;
	u16 seen; /* frames */
	u16 port; /* at which it was called last */
	bool dead;
};

static struct guest *guest_begin(bool isolated)
{
	struct guest *g = calloc(1, sizeof(*g));

	if (!g)
		test_error("no memory");
	driver_memory(&g->d);
	net_init(&g->net, &g->d.mem, mac);
	driver_start(&g->d, &g->net.virtio, 0);
	EXPECT_ERR(net_slirp_init(&g->slirp, &g->net, NULL, isolated), 0);
	for (unsigned i = 0; i < ROOMS; i++)
		ADD(&g->d, NET_RX, W(ROOM + 0x800 * (u64)i, 0x800));
	return g;
}

/* --- what the guest says: frames of IPv4 are turned round in place --- */

static u32 sum_of(const u8 *bytes, size_t n)
{
	u32 sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += (u32)bytes[i] << (i % 2 ? 0 : 8);
	return sum;
}

static void put16(u8 *at, u32 value)
{
	at[0] = (u8)(value >> 8);
	at[1] = (u8)value;
}

static void put_sum(u8 *at, u32 sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	put16(at, ~(sum + (sum >> 16)));
}

static u32 get32(const u8 *at)
{
	return (u32)at[0] << 24 | (u32)at[1] << 16 | (u32)at[2] << 8 | at[3];
}

static void put32(u8 *at, u32 value)
{
	put16(at, value >> 16);
	put16(at + 2, value);
}

static void swap(u8 *a, u8 *b, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		u8 was = a[i];

		a[i] = b[i];
		b[i] = was;
	}
}

/* The frame goes back to where it came from; its packet has n bytes behind the IP header. */
static void send_back(struct guest *g, u8 *frame, size_t n, u8 *sum_at)
{
	u8 *ip = frame + 14, *inner = ip + 20;

	swap(frame, frame + 6, 6);
	swap(ip + 12, ip + 16, 4);
	swap(inner, inner + 2, 2);
	put16(ip + 2, 20 + (u32)n);
	put16(ip + 10, 0);
	put_sum(ip + 10, sum_of(ip, 20));
	put16(sum_at, 0);
	put_sum(sum_at, sum_of(inner, n) + sum_of(ip + 12, 8) + ip[9] + (u32)n);
	g->slirp.backend.send(&g->slirp.backend, frame, 34 + n);
}

static void answer_arp(struct guest *g, u8 *frame)
{
	if (frame[21] != 1 || memcmp(frame + 38, our_ip, 4) != 0)
		return;
	frame[21] = 2;
	memcpy(frame, frame + 6, 6);
	memcpy(frame + 6, mac, 6);
	memcpy(frame + 32, frame + 22, 10);
	memcpy(frame + 22, mac, 6);
	memcpy(frame + 28, our_ip, 4);
	g->slirp.backend.send(&g->slirp.backend, frame, 42);
}

static void answer_udp(struct guest *g, u8 *frame, size_t n)
{
	for (size_t i = 8; i < n; i++)
		frame[34 + i] ^= 0x20;
	send_back(g, frame, n, frame + 34 + 6);
}

static void answer_tcp(struct guest *g, u8 *frame, size_t n)
{
	u8 *tcp = frame + 34;
	size_t head = (size_t)(tcp[12] >> 4) * 4;
	u32 seq = get32(tcp + 4), len = (u32)(n - head);

	if (!(tcp[13] & TCP_SYN) && !len)
		return; /* an acknowledgement */
	for (size_t i = head; i < n; i++)
		tcp[i] ^= 0x20;
	put32(tcp + 4, tcp[13] & TCP_SYN ? ISS : get32(tcp + 8));
	put32(tcp + 8, seq + (tcp[13] & TCP_SYN ? 1 : len));
	tcp[13] = TCP_ACK | (tcp[13] & TCP_SYN);
	send_back(g, frame, n, tcp + 16);
}

static void answer(struct guest *g, u8 *frame)
{
	size_t n = (size_t)(frame[16] << 8 | frame[17]) - 20;

	if (frame[13] == 6)
		answer_arp(g, frame);
	if (frame[13] != 0)
		return;
	g->port = (u16)(frame[36] << 8 | frame[37]);
	if (frame[23] == 17)
		answer_udp(g, frame, n);
	else if (frame[23] == 6)
		answer_tcp(g, frame, n);
}

/* A turn of the I/O thread, and all that the guest has to say to what it brings. */
static unsigned turn(struct guest *g)
{
	struct pollset p = { .timeout_ms = -1 };

	g->slirp.source.fds(&g->slirp.source, &p);
	if (poll(p.fd, p.n, 10) >= 0)
		g->slirp.source.ready(&g->slirp.source, &p);
	while (g->seen != driver_used(&g->d, NET_RX)) {
		u64 room = ROOM + 0x800 * (u64)(g->seen++ % ROOMS);
		u8 frame[0x800];

		memcpy(frame, g->d.ram + room + 12, sizeof(frame) - 12);
		ADD(&g->d, NET_RX, W(room, 0x800));
		if (!g->dead)
			answer(g, frame);
	}
	return p.n;
}

/* --- somebody on the host --- */

static struct sockaddr_in at(u32 addr, u16 port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET,
				     .sin_port = htons(port),
				     .sin_addr.s_addr = htonl(addr) };
}

/* A socket at a port of 127.0.0.1 that was free, where nobody listens. */
static int taken_port(int type, u16 *port)
{
	struct sockaddr_in to = at(INADDR_LOOPBACK, 0);
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof(to);

	if (fd < 0 || bind(fd, (struct sockaddr *)&to, len) ||
	    getsockname(fd, (struct sockaddr *)&to, &len))
		test_error("no socket");
	*port = ntohs(to.sin_port);
	return fd;
}

static u16 free_port(int type)
{
	u16 port;

	close(taken_port(type, &port));
	return port;
}

/* A socket that has called this port; -1: nobody is there. */
static int call(int type, u32 addr, u16 port)
{
	int fd = socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_in to = at(addr, port);

	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0 || errno == EINPROGRESS)
		return fd;
	close(fd);
	return -1;
}

/* "Is anybody there?", in the guest's way of writing. */
static void expect_answer(struct guest *g, int fd)
{
	char text[40] = "";

	EXPECT_TRUE(fd >= 0 && send(fd, "ANYBODY", 7, 0) == 7, "nobody listens");
	for (unsigned i = 0; i < 300 && recv(fd, text, sizeof(text) - 1, 0) <= 0; i++)
		turn(g);
	EXPECT_STR(text, "anybody");
	close(fd);
}

static int forward(struct guest *g, bool udp, u16 port, u16 guest_port)
{
	const struct net_forward f = { .udp = udp,
				       .host.s_addr = htonl(INADDR_LOOPBACK),
				       .host_port = port,
				       .guest.s_addr = htonl(0x0a00020f),
				       .guest_port = guest_port };

	return net_slirp_forward(&g->slirp, &f);
}

TEST("5.9", the_host_calls_the_guest, 0, .seconds = 0.2)
{
	static const int type[] = { SOCK_STREAM, SOCK_DGRAM };
	const char *why = network_loopback();

	if (why)
		SKIP("%s", why);
	for (unsigned i = 0; i < 3; i++) {
		struct guest *g = guest_begin(i / 2);
		u16 port = free_port(type[i % 2]);

		CONTEXT("%s, %s: at 127.0.0.1", i % 2 ? "UDP" : "TCP", i / 2 ? "isolated" : "user");
		EXPECT_ERR(forward(g, i % 2, port, 7), 0);
		expect_answer(g, call(type[i % 2], INADDR_LOOPBACK, port));
		EXPECT_U64(g->port, 7);
		if (i % 2 == 0) {
			CONTEXT("at no other address of the host");
			EXPECT_TRUE(call(SOCK_STREAM, INADDR_LOOPBACK + 1, port) < 0 ||
				    errno == EINPROGRESS);
		}
		net_slirp_destroy(&g->slirp);
	}
}

TEST("-", a_port_that_is_taken, 0)
{
	const char *why = network_loopback();
	struct guest *g = guest_begin(false);
	u16 port;
	int fd;

	if (why)
		SKIP("%s", why);
	for (unsigned udp = 0; udp < 2; udp++) {
		CONTEXT("%s: somebody else's", udp ? "UDP" : "TCP");
		fd = taken_port(udp ? SOCK_DGRAM : SOCK_STREAM, &port);
		if (!udp)
			listen(fd, 1);
		EXPECT_ERR(forward(g, udp, port, 7), -EADDRINUSE);
		EXPECT_U64(g->slirp.nforwards, udp);
		close(fd);
		CONTEXT("%s: our own, a second time", udp ? "UDP" : "TCP");
		EXPECT_ERR(forward(g, udp, port, 7), 0);
		EXPECT_ERR(forward(g, udp, port, 8), -EADDRINUSE);
		EXPECT_U64(g->slirp.nforwards, udp + 1);
	}
	net_slirp_destroy(&g->slirp);
}

/* The guest has made libslirp keep too much, and says something. */
static void start_over(struct guest *g)
{
	static const u8 who_has[42] = { [12] = 8, 6, 0, 1, 8, 0, 6, 4, 0, 1, [38] = 10, 0, 2, 99 };

	g->slirp.sockets = SLIRP_SOCKETS_MAX + 1;
	g->slirp.backend.send(&g->slirp.backend, who_has, sizeof(who_has));
}

TEST("5.9", it_listens_again_after_it_has_started_over, 0)
{
	const char *why = network_loopback();
	struct guest *g = guest_begin(false);
	u16 tcp, udp;

	if (why)
		SKIP("%s", why);
	tcp = free_port(SOCK_STREAM);
	udp = free_port(SOCK_DGRAM);
	EXPECT_ERR(forward(g, false, tcp, 7), 0);
	EXPECT_ERR(forward(g, true, udp, 7), 0);
	start_over(g);
	EXPECT_U64(g->slirp.started_over, 1);
	CONTEXT("libslirp has kept too much, and started over: TCP");
	expect_answer(g, call(SOCK_STREAM, INADDR_LOOPBACK, tcp));
	CONTEXT("libslirp has kept too much, and started over: UDP");
	expect_answer(g, call(SOCK_DGRAM, INADDR_LOOPBACK, udp));
	net_slirp_destroy(&g->slirp);
}

/* While it starts over, somebody else takes one of three ports. */
TEST("5.9", a_port_that_is_lost, 0)
{
	const char *why = network_loopback();
	struct guest *g = guest_begin(false);
	u16 port[3];

	if (why)
		SKIP("%s", why);
	for (unsigned i = 0; i < 3; i++) {
		port[i] = free_port(SOCK_STREAM);
		EXPECT_ERR(forward(g, false, port[i], 7), 0);
	}
	g->slirp.forward[0].host.s_addr = htonl(0xc0000201); /* as if: no address of this host */
	for (unsigned times = 1; times <= 2; times++) {
		struct capture said = capture_begin(2);
		char *text;

		start_over(g);
		text = capture_end(&said);
		CONTEXT("it starts over for the %u. time", times);
		EXPECT_U64(g->slirp.started_over, times);
		EXPECT_TRUE(!!strstr(text, "is lost: ") == (times == 1), "it says: %s", text);
	}
	CONTEXT("the port behind the one that is lost");
	expect_answer(g, call(SOCK_STREAM, INADDR_LOOPBACK, port[1]));
	net_slirp_destroy(&g->slirp);
}

/* Many call a guest that does not answer; then it does. */
TEST("5.9", many_call_a_dead_guest, 0, .seconds = 0.5)
{
	const char *why = network_loopback();
	struct guest *g = guest_begin(false);
	u16 port;

	if (why)
		SKIP("%s", why);
	port = free_port(SOCK_STREAM);
	EXPECT_ERR(forward(g, false, port, 7), 0);
	g->dead = true;
	for (unsigned i = 0; !g->slirp.started_over; i++) {
		int fd = call(SOCK_STREAM, INADDR_LOOPBACK, port);

		CONTEXT("the %uth connection to a guest that says nothing", i + 1);
		EXPECT_TRUE(i < 2 * SLIRP_SOCKETS_MAX, "none is given up");
		EXPECT_TRUE(turn(g) + 16 <= LOOP_FDS_MAX, "a poll is full");
		EXPECT_TRUE(g->slirp.sockets <= SLIRP_SOCKETS_MAX, "%u sockets", g->slirp.sockets);
		if (i % 2)
			close(fd);
	}
	CONTEXT("they are all given up; then it speaks");
	g->dead = false;
	expect_answer(g, call(SOCK_STREAM, INADDR_LOOPBACK, port));
	net_slirp_destroy(&g->slirp);
}
