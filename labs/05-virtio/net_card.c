// SPDX-License-Identifier: MIT
/* Given: a network card together with what is at the other end of its wire. */
#include <string.h>

#include "card.h"
#include "net_slirp.h"
#include "net_tap.h"

struct net_card {
	struct net net;
	struct net_slirp slirp; /* one of these */
	struct net_tap tap;
};

static int make(struct card *card, const struct wiring *to, char *args, struct why *why)
{
	/* Locally administered (IEEE 802), and the same each time. */
	static const u8 mac[6] = { 0x52, 0x54, 0x00, 0x12, 0x34, 0x56 };
	struct net_card *c = card->device;
	bool user = false, isolated = false;
	const char *tap = NULL;
	char *value;
	int err;

	for (char *key; (key = card_next_arg(&args, &value));) {
		if (!strcmp(key, "tap") && value && *value)
			tap = value;
		else if (!strcmp(key, "isolated") && !value)
			isolated = true;
		else if (!strcmp(key, "user") && !value)
			user = true;
		else
			return why_set(why, CARD_WRONG_WORDS,
				       "net: %.40s? say user[,isolated] or tap=NAME", key);
	}
	/* The host's interface is what it is: who wants it isolated would believe that it is. */
	if (tap && (user || isolated))
		return why_set(why, CARD_WRONG_WORDS, "net: user[,isolated] or tap=NAME, not both");
	card->virtio = &c->net.virtio;
	net_init(&c->net, &to->vm->mem, mac);
	err = tap ? net_tap_init(&c->tap, &c->net, to->loop, tap)
		  : net_slirp_init(&c->slirp, &c->net, to->loop, isolated);
	if (err)
		why_set(why, err, "net: %.40s: %s", tap ? tap : "user", strerror(-err));
	return err;
}

static void destroy(void *device)
{
	struct net_card *c = device;

	net_slirp_destroy(&c->slirp);
	if (c->tap.net)
		net_tap_destroy(&c->tap);
}

static void print_filtered(const u64 *filtered, FILE *to)
{
	if (filtered[FRAME_FRAGMENT] + filtered[FRAME_URGENT] + filtered[FRAME_MALFORMED] +
	    filtered[FRAME_FOREIGN])
		fprintf(to,
			"  net: kept from libslirp: fragments %llu, urgent %llu, malformed %llu, "
			"foreign %llu\n",
			(unsigned long long)filtered[FRAME_FRAGMENT],
			(unsigned long long)filtered[FRAME_URGENT],
			(unsigned long long)filtered[FRAME_MALFORMED],
			(unsigned long long)filtered[FRAME_FOREIGN]);
}

static void print_stats(const void *device, FILE *to)
{
	const struct net_card *c = device;
	const struct net *net = &c->net;

	fprintf(to, "  net: frames sent %llu, received %llu; dropped: sent %llu, received %llu\n",
		(unsigned long long)net->sent, (unsigned long long)net->received,
		(unsigned long long)net->tx_dropped, (unsigned long long)net->rx_dropped);
	print_filtered(c->slirp.filtered, to);
	if (c->slirp.started_over)
		fprintf(to, "  net: libslirp has started over %llu times\n",
			(unsigned long long)c->slirp.started_over);
}

const struct card_kind net_card = {
	.name = "net",
	.size = sizeof(struct net_card),
	.make = make,
	.destroy = destroy,
	.print_stats = print_stats,
};
