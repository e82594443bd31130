// SPDX-License-Identifier: MIT
/* What --device=net says (given): addresses of cards, and ports of the host for the guest. */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "net_forward.h"
#include "net_mac.h"
#include "test.h"

/* --- mac= --- */

static void expect_mac(struct macs *macs, const char *text, const void *want)
{
	struct why why = { "" };
	u8 mac[6];

	CONTEXT("the %uth card, %s", macs->n + 1, text ? text : "without mac=");
	EXPECT_ERR(macs_take(macs, text, mac, &why), 0);
	EXPECT_BYTES(mac, want, 6);
}

TEST("-", each_card_has_its_own_address, 0)
{
	struct macs macs = { .n = 0 };

	expect_mac(&macs, NULL, "\x52\x54\x00\x12\x34\x56");
	expect_mac(&macs, NULL, "\x52\x54\x00\x12\x34\x57");
	expect_mac(&macs, "52:54:00:12:34:59", "\x52\x54\x00\x12\x34\x59");
	expect_mac(&macs, "aA:bb:Cc:00:01:fF", "\xaa\xbb\xcc\x00\x01\xff");
	expect_mac(&macs, NULL, "\x52\x54\x00\x12\x34\x58");
	expect_mac(&macs, NULL, "\x52\x54\x00\x12\x34\x5a"); /* one is taken */
	expect_mac(&macs, NULL, "\x52\x54\x00\x12\x34\x5b");
	expect_mac(&macs, NULL, "\x52\x54\x00\x12\x34\x5c");
}

static void expect_no_mac(const char *text, const char *reason)
{
	struct macs macs = { .n = 0 };
	struct why why = { "" };
	u8 mac[6];

	EXPECT_ERR(macs_take(&macs, NULL, mac, &why), 0);
	CONTEXT("mac=%s, after a card without it", text);
	EXPECT_ERR(macs_take(&macs, text, mac, &why), -EINVAL);
	EXPECT_CONTAINS(why.text, reason);
	EXPECT_TRUE(strlen(why.text) < 120, "%s", why.text);
	EXPECT_U64(macs.n, 1);
}

TEST("-", addresses_that_are_none, 0)
{
	static const char *const malformed[] = {
		"",
		"5",
		"52",
		"52:54:00:12:34",
		"52:54:00:12:34:",
		"52:54:00:12:34:5",
		"52:54:00:12:34:567",
		"52:54:00:12:34:56:78",
		"52-54-00-12-34-57",
		"525400123457",
		"52:54:00:12:34:5g",
		"52:54:00:12:34: 7",
		"52:54:00:12:34:+7",
		"52:54:00:12:34:0x",
		" 52:54:00:12:34:57",
		"52:54:0:12:34:57",
		"a name that is very long, and longer than any address of any card would be",
	};

	for (unsigned i = 0; i < ARRAY_SIZE(malformed); i++)
		expect_no_mac(malformed[i], "not an address such as 52:54:00:12:34:57");
	expect_no_mac("00:00:00:00:00:00", "all zero is nobody's address");
	expect_no_mac("01:00:5e:00:00:01", "a group's address");
	expect_no_mac("ff:ff:ff:ff:ff:ff", "a group's address");
	expect_no_mac("53:54:00:12:34:57", "a group's address");
	expect_no_mac("52:54:00:12:34:56", "another card has this address");
}

/* --- hostfwd= --- */

static void expect_rule(const char *text, bool udp, const char *host, u16 host_port,
			const char *guest, u16 guest_port)
{
	struct why why = { "" };
	struct net_forward f;

	CONTEXT("hostfwd=%s", text);
	EXPECT_ERR(net_forward_parse(&f, text, &why), 0);
	EXPECT_U64(f.udp, udp);
	EXPECT_U64(f.host.s_addr, inet_addr(host));
	EXPECT_U64(f.host_port, host_port);
	EXPECT_U64(f.guest.s_addr, inet_addr(guest));
	EXPECT_U64(f.guest_port, guest_port);
}

TEST("-", rules_as_qemu_writes_them, 0)
{
	expect_rule("tcp:127.0.0.1:2222-:22", false, "127.0.0.1", 2222, "10.0.2.15", 22);
	expect_rule("udp:127.0.0.1:5353-10.0.2.20:53", true, "127.0.0.1", 5353, "10.0.2.20", 53);
	expect_rule("tcp::2222-:22", false, "127.0.0.1", 2222, "10.0.2.15", 22);
	expect_rule("::1-:65535", false, "127.0.0.1", 1, "10.0.2.15", 65535);
	expect_rule("tcp:0.0.0.0:8080-10.0.2.254:80", false, "0.0.0.0", 8080, "10.0.2.254", 80);
}

static void expect_no_rule(const char *text, const char *reason)
{
	struct why why = { "" };
	struct net_forward f;

	CONTEXT("hostfwd=%s", text);
	EXPECT_ERR(net_forward_parse(&f, text, &why), -EINVAL);
	EXPECT_CONTAINS(why.text, reason);
}

TEST("-", rules_that_are_none, 0)
{
	static const char *const malformed[] = {
		"",
		"tcp",
		"tcp:",
		"tcp::",
		"tcp::2222",
		"tcp::2222-",
		"tcp::2222-22",
		"tcp::2222-:",
		"tcp:2222-:22",
		"tcp::-:22",
		"sctp::2222-:22",
		"TCP::2222-:22",
		"tcp::0-:22",
		"tcp::2222-:0",
		"tcp::65536-:22",
		"tcp::2222-:65558",
		"tcp::18446744073709551617-:22",
		"tcp::-1-:22",
		"tcp::+1-:22",
		"tcp:: 1-:22",
		"tcp::0x10-:22",
		"tcp::2222-:22 ",
		"tcp::2222-:22:",
		"tcp:localhost:2222-:22",
		"tcp:127.1:2222-:22",
		"tcp:127.0.0.256:2222-:22",
		"tcp:[::1]:2222-:22",
		"tcp:127.0.0.1:2222-guest:22",
		"tcp:127.0.0.1:2222-:22-tcp:127.0.0.1:2222-:22-tcp:127.0.0.1:2222-:22-and so on",
	};
	static const char *const nobody[] = {
		"tcp::2222-10.0.2.0:22",	"tcp::2222-10.0.2.2:22",
		"tcp::2222-10.0.2.3:22",	"tcp::2222-10.0.2.255:22",
		"tcp::2222-10.0.3.15:22",	"tcp::2222-0.0.0.0:22",
		"tcp::2222-192.168.1.1:22",	"udp::2222-127.0.0.1:22",
		"tcp::2222-255.255.255.255:22",
	};

	for (unsigned i = 0; i < ARRAY_SIZE(malformed); i++)
		expect_no_rule(malformed[i], "not a rule such as tcp:127.0.0.1:2222-:22");
	for (unsigned i = 0; i < ARRAY_SIZE(nobody); i++)
		expect_no_rule(nobody[i], "the guest's address must be from 10.0.2.4");
}
