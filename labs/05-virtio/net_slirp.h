/* SPDX-License-Identifier: MIT */
/*
 * User-mode networking (given): libslirp plays a small network with a router inside this process,
 * which is not the VMM's: net_child.h. It needs no rights, and the guest reaches the world as this
 * process does.
 *
 *	10.0.2.2	the router: answers ARP and ping; connections to it go to the host
 *	10.0.2.3	the host's name server
 *	10.0.2.15	what DHCP gives the guest
 */
#ifndef NET_SLIRP_H
#define NET_SLIRP_H

#include "loop.h"
#include "net.h"
#include "net_filter.h"
#include "net_forward.h"

struct Slirp;

/*
 * What a guest may make libslirp keep. It has no limits of its own: each port that the guest sends
 * from is a socket of ours for minutes, and each packet for nobody is memory.
 */
#define SLIRP_SOCKETS_MAX 128
#define SLIRP_SOCKET_HEAP KiB(288) /* of each: a TCP connection has two buffers of 128 KiB */
#define SLIRP_HEAP_MAX	  MiB(8)   /* of all else */

struct net_slirp {
	struct net_backend backend; /* the guest's frames go in here */
	struct source source;	    /* the host's sockets */
	struct net *net;	    /* where frames for the guest go */
	struct loop *loop;
	struct Slirp *slirp;
	bool isolated;
	unsigned sockets; /* that libslirp has open now */
	u64 heap_before;  /* bytes of this process's heap that are in use without it */
	u64 frames;	  /* of the guest */
	u64 started_over; /* times */
	struct net_forward forward[FORWARDS_MAX];
	unsigned nforwards;
	bool told_lost;		   /* that a port could not be opened again */
	u64 filtered[FRAME_KINDS]; /* frames of the guest, by what net_filter() said */
	bool woken;		   /* the loop will ask for the sockets, and has not yet */
};

/*
 * Make it the card's backend. isolated: the guest reaches nothing but that network. loop may be
 * NULL: then nothing comes but what the network itself answers. Returns 0 or a negative errno.
 */
int net_slirp_init(struct net_slirp *s, struct net *net, struct loop *loop, bool isolated);

/*
 * From now on what comes to that port of the host goes on to the guest's; also after libslirp has
 * started over. libslirp takes a connection before the guest has: who calls a guest that does not
 * answer is not refused, but hears nothing, and later that it is over. 0; or a negative errno:
 * -EADDRINUSE, the port is taken.
 */
int net_slirp_forward(struct net_slirp *s, const struct net_forward *f);

/*
 * There is no function here for sending: that is backend.send. A frame that net_filter() does not
 * let pass is counted, and lost as on any wire. When libslirp has come to keep too much, send()
 * starts it over before the frame goes: what it had is given up, and the guest's connections with
 * it, as if the router had been switched off and on.
 */

/* After loop_stop(). */
void net_slirp_destroy(struct net_slirp *s);

#endif
