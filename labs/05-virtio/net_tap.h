/* SPDX-License-Identifier: MIT */
/*
 * A tap device: the other end of the wire is a network interface of the host
 * (Documentation/networking/tuntap.rst). Making one needs CAP_NET_ADMIN.
 */
#ifndef NET_TAP_H
#define NET_TAP_H

#include "loop.h"
#include "net.h"

#define TAP_BURST 64 /* frames taken in one turn of the loop: others want their turn, too */

struct net_tap {
	struct net_backend backend;
	struct source source;
	struct net *net;
	int fd;	  /* non-blocking; -1: none, or the interface has gone */
	u64 lost; /* frames that the host did not take */
};

/*
 * [task 5.11] Open /dev/net/tun and attach to the interface of this name, which is made if there is
 * none (TUNSETIFF with IFF_TAP | IFF_NO_PI: whole frames, nothing in front of them). Then it is the
 * card's backend and a source of the loop; loop may be NULL. Returns 0 or a negative errno.
 */
int net_tap_init(struct net_tap *tap, struct net *net, struct loop *loop, const char *name);

/* [task 5.11] Take what has arrived at the interface, at most TAP_BURST frames, to net_receive().
 */
void net_tap_receive(struct net_tap *tap);

/* After loop_stop(). */
void net_tap_destroy(struct net_tap *tap);

#endif
