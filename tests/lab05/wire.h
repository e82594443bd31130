/* SPDX-License-Identifier: MIT */
/* A card with a driver of our own, and what comes out at the other end of its wire. */
#ifndef LAB05_WIRE_H
#define LAB05_WIRE_H

#include "edges.h"
#include "fake_driver.h"
#include "net.h"

#define HEADER DRIVER_DATA
#define FRAME  (DRIVER_DATA + 12) /* right behind it */
#define ROOM   (DRIVER_DATA + 0x4000)

static const u8 mac[6] = { 0x52, 0x54, 0, 0x12, 0x34, 0x56 };

/* A card, and what has come out at the other end of its wire. */
struct wire {
	struct net net;
	struct driver d;
	struct net_backend backend;
	u8 frame[2048];
	size_t len;
	unsigned frames, not_copied;
};

static inline void keep(struct net_backend *b, const void *frame, size_t len)
{
	struct wire *w = container_of(b, struct wire, backend);
	const u8 *at = frame;

	if (at >= w->d.ram && at < w->d.ram + DRIVER_RAM)
		w->not_copied++;
	w->len = min_u64(len, sizeof(w->frame));
	memcpy(w->frame, frame, w->len);
	w->frames++;
}

static inline struct wire *begin(void)
{
	struct wire *w = calloc(1, sizeof(*w));

	if (!w)
		test_error("no memory");
	driver_memory(&w->d);
	net_init(&w->net, &w->d.mem, mac);
	w->backend.send = keep;
	w->net.backend = &w->backend;
	driver_start(&w->d, &w->net.virtio, NET_F_MAC);
	w->net.virtio.irq = edges_line();
	return w;
}

#endif
