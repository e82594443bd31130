/* SPDX-License-Identifier: MIT */
/*
 * The addresses of a machine's network cards (given): no two are alike. Two cards with one address
 * are two ends that no switch can tell apart (IEEE 802), and who asked for that has most likely
 * copied a line; so it is refused, though two cards that never meet could live with it.
 */
#ifndef NET_MAC_H
#define NET_MAC_H

#include "types.h"
#include "why.h"

#define MACS_MAX 8 /* as many as there are windows */

struct macs {
	u8 address[MACS_MAX][6];
	unsigned n;
};

/*
 * The address of one more card, which is noted down. text is six bytes in hexadecimal, as
 * 52:54:00:12:34:57; or NULL: 52:54:00:12:34:56, or the next one that no card before has, counting
 * up in the last byte as QEMU does. 0, or -EINVAL and in why what is wrong with text: no address, a
 * group's, all zero, or another card's.
 */
int macs_take(struct macs *macs, const char *text, u8 mac[6], struct why *why);

#endif
