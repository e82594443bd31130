// SPDX-License-Identifier: MIT
#include "net_filter.h"

#include <net/ethernet.h>
#include <netinet/in.h>

#define ARP_BYTES  28 /* RFC 826, for Ethernet and IPv4 */
#define IPV4_BYTES 20 /* RFC 791, without options */
#define TCP_BYTES  20 /* RFC 9293, too */
#define UDP_BYTES  8  /* RFC 768 */
#define ICMP_BYTES 8  /* RFC 792: what all messages have */

#define IPV4_DF 0x4000 /* the only one of flags and offset that may be set */
#define TCP_URG 0x20

static unsigned be16(const u8 *at)
{
	return (unsigned)at[0] << 8 | at[1];
}

static enum frame_kind filter_arp(const u8 *arp, size_t len)
{
	if (len < ARP_BYTES)
		return FRAME_MALFORMED;
	/* The addresses of Ethernet and of IPv4, with their lengths. */
	if (be16(arp) != 1 || be16(arp + 2) != ETHERTYPE_IP || arp[4] != 6 || arp[5] != 4)
		return FRAME_FOREIGN;
	return FRAME_PASSES;
}

static enum frame_kind filter_tcp(const u8 *tcp, size_t len)
{
	size_t header;

	if (len < TCP_BYTES)
		return FRAME_MALFORMED;
	header = 4 * (size_t)(tcp[12] >> 4);
	if (header < TCP_BYTES || header > len)
		return FRAME_MALFORMED;
	return tcp[13] & TCP_URG ? FRAME_URGENT : FRAME_PASSES;
}

static enum frame_kind filter_udp(const u8 *udp, size_t len)
{
	if (len < UDP_BYTES || be16(udp + 4) < UDP_BYTES || be16(udp + 4) > len)
		return FRAME_MALFORMED;
	return FRAME_PASSES;
}

static enum frame_kind filter_ipv4(const u8 *ip, size_t len)
{
	size_t header, total;

	if (len < IPV4_BYTES || ip[0] >> 4 != 4)
		return FRAME_MALFORMED;
	header = 4 * (size_t)(ip[0] & 15);
	total = be16(ip + 2);
	if (header < IPV4_BYTES || total < header || total > len)
		return FRAME_MALFORMED;
	if (be16(ip + 6) & ~(unsigned)IPV4_DF)
		return FRAME_FRAGMENT;
	switch (ip[9]) {
	case IPPROTO_TCP:
		return filter_tcp(ip + header, total - header);
	case IPPROTO_UDP:
		return filter_udp(ip + header, total - header);
	case IPPROTO_ICMP:
		return total - header < ICMP_BYTES ? FRAME_MALFORMED : FRAME_PASSES;
	default:
		return FRAME_FOREIGN;
	}
}

enum frame_kind net_filter(const u8 *frame, size_t len)
{
	if (len < ETHER_HDR_LEN)
		return FRAME_MALFORMED;
	switch (be16(frame + 12)) {
	case ETHERTYPE_ARP:
		return filter_arp(frame + ETHER_HDR_LEN, len - ETHER_HDR_LEN);
	case ETHERTYPE_IP:
		return filter_ipv4(frame + ETHER_HDR_LEN, len - ETHER_HDR_LEN);
	default:
		return FRAME_FOREIGN;
	}
}
