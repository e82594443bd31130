// SPDX-License-Identifier: MIT
/*
 * Task 5.11, from outside: the host's own network, which is one of the test's own: a namespace with
 * nothing in it but a tap, at 10.0.2.2. It ends with the test.
 */
#include <fcntl.h>
#include <linux/if_tun.h>
#include <stdio.h>
#include <stdlib.h>

#include "echo.h"

#define TAP    "vmmlab0"
#define ROUTER 0x0a000202

/* A tap that stays when nobody has it open. */
static const char *make_tap(void)
{
	static char why[120];
	struct ifreq ifr = { .ifr_name = TAP, .ifr_flags = IFF_TAP | IFF_NO_PI };
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
	const char *ret = NULL;

	if (fd < 0 || ioctl(fd, TUNSETIFF, &ifr) || ioctl(fd, TUNSETPERSIST, 1)) {
		snprintf(why, sizeof(why), "no tap device here: %s", strerror(errno));
		ret = why;
	}
	if (fd >= 0)
		close(fd);
	return ret;
}

static const char *make_network(void)
{
	const char *why = network_own();

	if (!why)
		why = make_tap();
	if (!why) {
		network_up("lo", 0);
		network_up(TAP, ROUTER);
	}
	return why;
}

static struct outcome run_tap(const char *guest, u64 nonce, const char *irqchip, const char *notify)
{
	return run_vmm(&(struct vmm_run){
		.guest = guest,
		.nonce = nonce,
		.args = { "--device=net,tap=" TAP, "--stats", irqchip, notify } });
}

static void packets_by_tap(u32 count, const char *irqchip, const char *notify)
{
	struct outcome o;
	struct echo e;
	u64 nonce;

	echo_begin(&e, ROUTER);
	nonce = echo_nonce(e.port, count);
	echo_start(&e, nonce);
	o = run_tap("05/net-many", nonce, irqchip, notify);
	echo_end(&e);
	CONTEXT("%s %s: %u packets there and back", irqchip, notify, count);
	EXPECT_STR(o.out, contents_text(nonce, count));
	EXPECT_U64(o.status, 0);
	EXPECT_U64(e.wrong, 0);
	EXPECT_U64(e.whole, count);
}

TEST("5.11", the_hosts_own_network_answers, 0, .seconds = 0.5)
{
	const char *why = make_network();
	struct outcome o;

	if (why)
		SKIP("%s", why);
	o = run_tap("05/net-pings", 0, "--irqchip=user", "--notify=exit");
	CONTEXT("the kernel answers at the other end of a tap: by ARP, and each of %u pings",
		(unsigned)(o.nonce & 0xfff) | 0x100);
	EXPECT_STR(o.out, contents_text(o.nonce, (o.nonce & 0xfff) | 0x100));
	EXPECT_U64(o.status, 0);
	packets_by_tap(1000, "--irqchip=user", "--notify=exit");
}

TEST("-", tap_with_notify_by_eventfd, 0, .seconds = 0.5)
{
	const char *why = make_network(), *packets = getenv("VMMLAB_PACKETS");
	struct outcome o;

	if (why)
		SKIP("%s", why);
	o = run_tap("05/net-pings", 0, "--irqchip=kernel", "--notify=eventfd");
	if (strstr(o.err, "is not done yet"))
		SKIP("tasks 5.8 and 5.11 come first");
	EXPECT_STR(o.out, contents_text(o.nonce, (o.nonce & 0xfff) | 0x100));
	packets_by_tap(packets ? (u32)strtoul(packets, NULL, 0) & 0xffffff : 1000,
		       "--irqchip=kernel", "--notify=eventfd");
}
