// SPDX-License-Identifier: MIT
#include "net_mac.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Two digits, a colon, two digits... and nothing behind the sixth. */
static bool parse(const char *text, u8 mac[6])
{
	for (unsigned i = 0; i < 6; i++, text += 3) {
		char digits[3] = { text[0], text[0] ? text[1] : '\0' };

		if (!isxdigit((unsigned char)digits[0]) || !isxdigit((unsigned char)digits[1]) ||
		    text[2] != (i < 5 ? ':' : '\0'))
			return false;
		mac[i] = (u8)strtoul(digits, NULL, 16);
	}
	return true;
}

static bool is_taken(const struct macs *macs, const u8 mac[6])
{
	for (unsigned i = 0; i < macs->n; i++)
		if (!memcmp(macs->address[i], mac, 6))
			return true;
	return false;
}

/* Why this is no address for one more card, or NULL. */
static const char *objection(const struct macs *macs, const char *text, u8 mac[6])
{
	static const u8 zero[6];

	if (!parse(text, mac))
		return "not an address such as 52:54:00:12:34:57";
	if (!memcmp(mac, zero, 6))
		return "all zero is nobody's address";
	if (mac[0] & 1)
		return "a group's address: the first byte of a card's own is even";
	if (is_taken(macs, mac))
		return "another card has this address";
	return NULL;
}

int macs_take(struct macs *macs, const char *text, u8 mac[6], struct why *why)
{
	/* Locally administered (IEEE 802), and the same each time. */
	static const u8 first[6] = { 0x52, 0x54, 0x00, 0x12, 0x34, 0x56 };
	const char *wrong = text ? objection(macs, text, mac) : NULL;

	if (wrong)
		return why_set(why, -EINVAL, "net: mac=%.40s: %s", text, wrong);
	if (macs->n == MACS_MAX)
		return why_set(why, -EINVAL, "net: at most %d cards", MACS_MAX);
	if (!text)
		for (memcpy(mac, first, 6); is_taken(macs, mac);)
			mac[5]++;
	memcpy(macs->address[macs->n++], mac, 6);
	return 0;
}
