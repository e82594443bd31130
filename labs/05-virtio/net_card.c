// SPDX-License-Identifier: MIT
/* Given: a network card together with what is at the other end of its wire. */
#include <errno.h>
#include <string.h>

#include "card.h"
#include "confine.h"
#include "net_mac.h"
#include "net_process.h"

struct net_card {
	struct net net;
	struct net_process process; /* the other end of the wire */
	u8 mac[6];
};

/* What --device says of a card. */
struct words {
	struct net_plan plan;
	bool user;
	const char *mac;
};

static int add_forward(struct words *w, const char *text, struct why *why)
{
	struct net_plan *plan = &w->plan;

	if (plan->nforwards == FORWARDS_MAX)
		return why_set(why, -EINVAL, "net: at most %d times hostfwd", FORWARDS_MAX);
	return net_forward_parse(&plan->forward[plan->nforwards++], text, why);
}

static int read_words(struct words *w, char *args, struct why *why)
{
	struct net_plan *plan = &w->plan;
	char *value;

	for (char *key; (key = card_next_arg(&args, &value));) {
		if (!strcmp(key, "tap") && value && *value)
			plan->tap = value;
		else if (!strcmp(key, "isolated") && !value)
			plan->isolated = true;
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
	if (plan->tap && (w->user || plan->isolated))
		return why_set(why, -EINVAL, "net: user[,isolated] or tap=NAME, not both");
	if (plan->tap && plan->nforwards)
		return why_set(why, -EINVAL, "net: hostfwd needs user: tap=NAME is the host's own");
	for (unsigned i = 0; i < plan->nforwards; i++)
		if (plan->isolated && plan->forward[i].udp)
			return why_set(why, -EINVAL,
				       "net: hostfwd=udp: not with isolated: libslirp would let no "
				       "answer out");
	return 0;
}

static int prepare(struct card *card, const struct early *known, char *args, struct why *why)
{
	struct net_card *c = card->device;
	struct words w = { .plan.opt = known->opt };

	if (read_words(&w, args, why) || macs_take(known->macs, w.mac, c->mac, why))
		return CARD_WRONG_WORDS;
	return net_process_start(&c->process, &w.plan, why);
}

static int make(struct card *card, const struct wiring *to, char *args, struct why *why)
{
	struct net_card *c = card->device;
	int err;

	card->virtio = &c->net.virtio;
	card->parts = CONFINE_NETWORK;
	net_init(&c->net, &to->vm->mem, c->mac);
	err = net_process_connect(&c->process, &c->net, to->loop);
	return err ? why_set(why, err, "net: %s", strerror(-err)) : 0;
}

static void destroy(void *device)
{
	struct net_card *c = device;

	net_process_stop(&c->process);
}

static unsigned long long count(const struct net_card *c, unsigned which)
{
	return net_process_count(&c->process, which);
}

static void print_filtered(const struct net_card *c, FILE *to)
{
	if (count(c, FRAME_FRAGMENT) + count(c, FRAME_URGENT) + count(c, FRAME_MALFORMED) +
	    count(c, FRAME_FOREIGN))
		fprintf(to,
			"  net: kept from libslirp: fragments %llu, urgent %llu, malformed %llu, "
			"foreign %llu\n",
			count(c, FRAME_FRAGMENT), count(c, FRAME_URGENT), count(c, FRAME_MALFORMED),
			count(c, FRAME_FOREIGN));
}

/* What was lost between the two processes; and they themselves. */
static void print_process(const struct net_card *c, FILE *to)
{
	const struct net_process *p = &c->process;

	if (count(c, NET_COUNT_STARTED_OVER))
		fprintf(to, "  net: libslirp has started over %llu times\n",
			count(c, NET_COUNT_STARTED_OVER));
	if (p->lost + count(c, NET_COUNT_LOST))
		fprintf(to,
			"  net: lost on the way to the network's process %llu, from there %llu\n",
			(unsigned long long)p->lost, count(c, NET_COUNT_LOST));
	if (p->deaths)
		fprintf(to, "  net: the network's process has died %u times\n", p->deaths);
}

static void print_stats(const void *device, FILE *to)
{
	const struct net_card *c = device;
	const struct net *net = &c->net;

	fprintf(to, "  net: frames sent %llu, received %llu; dropped: sent %llu, received %llu\n",
		(unsigned long long)net->sent, (unsigned long long)net->received,
		(unsigned long long)net->tx_dropped, (unsigned long long)net->rx_dropped);
	print_filtered(c, to);
	print_process(c, to);
}

const struct card_kind net_card = {
	.name = "net",
	.size = sizeof(struct net_card),
	.prepare = prepare,
	.make = make,
	.destroy = destroy,
	.print_stats = print_stats,
};
