// SPDX-License-Identifier: MIT
/* Task 5.9, from outside: a network card with a network behind it. */
#include <stdio.h>
#include <string.h>

#include "nonce.h"
#include "test.h"

static struct outcome run_net(const char *guest, const char *irqchip, const char *notify)
{
	return run_vmm(&(struct vmm_run){
		.guest = guest, .args = { "--device=net,user", "--timeout=10", irqchip, notify } });
}

static void ping(const char *irqchip, const char *notify)
{
	struct outcome o = run_net("05/net-ping", irqchip, notify);
	char text[160];

	snprintf(text, sizeof(text),
		 "card 525400123456\ndhcp offers 0a00020f\nrouter 52550a000202\nping %s",
		 nonce_text(&o));
	CONTEXT("%s %s: a request by DHCP, one by ARP, one by ICMP with a number in it", irqchip,
		notify);
	EXPECT_STR(o.out, text);
	EXPECT_U64(o.status, 0);
}

TEST("5.9", there_and_back, 2)
{
	ping("--irqchip=user", "--notify=exit");
	ping("--irqchip=kernel", "--notify=exit");
}

static void expect_hostile_net(const struct outcome *o)
{
	CONTEXT("frames that are none come back unsent, a buffer that is too small comes back "
		"empty, and the card works on");
	EXPECT_STR(o->out, "row 42: 5 bytes of header, length 00000000\n"
			   "row 42: header without a frame, length 00000000\n"
			   "row 42: 13 bytes of frame, length 00000000\n"
			   "row 42: 1519 bytes of frame, length 00000000\n"
			   "row 42: a frame of 1 MiB, length 00000000\n"
			   "row 42: segmentation wanted, length 00000000\n"
			   "row 42: a checksum wanted, length 00000000\n"
			   "row 42: not readable, length 00000000\n"
			   "row 43: room for 20 bytes: back 1, length 00000000\n"
			   "afterwards the router is 52550a000202\n");
	EXPECT_U64(o->status, 0);
}

TEST("5.9", rows_42_and_43_frames_that_are_none, 2)
{
	struct outcome o = run_net("05/hostile-net", NULL, NULL);

	expect_hostile_net(&o);
}

TEST("-", net_with_notify_by_eventfd, 0)
{
	struct outcome o = run_net("05/net-ping", NULL, "--notify=eventfd");

	if (strstr(o.err, "is not done yet"))
		SKIP("tasks 5.8 and 5.9 come first");
	ping("--irqchip=user", "--notify=eventfd");
	ping("--irqchip=kernel", "--notify=eventfd");
	o = run_net("05/hostile-net", "--irqchip=kernel", "--notify=eventfd");
	CONTEXT("a device of its own pace: only what it ends with counts");
	EXPECT_CONTAINS(o.out, "afterwards the router is 52550a000202\n");
	EXPECT_U64(o.status, 0);
}

TEST("-", net_isolated, 0)
{
	struct outcome o = run_vmm(&(struct vmm_run){
		.guest = "05/net-ping", .args = { "--device=net,user,isolated", "--timeout=10" } });

	if (strstr(o.err, "is not done yet"))
		SKIP("task 5.9 comes first");
	CONTEXT("isolated from the host, not from the router");
	EXPECT_CONTAINS(o.out, "router 52550a000202\n");
}

/* Packets that libslirp must not see: the VMM lives, says how many there were, and the card works
 * on. */
TEST("-", packets_for_libslirp_s_holes, 0, .seconds = 0.4)
{
	static const char *const device[] = { "--device=net,user", "--device=net,user,isolated" };
	static const char *const notify[] = { "--notify=exit", "--notify=eventfd" };

	for (unsigned i = 0; i < ARRAY_SIZE(device) * ARRAY_SIZE(notify); i++) {
		struct outcome o = run_guest("05/hostile-packets", device[i / 2], notify[i % 2],
					     "--stats", "--timeout=10");

		if (strstr(o.err, "is not done yet"))
			SKIP("tasks 5.8 and 5.9 come first");
		CONTEXT("%s %s", device[i / 2], notify[i % 2]);
		EXPECT_STR(o.out, "the last fragment comes first\na first fragment\nurgent data\n"
				  "a datagram shorter than its packet\noptions beyond the segment\n"
				  "a fragment with a VLAN tag\na fragment of IPv6\n"
				  "afterwards the router is 52550a000202\n");
		EXPECT_U64(o.status, 0);
		EXPECT_CONTAINS(o.err,
				"  net: kept from libslirp: fragments 2, urgent 1, malformed 2, "
				"foreign 2\n");
	}
	CONTEXT("nothing is said where nothing was kept back");
	EXPECT_TRUE(
		!strstr(run_guest("05/net-ping", "--device=net,user", "--stats").err, "kept from"));
}
