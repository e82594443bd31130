/* SPDX-License-Identifier: MIT */
/* A card with the network's process behind it, a driver of our own before it, and no KVM. */
#ifndef LAB05_NET_RIG_H
#define LAB05_NET_RIG_H

#include <signal.h>
#include <unistd.h>

#include "fake_driver.h"
#include "net_process.h"

#define FRAME DRIVER_DATA /* a header of zeros, and the frame */
#define ROOM  (DRIVER_DATA + 0x4000)
#define ROOMS 16

static const u8 mac[6] = { 0x52, 0x54, 0, 0x12, 0x34, 0x56 };

/* An ARP request: who has 10.0.2.2? */
static const u8 who_has[42] = {
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x52, 0x54, 0, 0x12, 0x34, 0x56, 8, 6, /* Ethernet */
	0,    1,    8,	  0,	6,    4,    0,	  1, /* ARP: Ethernet, IPv4, a request */
	0x52, 0x54, 0,	  0x12, 0x34, 0x56, 10,	  0,	2, 15,	 0,    0,    0, 0,
	0,    0,    10,	  0,	2,    2,
};

/* What a run has of it, and no KVM. */
struct rig {
	struct net_process process;
	struct net net;
	struct driver d;
	struct loop loop;
	pthread_mutex_t lock;
	u16 seen;  /* receive buffers that have come back */
	u32 asked; /* frames that the driver has sent */
};

static inline void lock(struct rig *r)
{
	pthread_mutex_lock(&r->lock);
}

static inline void unlock(struct rig *r)
{
	pthread_mutex_unlock(&r->lock);
}

static const struct options opt;

/* NULL: the plan does not work here, and why says why. */
static inline struct rig *begin_plan(const struct net_plan *plan, u64 features, struct why *why)
{
	struct rig *r = calloc(1, sizeof(*r));

	if (!r)
		test_error("no memory");
	signal(SIGPIPE, SIG_IGN); /* as in a VMM: streams_init() */
	if (net_process_start(&r->process, plan, why))
		return NULL;
	pthread_mutex_init(&r->lock, NULL);
	EXPECT_ERR(loop_init(&r->loop, &r->lock), 0);
	driver_memory(&r->d);
	net_init(&r->net, &r->d.mem, mac);
	EXPECT_ERR(net_process_connect(&r->process, &r->net, &r->loop), 0);
	driver_start(&r->d, &r->net.virtio, features);
	memcpy(r->d.ram + FRAME + 12, who_has, sizeof(who_has));
	for (u64 i = 0; i < ROOMS; i++)
		ADD(&r->d, NET_RX, W(ROOM + 0x800 * i, 0x800));
	EXPECT_ERR(loop_start(&r->loop), 0);
	return r;
}

static inline struct rig *begin(u64 features)
{
	static const struct net_plan plan = { .isolated = true, .opt = &opt };
	struct why why = { "" };
	struct rig *r = begin_plan(&plan, features, &why);

	if (!r)
		test_error("%s", why.text);
	return r;
}

static inline void end(struct rig *r)
{
	loop_stop(&r->loop);
	net_process_stop(&r->process);
	free(r->d.ram);
	free(r);
}

/* The driver asks, takes what has come back so far, and offers its buffers again. */
static inline void ask(struct rig *r)
{
	lock(r);
	ADD(&r->d, NET_TX, R(FRAME, 12 + sizeof(who_has)));
	driver_notify(&r->d, NET_TX);
	r->asked++;
	for (; r->seen != driver_used(&r->d, NET_RX); r->seen++)
		ADD(&r->d, NET_RX, W(ROOM + 0x800 * (u64)(r->seen % ROOMS), 0x800));
	unlock(r);
}

static inline u32 answers(struct rig *r)
{
	u32 n;

	lock(r);
	n = (u32)r->net.received;
	unlock(r);
	return n;
}

/* There is an answer to what is asked now. */
static inline void expect_answer(struct rig *r)
{
	u32 before = answers(r);

	ask(r);
	for (unsigned i = 0; i < 5000 && answers(r) == before; i++)
		usleep(1000);
	EXPECT_TRUE(answers(r) > before, "no answer");
}

/* As the driver reads it in the configuration. */
static inline u16 link_status(struct rig *r)
{
	u16 status;

	lock(r);
	r->net.virtio.ops->config_read(&r->net.virtio, 6, &status, sizeof(status));
	unlock(r);
	return status;
}

static inline void wait_for_link(struct rig *r, unsigned deaths, u16 wanted)
{
	for (unsigned i = 0; i < 10000; i++) {
		bool there;

		lock(r);
		there = r->process.deaths == deaths;
		unlock(r);
		if (there && link_status(r) == wanted)
			return;
		usleep(1000);
	}
	EXPECT_TRUE(false, "%u deaths, and the link is %s", r->process.deaths,
		    link_status(r) ? "up" : "down");
}

static inline bool undone(struct rig *r)
{
	ask(r);
	return !driver_used(&r->d, NET_TX);
}

/* The driver's side after all that: nothing is missing but frames. */
static inline void expect_whole(struct rig *r)
{
	lock(r);
	EXPECT_U64(driver_used(&r->d, NET_TX), (u16)r->asked);
	EXPECT_U64(r->net.sent + r->net.tx_dropped, r->asked);
	EXPECT_U64(driver_used(&r->d, NET_RX), (u16)r->net.received);
	EXPECT_U64(r->net.virtio.state.status & VIRTIO_NEEDS_RESET, 0);
	unlock(r);
}

#endif
