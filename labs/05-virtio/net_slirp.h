/* SPDX-License-Identifier: MIT */
/*
 * User-mode networking (given): libslirp plays a small network with a router inside this process.
 * It needs no rights, and the guest reaches the world as this process does.
 *
 *	10.0.2.2	the router: answers ARP and ping; connections to it go to the host
 *	10.0.2.3	the host's name server
 *	10.0.2.15	what DHCP gives the guest
 */
#ifndef NET_SLIRP_H
#define NET_SLIRP_H

#include "loop.h"
#include "net.h"

struct Slirp;

struct net_slirp {
	struct net_backend backend; /* the guest's frames go in here */
	struct source source;	    /* the host's sockets */
	struct net *net;	    /* where frames for the guest go */
	struct loop *loop;
	struct Slirp *slirp;
	bool woken; /* the loop will ask for the sockets, and has not yet */
};

/*
 * Make it the card's backend. isolated: the guest reaches nothing but that network. loop may be
 * NULL: then nothing comes but what the network itself answers. Returns 0 or a negative errno.
 */
int net_slirp_init(struct net_slirp *s, struct net *net, struct loop *loop, bool isolated);

/* After loop_stop(). */
void net_slirp_destroy(struct net_slirp *s);

#endif
