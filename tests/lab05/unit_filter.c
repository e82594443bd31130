// SPDX-License-Identifier: MIT
/* What of a guest's frames libslirp gets to see (given): frames built by the RFCs, and each way to
 * spoil them. */
#include <stdlib.h>
#include <string.h>

#include "net_filter.h"
#include "net.h"
#include "test.h"

#define IP 14 /* where a frame's parts begin */
#define L4 34

struct frame {
	u8 bytes[NET_FRAME_MAX];
	size_t len;
};

static void put16(u8 *at, unsigned value)
{
	at[0] = (u8)(value >> 8);
	at[1] = (u8)value;
}

/* An IPv4 packet with payload bytes behind a header without options. */
static struct frame ipv4(u8 protocol, size_t payload)
{
	struct frame f = { .len = L4 + payload };

	put16(f.bytes + 12, 0x0800);
	f.bytes[IP] = 0x45;
	put16(f.bytes + IP + 2, (unsigned)(20 + payload));
	f.bytes[IP + 9] = protocol;
	return f;
}

static struct frame icmp(void)
{
	return ipv4(1, 8 + 56);
}

static struct frame udp(void)
{
	struct frame f = ipv4(17, 8 + 30);

	put16(f.bytes + L4 + 4, 8 + 30);
	return f;
}

static struct frame tcp(void)
{
	struct frame f = ipv4(6, 20 + 10);

	f.bytes[L4 + 12] = 5 << 4;
	f.bytes[L4 + 13] = 0x18; /* ACK, PSH */
	return f;
}

static struct frame arp(void)
{
	static const u8 request[8] = { 0, 1, 8, 0, 6, 4, 0, 1 };
	struct frame f = { .len = IP + 28 };

	put16(f.bytes + 12, 0x0806);
	memcpy(f.bytes + IP, request, sizeof(request));
	return f;
}

/* In memory that ends where the frame does: a sanitizer sees a step beyond. */
static enum frame_kind kind_of(const struct frame *f, size_t len)
{
	u8 *copy = malloc(len ? len : 1);
	enum frame_kind kind;

	if (!copy)
		test_error("no memory");
	memcpy(copy, f->bytes, len);
	kind = net_filter(copy, len);
	free(copy);
	return kind;
}

static enum frame_kind with16(struct frame f, size_t at, unsigned value)
{
	put16(f.bytes + at, value);
	return kind_of(&f, f.len);
}

static enum frame_kind with8(struct frame f, size_t at, unsigned value)
{
	f.bytes[at] = (u8)value;
	return kind_of(&f, f.len);
}

TEST("-", filter_whole_frames_pass, 0)
{
	static struct frame (*const make[])(void) = { icmp, udp, tcp, arp };

	for (unsigned i = 0; i < ARRAY_SIZE(make); i++) {
		struct frame f = make[i]();

		CONTEXT("frame %u: %zu bytes, and with padding behind", i, f.len);
		EXPECT_U64(kind_of(&f, f.len), FRAME_PASSES);
		EXPECT_U64(kind_of(&f, NET_FRAME_MAX), FRAME_PASSES);
		for (size_t len = 0; len < f.len; len++) {
			CONTEXT("frame %u of %zu bytes, cut off after %zu", i, f.len, len);
			EXPECT_U64(kind_of(&f, len), FRAME_MALFORMED);
		}
	}
}

/* RFC 791: 3 bits of flags, of which only DF may be set, and 13 of offset. */
TEST("-", filter_no_fragment_passes, 0)
{
	static struct frame (*const make[])(void) = { icmp, udp, tcp };

	for (unsigned i = 0; i < ARRAY_SIZE(make); i++)
		for (unsigned value = 0; value < 0x10000; value++) {
			bool whole = value == 0 || value == 0x4000;
			enum frame_kind kind = with16(make[i](), IP + 6, value);

			if (kind == (whole ? FRAME_PASSES : FRAME_FRAGMENT))
				continue;
			CONTEXT("frame %u, flags and offset 0x%04x", i, value);
			EXPECT_U64(kind, whole ? FRAME_PASSES : FRAME_FRAGMENT);
		}
	CONTEXT("a fragment needs no whole header of what it is a part of");
	EXPECT_U64(with16(ipv4(6, 1), IP + 6, 0x0100), FRAME_FRAGMENT);
	EXPECT_U64(with16(ipv4(89, 0), IP + 6, 0x2000), FRAME_FRAGMENT);
}

