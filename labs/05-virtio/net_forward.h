/* SPDX-License-Identifier: MIT */
/*
 * hostfwd= of --device=net,user (given): a port of the host leads to a port of the guest, which
 * nobody outside could reach else. The words are QEMU's, with one difference: where QEMU listens at
 * all addresses of the host unless it is told, we listen at 127.0.0.1.
 */
#ifndef NET_FORWARD_H
#define NET_FORWARD_H

#include <netinet/in.h>

#include "types.h"
#include "why.h"

#define FORWARDS_MAX 16 /* of one card */

struct net_forward {
	bool udp;
	struct in_addr host, guest;
	u16 host_port, guest_port;
};

/*
 * [tcp|udp]:[HOST-ADDRESS]:PORT-[GUEST-ADDRESS]:PORT, addresses with dots, ports from 1 on. Left
 * out, they are tcp, 127.0.0.1, and 10.0.2.15, which DHCP gives the guest. 0, or -EINVAL and why.
 */
int net_forward_parse(struct net_forward *f, const char *text, struct why *why);

/* In why: that the host does not let us listen there, and its reason. Returns err. */
int net_forward_refused(const struct net_forward *f, int err, struct why *why);

#endif
