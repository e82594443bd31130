/* SPDX-License-Identifier: MIT */
/*
 * Task 5.9: a network card (virtio 1.2, 5.1), as plain as it gets: whole frames, no checksums or
 * segmentation done for anybody. Where frames go to and come from is behind struct net_backend.
 */
#ifndef NET_H
#define NET_H

#include "virtio.h"

#define NET_ID	      1
#define NET_RX	      0 /* the queues: empty buffers for frames that come, */
#define NET_TX	      1 /* and frames to send */
#define NET_F_MAC     (1ULL << 5)
#define NET_F_STATUS  (1ULL << 16)
#define NET_FRAME_MIN 14   /* bytes of a frame: two addresses and a type */
#define NET_FRAME_MAX 1518 /* and 1500 of content, and a VLAN's tag */

#define NET_NEEDS_CSUM 1 /* in flags: compute a checksum for me */
#define NET_S_LINK_UP  1 /* in status: the cable is plugged in */

/* The configuration space (5.1.4). */
struct net_config {
	u8 mac[6];
	u16 status;
};

/* 5.1.6: in front of each frame, in both directions. */
struct net_header {
	u8 flags, gso_type; /* 0: nothing is left for the device to do */
	u16 hdr_len, gso_size, csum_start, csum_offset;
	u16 num_buffers;
};

/* The other end of the wire. Embed; container_of(). */
struct net_backend {
	/* The guest sends a frame of NET_FRAME_MIN to NET_FRAME_MAX bytes. It is ours only during
	 * the call. Not every one has to arrive: see net_filter.h. */
	void (*send)(struct net_backend *b, const void *frame, size_t len);
};

struct net {
	struct virtio virtio;
	u8 mac[6];
	struct net_backend *backend; /* NULL: the cable is not plugged in */
	/* In the network's own process (net_child.h), which has a card without a driver: frames
	 * for the guest go on here, to the VMM. NULL in the VMM. */
	void (*hand_on)(struct net *net, const void *frame, size_t len);
	u64 sent, received; /* frames */
	u64 tx_dropped, rx_dropped;
};

/* Given: the device after reset, without a backend. */
void net_init(struct net *net, struct mem *mem, const u8 mac[6]);

/* Given: plug the cable in; or, with NULL, pull it out. The driver is told, if it wants to know
 * (NET_F_STATUS). */
void net_plug(struct net *net, struct net_backend *backend);

/*
 * [task 5.9] The driver has notified the queue. NET_TX: send each frame there is and give its
 * buffers back with nothing written; then one interrupt for all. The frame is copied first: whoever
 * parses it must not see it change.
 *
 * Dropped and counted (tx_dropped), and given back all the same: a chain without a whole header, a
 * frame too short or too long, one that asks for what was not negotiated (NET_NEEDS_CSUM in flags,
 * or any gso_type: 5.1.6.2), and every frame while there is no backend. All other bits of flags are
 * ignored (5.1.6.2.2). hdr_len is a hint for devices that segment, and not looked at.
 */
void net_notify(struct virtio *v, unsigned queue);

/*
 * [task 5.9] A frame for the guest: behind a header (all 0, num_buffers 1: 5.1.6.4.1) it goes into
 * the next buffer of NET_RX, with an interrupt. If there is none, the device is not running, or the
 * frame is too long, it is dropped and counted (rx_dropped). So it is if the buffer is too small;
 * that goes back to the driver with nothing written.
 */
void net_receive(struct net *net, const void *frame, size_t len);

#endif
