/* SPDX-License-Identifier: MIT */
/*
 * The network's own process, as the VMM sees it (given): frames go to it and come from it, and it
 * may die. Then the link is down, and up again with the next one, which the keeper brings.
 */
#ifndef NET_PROCESS_H
#define NET_PROCESS_H

#include "channel.h"
#include "loop.h"
#include "net_child.h"
#include "net_keeper.h"

struct net_process {
	struct net_backend backend;
	struct source source; /* the keeper, and the channel's bell */
	struct net *net;
	struct channel channel; /* closed while there is none */
	int control;		/* the socket to the keeper; -1: none any more */
	pid_t keeper, pid;	/* pid: the network's process, also when it has died */
	unsigned deaths;
	bool given_up;	       /* it breaks the rules; the keeper knows, and kills it */
	u64 lost;	       /* frames of the guest's that the process did not take */
	u64 count[NET_COUNTS]; /* of those that have died */
};

/*
 * Start the keeper, and with it the first process. Before the VMM has anything that these two must
 * not inherit: /dev/kvm, guest memory, images of disks. 0;
 * or a negative errno and why: the wire leads nowhere.
 */
int net_process_start(struct net_process *p, const struct net_plan *plan, struct why *why);

/* Plug it in: it is the card's backend, and a source of the loop. 0 or a negative errno. */
int net_process_connect(struct net_process *p, struct net *net, struct loop *loop);

/* What they have counted, one after the other: enum frame_kind, and NET_COUNT_... */
u64 net_process_count(const struct net_process *p, unsigned which);

/* After loop_stop(); also if it was not started, but all 0. */
void net_process_stop(struct net_process *p);

#endif
