/* SPDX-License-Identifier: MIT */
/*
 * What of a guest's frames libslirp gets to see (given).
 *
 * libslirp parses what the guest sends (net_child.h), and its code comes from a time when that
 * was the user's own. In version 4.7.0, which Debian 12 has, two things lead out of the guest.
 *
 * A fragment of an IPv4 packet that is the last of its packet and comes first: some of its bytes
 * are taken for a pointer, and the guest writes 8 bytes where it likes in the VMM. (Mended
 * in 4.8.0.)
 *
 * Urgent data of TCP: a count falls below zero, and megabytes of the VMM's memory go out on the
 * guest's connection. (CVE-2026-9539, mended in 4.9.2 and in Debian 13.)
 *
 * So no fragment and no urgent segment passes, whatever the version. Hardly anybody misses them: a
 * guest can send smaller datagrams, and urgent data is not to be used any more (RFC 6093). Nor does
 * anything pass whose headers do not fit into it, or that nobody behind would answer: what is not
 * parsed has no holes.
 */
#ifndef NET_FILTER_H
#define NET_FILTER_H

#include "types.h"

enum frame_kind {
	FRAME_PASSES,
	FRAME_FRAGMENT,	 /* IPv4 (RFC 791): MF, an offset, or the bit that must be 0 */
	FRAME_URGENT,	 /* TCP (RFC 9293): URG */
	FRAME_MALFORMED, /* a header, or a length in it, does not fit */
	FRAME_FOREIGN,	 /* all but ARP for IPv4, and TCP, UDP and ICMP: IPv6 and VLAN tags, too */
	FRAME_KINDS,
};

/*
 * Look at the len bytes of a frame, from its Ethernet header on. Nothing of it is changed, and none
 * of its bytes is trusted. What lies behind the length that IPv4 says is padding.
 */
enum frame_kind net_filter(const u8 *frame, size_t len);

#endif
