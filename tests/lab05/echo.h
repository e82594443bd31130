/* SPDX-License-Identifier: MIT */
/* The other end of guests/lib/packets.inc: it sends each packet back, and looks at what is in it.
 */
#ifndef LAB05_ECHO_H
#define LAB05_ECHO_H

#include <pthread.h>

#include "network.h"
#include "nonce.h"

#define CONTENT_MAX 1472

/* The packets that a nonce makes, in their order. */
struct contents {
	u64 number;
	u8 bytes[CONTENT_MAX + 8]; /* of the current one; zeros behind it */
	size_t len;
	u64 sum; /* of all so far, as the guest prints it */
};

static inline u64 xorshift(u64 x)
{
	x ^= x << 13;
	x ^= x >> 7;
	return x ^ x << 17;
}

static inline void contents_begin(struct contents *c, u64 nonce)
{
	*c = (struct contents){ .number = nonce | 1 };
}

static inline void contents_next(struct contents *c)
{
	c->number = xorshift(c->number);
	c->len = 16 + (c->number & 1023) + (c->number & 1024 ? 433 : 0);
	for (size_t i = 0; i < c->len; i += 8) {
		memcpy(c->bytes + i, &c->number, 8);
		c->number = xorshift(c->number);
	}
	memset(c->bytes + c->len, 0, 8);
	for (size_t i = 0; i < c->len; i += 8) {
		u64 word;

		memcpy(&word, c->bytes + i, 8);
		c->sum = (c->sum << 1 | c->sum >> 63) + word;
	}
}

/* What the guest prints when so many have gone there and back. */
static inline const char *contents_text(u64 nonce, u32 count)
{
	static char text[80];
	struct contents c;

	contents_begin(&c, nonce);
	for (u32 i = 0; i < count; i++)
		contents_next(&c);
	snprintf(text, sizeof(text), "packets %08x\nsum %016llx\n", count,
		 (unsigned long long)c.sum);
	return text;
}

struct echo {
	int fd;
	u32 addr; /* of IPv4 */
	u16 port;
	pthread_t thread;
	bool over;
	struct contents expected;
	u32 whole, wrong; /* packets */
};

#define LOOPBACK 0x7f000001

/* A socket of UDP at this address, that waits for a tenth of a second at most; its port. */
static inline int echo_socket(u32 addr, u16 *port)
{
	const struct timeval tenth = { .tv_usec = 100000 };
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(addr) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof(at);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tenth, sizeof(tenth)) ||
	    bind(fd, (struct sockaddr *)&at, len) || getsockname(fd, (struct sockaddr *)&at, &len))
		test_error("no socket: %s", strerror(errno));
	*port = ntohs(at.sin_port);
	return fd;
}

static inline void *echo_run(void *arg)
{
	struct echo *e = arg;
	u8 packet[2048];

	while (!__atomic_load_n(&e->over, __ATOMIC_RELAXED)) {
		struct sockaddr_in from;
		socklen_t size = sizeof(from);
		ssize_t len =
			recvfrom(e->fd, packet, sizeof(packet), 0, (struct sockaddr *)&from, &size);

		if (len < 0) /* nothing has come for a while */
			continue;
		contents_next(&e->expected);
		if ((size_t)len == e->expected.len && !memcmp(packet, e->expected.bytes, len))
			e->whole++;
		else
			e->wrong++;
		sendto(e->fd, packet, len, 0, (struct sockaddr *)&from, size);
	}
	return NULL;
}

static inline void echo_begin(struct echo *e, u32 addr)
{
	*e = (struct echo){ .addr = addr };
	e->fd = echo_socket(addr, &e->port);
}

/* With the nonce that the guest gets. */
static inline void echo_start(struct echo *e, u64 nonce)
{
	contents_begin(&e->expected, nonce);
	if (pthread_create(&e->thread, NULL, echo_run, e))
		test_error("no thread");
}

static inline void echo_end(struct echo *e)
{
	__atomic_store_n(&e->over, true, __ATOMIC_RELAXED);
	pthread_join(e->thread, NULL);
	close(e->fd);
}

/* The nonce of guests/05/net-many.s: the port, how many packets, and something that nobody knows.
 */
static inline u64 echo_nonce(u16 port, u32 count)
{
	return nonce_random() << 40 | (u64)count << 16 | port;
}

#endif
