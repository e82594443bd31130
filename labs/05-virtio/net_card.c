// SPDX-License-Identifier: MIT
/* Given: a network card together with what is at the other end of its wire. */
#include <errno.h>
#include <string.h>

#include "card.h"
#include "confine.h"
#include "net_mac.h"
#include "net_slirp.h"
#include "net_tap.h"

struct net_card {
	struct net net;
	struct net_slirp slirp; /* one of these */
	struct net_tap tap;
};

/* What --device says of a card. */
struct words {
	bool user, isolated;
	const char *tap, *mac;
	struct net_forward forward[FORWARDS_MAX];
	unsigned nforwards;
};

static int add_forward(struct words *w, const char *text, struct why *why)
{
	if (w->nforwards == FORWARDS_MAX)
		return why_set(why, -EINVAL, "net: at most %d times hostfwd", FORWARDS_MAX);
	return net_forward_parse(&w->forward[w->nforwards++], text, why);
}

static int read_words(struct words *w, char *args, struct why *why)
{
	char *value;

	for (char *key; (key = card_next_arg(&args, &value));) {
		if (!strcmp(key, "tap") && value && *value)
			w->tap = value;
		else if (!strcmp(key, "isolated") && !value)
			w->isolated = true;
		else if (!strcmp(key, "user") && !value)
			w->user = true;
		else if (!strcmp(key, "mac") && value)
			w->mac = value;
		else if (strcmp(key, "hostfwd") != 0 || !value)
			return why_set(why, -EINVAL,
				       "net: %.40s? say user[,isolated][,hostfwd=RULE] or "
				       "tap=NAME, and mac=ADDRESS",
				       key);
		else if (add_forward(w, value, why))
			return -EINVAL;
	}
	/* The host's interface is what it is: who wants it isolated would believe that it is. */
	if (w->tap && (w->user || w->isolated))
		return why_set(why, -EINVAL, "net: user[,isolated] or tap=NAME, not both");
	if (w->tap && w->nforwards)
		return why_set(why, -EINVAL, "net: hostfwd needs user: tap=NAME is the host's own");
	for (unsigned i = 0; i < w->nforwards; i++)
		if (w->isolated && w->forward[i].udp)
			return why_set(why, -EINVAL,
				       "net: hostfwd=udp: not with isolated: libslirp would let no "
				       "answer out");
	return 0;
}

/* libslirp, and the ports of the host that lead to it. */
static int plug_in_user(struct net_card *c, const struct words *w, struct loop *loop,
			struct why *why)
{
	int err = net_slirp_init(&c->slirp, &c->net, loop, w->isolated);

	if (err)
		return why_set(why, err, "net: user: %s", strerror(-err));
	for (unsigned i = 0; i < w->nforwards; i++) {
		const struct net_forward *f = &w->forward[i];

		err = net_slirp_forward(&c->slirp, f);
		if (err) {
			net_slirp_destroy(&c->slirp);
			return net_forward_refused(f, err, why);
		}
	}
	return 0;
}

static unsigned parts_of(const struct words *w)
{
	if (w->tap)
		return 0; /* it is open */
	/* Whoever calls by hostfwd has a socket, isolated or not. */
	if (w->isolated)
		return w->nforwards ? CONFINE_LIBSLIRP | CONFINE_SOCKETS : CONFINE_LIBSLIRP;
	return CONFINE_SOCKETS | CONFINE_RESOLVER;
}

static int make(struct card *card, const struct wiring *to, char *args, struct why *why)
{
	struct net_card *c = card->device;
	struct words w = { .user = false };
	u8 mac[6];
	int err;

	if (read_words(&w, args, why) || macs_take(to->macs, w.mac, mac, why))
		return CARD_WRONG_WORDS;
	card->virtio = &c->net.virtio;
	card->parts = parts_of(&w);
	net_init(&c->net, &to->vm->mem, mac);
	if (!w.tap)
		return plug_in_user(c, &w, to->loop, why);
	err = net_tap_init(&c->tap, &c->net, to->loop, w.tap);
	return err ? why_set(why, err, "net: %.40s: %s", w.tap, strerror(-err)) : 0;
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
