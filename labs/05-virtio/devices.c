// SPDX-License-Identifier: MIT
#include "devices.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One kind: what may stand behind its name in --device, how it is made, and its struct virtio. */
struct card_kind {
	const char *name;
	struct virtio *(*make)(struct card *card, const struct wiring *to, char *args,
			       struct why *why);
	void (*destroy)(struct card *card);		 /* may be NULL */
	void (*tell)(const struct card *card, FILE *to); /* for --stats; may be NULL */
};

/* The next "key" or "key=value" of args is cut off; NULL when there is none left. */
static char *next_arg(char **args, char **value)
{
	char *key = strsep(args, ",");

	*value = key ? strchr(key, '=') : NULL;
	if (*value)
		*(*value)++ = '\0';
	return key;
}

static struct virtio *make_rng(struct card *card, const struct wiring *to, char *args,
			       struct why *why)
{
	if (args) {
		why_set(why, -EINVAL, "rng takes no settings");
		return NULL;
	}
	rng_init(&card->rng, &to->vm->mem);
	return &card->rng.virtio;
}

/* Behind what the other consoles have printed, and at once: somebody may wait for an echo. */
static int to_stdout(void *ctx, const void *bytes, size_t len)
{
	struct console *console = ctx;

	if (fwrite(bytes, 1, len, stdout) != len && !console->err)
		console->err = -errno;
	return console_flush(console);
}

static struct virtio *make_console(struct card *card, const struct wiring *to, char *args,
				   struct why *why)
{
	if (args) {
		why_set(why, -EINVAL, "console takes no settings");
		return NULL;
	}
	vconsole_init(&card->console, &to->vm->mem);
	card->console.out = to_stdout;
	card->console.out_ctx = to->console;
	return &card->console.virtio;
}

static struct virtio *make_blk(struct card *card, const struct wiring *to, char *args,
			       struct why *why)
{
	const char *file = NULL;
	bool readonly = false;
	struct why reason;
	char *value;

	for (char *key; (key = next_arg(&args, &value));) {
		if (!strcmp(key, "file") && value && *value)
			file = value;
		else if (!strcmp(key, "readonly") && !value)
			readonly = true;
		else {
			why_set(why, -EINVAL, "blk: %.40s? say file=PATH[,readonly]", key);
			return NULL;
		}
	}
	if (!file) {
		why_set(why, -EINVAL, "blk: which file? say file=PATH[,readonly]");
		return NULL;
	}
	if (!blk_init(&card->blk, &to->vm->mem, file, readonly, &reason))
		return &card->blk.virtio;
	why_set(why, -EINVAL, "blk: %s: %s", file, reason.text);
	return NULL;
}

static void destroy_blk(struct card *card)
{
	blk_destroy(&card->blk);
}

static struct virtio *make_net(struct card *card, const struct wiring *to, char *args,
			       struct why *why)
{
	/* Locally administered (IEEE 802), and the same each time. */
	static const u8 mac[6] = { 0x52, 0x54, 0x00, 0x12, 0x34, 0x56 };
	const char *tap = NULL;
	bool isolated = false;
	char *value;
	int err;

	for (char *key; (key = next_arg(&args, &value));) {
		if (!strcmp(key, "tap") && value && *value)
			tap = value;
		else if (!strcmp(key, "isolated") && !value)
			isolated = true;
		else if (strcmp(key, "user") != 0 || value) {
			why_set(why, -EINVAL, "net: %.40s? say user[,isolated] or tap=NAME", key);
			return NULL;
		}
	}
	net_init(&card->net, &to->vm->mem, mac);
	err = tap ? net_tap_init(&card->tap, &card->net, to->loop, tap)
		  : net_slirp_init(&card->slirp, &card->net, to->loop, isolated);
	if (!err)
		return &card->net.virtio;
	why_set(why, err, "net: %.40s: %s", tap ? tap : "user", strerror(-err));
	return NULL;
}

static void destroy_net(struct card *card)
{
	net_slirp_destroy(&card->slirp);
	if (card->tap.net)
		net_tap_destroy(&card->tap);
}

