// SPDX-License-Identifier: MIT
/* The user-mode network and the I/O thread's loop (given): the guest decides how many sockets. */
#include <pthread.h>
#include <string.h>

#include "fake_driver.h"
#include "net_slirp.h"

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
	unsigned others = 0;
	struct net_slirp s;
	struct driver d;
	struct net net;

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
