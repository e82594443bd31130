/* SPDX-License-Identifier: MIT */
/*
 * The network's own process (given): libslirp or a tap, behind a card that has no driver. What
 * takes it over by a packet has packets: no guest memory, no KVM, no file of the VMM's. The VMM is
 * at the other end of a channel; and net_keeper.c starts it, and another one when it has died.
 */
#ifndef NET_CHILD_H
#define NET_CHILD_H

#include "channel.h"
#include "net_plan.h"
#include "net_slirp.h"
#include "net_tap.h"

/* What it shows of its counters in the channel's memory: net_filter()'s kinds of frames, and these.
 * Whoever reads them believes them as far as one can print a number. */
enum {
	NET_COUNT_STARTED_OVER = FRAME_KINDS, /* libslirp, times */
	NET_COUNT_LOST,			      /* frames for the guest that found the ring full */
	NET_COUNTS,
};

struct net_child {
	const struct net_plan *plan;
	pid_t keeper;		/* its parent */
	struct net net;		/* what is at the end of the wire takes it for its card */
	struct net_slirp slirp; /* one of these */
	struct net_tap tap;
	struct channel channel;
	struct source source; /* the channel's bell */
	struct loop loop;
	pthread_mutex_t lock; /* there is one thread; but a loop has one */
	u64 lost;
};

/*
 * What all processes of this card have in common, before there is one: a tap is open once and for
 * all, so that the host's interface stays when one of them dies. 0, or a negative errno and why.
 */
int net_child_prepare(struct net_child *child, const struct net_plan *plan, struct why *why);

/*
 * In the new process, with child->keeper and its end of the channel: all that it needs, and then it
 * gives up what it does not need (net_child_confine()). again: one has died before. Then a port of
 * the host that cannot be had is only told of. 0, or a negative errno and why.
 */
int net_child_begin(struct net_child *child, bool again, struct why *why);

/* Carry frames until the VMM has gone. */
_Noreturn void net_child_run(struct net_child *child);

/*
 * The last step of net_child_begin(): from here on the process reads what the guest has written,
 * and all that it does not need for that is taken from it (confine.h). Before the list of its
 * system calls, on which prctl(2) is not, stands die_with(). 0, or a negative errno and why.
 */
int net_child_confine(const struct net_child *child, struct why *why);

/* When the parent ends, by whatever, so do we (PR_SET_PDEATHSIG): see net_keeper.h. */
void die_with(pid_t parent);

#endif
