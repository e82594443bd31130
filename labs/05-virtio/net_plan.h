/* SPDX-License-Identifier: MIT */
/* What --device says of the other end of a card's wire (given). */
#ifndef NET_PLAN_H
#define NET_PLAN_H

#include "net_forward.h"
#include "options.h"

struct net_plan {
	const char *tap; /* the host's interface; NULL: libslirp */
	bool isolated;	 /* the guest reaches nothing but libslirp's own network */
	struct net_forward forward[FORWARDS_MAX];
	unsigned nforwards;
	const struct options *opt; /* --verbose */
};

#endif