TEST("-", filter_no_urgent_segment_passes, 0)
{
	for (unsigned flags = 0; flags < 256; flags++) {
		CONTEXT("TCP with flags 0x%02x", flags);
		EXPECT_U64(with8(tcp(), L4 + 13, flags),
			   flags & 0x20 ? FRAME_URGENT : FRAME_PASSES);
	}
	CONTEXT("the pointer alone says nothing");
	EXPECT_U64(with16(tcp(), L4 + 18, 0x4000), FRAME_PASSES);
	CONTEXT("behind options of IPv4 the flags lie elsewhere");
	for (unsigned words = 6; words < 10; words++) {
		struct frame f = ipv4(6, 4 * (words - 5) + 20);
		size_t at = IP + 4 * words;

		f.bytes[IP] = (u8)(0x40 | words);
		f.bytes[at + 12] = 5 << 4;
		EXPECT_U64(with8(f, at + 13, 0x10), FRAME_PASSES);
		EXPECT_U64(with8(f, at + 13, 0x30), FRAME_URGENT);
	}
}

TEST("-", filter_lengths_that_lie, 0)
{
	for (unsigned words = 0; words < 16; words++) {
		CONTEXT("an IPv4 header of %u words; one of TCP", words);
		if (words != 5)
			EXPECT_U64(with8(icmp(), IP, 0x40 | words),
				   words < 5 ? FRAME_MALFORMED : FRAME_PASSES);
		EXPECT_U64(with8(tcp(), L4 + 12, words << 4),
			   words < 5 || words > 7 ? FRAME_MALFORMED : FRAME_PASSES);
	}
	for (unsigned version = 0; version < 16; version++) {
		CONTEXT("version %u", version);
		EXPECT_U64(with8(icmp(), IP, version << 4 | 5),
			   version == 4 ? FRAME_PASSES : FRAME_MALFORMED);
	}
	CONTEXT("IPv4's total length: of a frame of 14 + 20 + 64 bytes, 20 + 8 are the least");
	for (unsigned total = 0; total < 1600; total++)
		EXPECT_U64(with16(icmp(), IP + 2, total),
			   total < 28 || total > 84 ? FRAME_MALFORMED : FRAME_PASSES);
	CONTEXT("UDP's length: 8 to 38");
	for (unsigned len = 0; len < 100; len++)
		EXPECT_U64(with16(udp(), L4 + 4, len),
			   len < 8 || len > 38 ? FRAME_MALFORMED : FRAME_PASSES);
}

TEST("-", filter_what_nobody_answers, 0)
{
	for (unsigned type = 0; type < 0x10000; type++) {
		enum frame_kind kind = with16(icmp(), 12, type);

		if (type == 0x0800 || type == 0x0806 || kind == FRAME_FOREIGN)
			continue;
		CONTEXT("type 0x%04x", type);
		EXPECT_U64(kind, FRAME_FOREIGN);
	}
	for (unsigned protocol = 0; protocol < 256; protocol++) {
		CONTEXT("protocol %u", protocol);
		if (protocol != 1 && protocol != 6 && protocol != 17)
			EXPECT_U64(with8(icmp(), IP + 9, protocol), FRAME_FOREIGN);
	}
	CONTEXT("ARP for other hardware, protocols and lengths");
	EXPECT_U64(with16(arp(), IP, 6), FRAME_FOREIGN);
	EXPECT_U64(with16(arp(), IP + 2, 0x86dd), FRAME_FOREIGN);
	EXPECT_U64(with8(arp(), IP + 4, 8), FRAME_FOREIGN);
	EXPECT_U64(with8(arp(), IP + 5, 16), FRAME_FOREIGN);
}