static void tell_net(const struct card *card, FILE *to)
{
	const struct net *net = &card->net;

	fprintf(to, "  net: frames sent %llu, received %llu; dropped: sent %llu, received %llu\n",
		(unsigned long long)net->sent, (unsigned long long)net->received,
		(unsigned long long)net->tx_dropped, (unsigned long long)net->rx_dropped);
	if (card->slirp.started_over)
		fprintf(to, "  net: libslirp has started over %llu times\n",
			(unsigned long long)card->slirp.started_over);
}

static const struct card_kind kinds[] = {
	{ "rng", make_rng, NULL, NULL },
	{ "console", make_console, NULL, NULL },
	{ "blk", make_blk, destroy_blk, NULL },
	{ "net", make_net, destroy_net, tell_net },
};

static const struct card_kind *find_kind(const char *name)
{
	for (unsigned i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!strcmp(kinds[i].name, name))
			return &kinds[i];
	return NULL;
}

/* Make the device that text describes. NULL, with a line in why, if that cannot be. */
static struct virtio *make(struct card *card, const struct wiring *to, const char *text,
			   struct why *why)
{
	char *copy = strdup(text), *args = copy;
	struct virtio *v = NULL;

	if (!copy)
		return NULL;
	card->kind = find_kind(strsep(&args, ","));
	if (card->kind)
		v = card->kind->make(card, to, args, why);
	else
		why_set(why, -EINVAL, "%.40s: must be rng, console, blk or net", text);
	free(copy);
	return v;
}

static int wire(struct card *card, struct virtio *v, unsigned window, const struct wiring *to)
{
	const u64 notify = VIRTIO_MMIO_GPA + window * VIRTIO_MMIO_SIZE + VIRTIO_MMIO_QUEUE_NOTIFY;
	int err = 0;

	async_init(&card->async, v);
	/* An irqfd takes the line's place, and nobody else drives it then. */
	if (!to->async || !to->chip_kernel)
		v->irq = (struct irq_line){ .chip = to->chip, .n = VIRTIO_MMIO_IRQ + window };
	if (!to->async)
		return 0;
	err = async_kicks(&card->async, to->vm->fd, notify);
	if (!err && to->chip_kernel)
		err = async_interrupts(&card->async, to->chip_kernel, VIRTIO_MMIO_IRQ + window);
	return err ? err : loop_add(to->loop, &card->async.source);
}

int devices_init(struct devices *d, const struct wiring *to, const struct options *opt,
		 struct why *why)
{
	for (unsigned i = 0; i < VIRTIO_MMIO_WINDOWS; i++) {
		unsigned window = VIRTIO_MMIO_WINDOWS - 1 - i;
		struct card *card = &d->card[i];
		struct virtio *v = NULL;
		int err = 0;

		if (i < opt->ndevices) {
			why_set(why, -ENOMEM, "no memory");
			v = make(card, to, opt->device[i], why);
			if (!v)
				return -EINVAL;
			d->ncards = i + 1;
			if (!d->console && card->kind->make == make_console)
				d->console = &card->console;
			err = wire(card, v, window, to);
		}
		if (!err)
			err = virtio_mmio_init(&d->window[window], &to->vm->mmio, window, v);
		if (err)
			return why_set(why, err, "%s", strerror(-err));
	}
	return 0;
}

static u64 room_of_console(void *sink)
{
	return vconsole_room(sink);
}

static void console_takes(void *sink, const u8 *bytes, u64 n)
{
	vconsole_receive(sink, bytes, n);
}

void devices_take_input(struct devices *d, struct input *input)
{
	input->room = room_of_console;
	input->receive = console_takes;
	input->sink = d->console;
	d->console->room_again = input_room_again;
	d->console->room_ctx = input;
}

void devices_tell(const struct devices *d, FILE *to)
{
	for (unsigned i = 0; i < d->ncards; i++)
		if (d->card[i].kind->tell)
			d->card[i].kind->tell(&d->card[i], to);
}

void devices_destroy(struct devices *d)
{
	for (unsigned i = 0; i < d->ncards; i++) {
		async_destroy(&d->card[i].async);
		if (d->card[i].kind->destroy)
			d->card[i].kind->destroy(&d->card[i]);
	}
}
