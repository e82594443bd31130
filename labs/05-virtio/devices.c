// SPDX-License-Identifier: MIT
#include "devices.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define WRONG_WORDS 1 /* devices_init() */

/*
 * One kind: its name in --device, and how it is made of what stands behind that: sets card->virtio.
 * Returns as devices_init() does.
 */
struct card_kind {
	const char *name;
	int (*make)(struct card *card, const struct wiring *to, char *args, struct why *why);
	void (*destroy)(struct card *card);		 /* may be NULL */
	void (*tell)(const struct card *card, FILE *to); /* for --stats; may be NULL */
};

/* The next "key" or "key=value" of args is cut off, with one comma for two; NULL: none is left. */
static char *next_arg(char **args, char **value)
{
	char *key = *args, *from = key, *to = key;

	*args = NULL;
	for (; from && *from; *to++ = *from++) {
		if (*from == ',' && *++from != ',') {
			*args = from;
			break;
		}
	}
	if (to)
		*to = '\0';
	*value = key ? strchr(key, '=') : NULL;
	if (*value)
		*(*value)++ = '\0';
	return key;
}

static int make_rng(struct card *card, const struct wiring *to, char *args, struct why *why)
{
	if (args)
		return why_set(why, WRONG_WORDS, "rng takes no settings");
	rng_init(&card->rng, &to->vm->mem);
	card->virtio = &card->rng.virtio;
	return 0;
}

static int to_stdout(void *ctx, const void *bytes, size_t len)
{
	return console_write(ctx, bytes, len);
}

/* As many columns and rows as the terminal has when the run begins, if it is one and knows. */
static void take_size(struct vconsole *vc)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col && size.ws_row)
		vconsole_resize(vc, size.ws_col, size.ws_row);
	else
		vc->virtio.offered &= ~VCONSOLE_F_SIZE;
}

static int make_console(struct card *card, const struct wiring *to, char *args, struct why *why)
{
	if (args)
		return why_set(why, WRONG_WORDS, "console takes no settings");
	vconsole_init(&card->console, &to->vm->mem);
	take_size(&card->console);
	card->console.out = to_stdout;
	card->console.out_ctx = to->console;
	card->virtio = &card->console.virtio;
	return 0;
}

static int make_blk(struct card *card, const struct wiring *to, char *args, struct why *why)
{
	const char *file = NULL;
	bool readonly = false;
	struct why reason;
	char *value;
	int err;

	for (char *key; (key = next_arg(&args, &value));) {
		if (!strcmp(key, "file") && value && *value)
			file = value;
		else if (!strcmp(key, "readonly") && !value)
			readonly = true;
		else
			return why_set(why, WRONG_WORDS,
				       "blk: %.40s? say file=PATH[,readonly]; a comma in PATH is "
				       "written twice",
				       key);
	}
	if (!file)
		return why_set(why, WRONG_WORDS, "blk: which file? say file=PATH[,readonly]");
	card->virtio = &card->blk.virtio;
	err = blk_init(&card->blk, &to->vm->mem, file, readonly, &reason);
	return err ? why_set(why, err, "blk: %s: %s", file, reason.text) : 0;
}

static void destroy_blk(struct card *card)
{
	blk_destroy(&card->blk);
}

static int make_net(struct card *card, const struct wiring *to, char *args, struct why *why)
{
	/* Locally administered (IEEE 802), and the same each time. */
	static const u8 mac[6] = { 0x52, 0x54, 0x00, 0x12, 0x34, 0x56 };
	bool user = false, isolated = false;
	const char *tap = NULL;
	char *value;
	int err;

	for (char *key; (key = next_arg(&args, &value));) {
		if (!strcmp(key, "tap") && value && *value)
			tap = value;
		else if (!strcmp(key, "isolated") && !value)
			isolated = true;
		else if (!strcmp(key, "user") && !value)
			user = true;
		else
			return why_set(why, WRONG_WORDS,
				       "net: %.40s? say user[,isolated] or tap=NAME", key);
	}
	/* The host's interface is what it is: who wants it isolated would believe that it is. */
	if (tap && (user || isolated))
		return why_set(why, WRONG_WORDS, "net: user[,isolated] or tap=NAME, not both");
	card->virtio = &card->net.virtio;
	net_init(&card->net, &to->vm->mem, mac);
	err = tap ? net_tap_init(&card->tap, &card->net, to->loop, tap)
		  : net_slirp_init(&card->slirp, &card->net, to->loop, isolated);
	if (err)
		why_set(why, err, "net: %.40s: %s", tap ? tap : "user", strerror(-err));
	return err;
}

static void destroy_net(struct card *card)
{
	net_slirp_destroy(&card->slirp);
	if (card->tap.net)
		net_tap_destroy(&card->tap);
}

static void tell_filtered(const u64 *filtered, FILE *to)
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

static void tell_net(const struct card *card, FILE *to)
{
	const struct net *net = &card->net;

	fprintf(to, "  net: frames sent %llu, received %llu; dropped: sent %llu, received %llu\n",
		(unsigned long long)net->sent, (unsigned long long)net->received,
		(unsigned long long)net->tx_dropped, (unsigned long long)net->rx_dropped);
	tell_filtered(card->slirp.filtered, to);
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

/* Make the device that text describes. Returns as devices_init() does. */
static int make(struct card *card, const struct wiring *to, const char *text, struct why *why)
{
	char *copy = strdup(text), *args = copy;
	int err;

	if (!copy)
		return why_set(why, -ENOMEM, "no memory");
	card->kind = find_kind(strsep(&args, ","));
	if (card->kind)
		err = card->kind->make(card, to, args, why);
	else
		err = why_set(why, WRONG_WORDS, "%.40s: must be rng, console, blk or net", text);
	free(copy);
	return err;
}

static int wire(struct card *card, unsigned window, const struct wiring *to)
{
	struct virtio *v = card->virtio;
	const u64 notify = VIRTIO_MMIO_GPA + window * VIRTIO_MMIO_SIZE + VIRTIO_MMIO_QUEUE_NOTIFY;
	int err = later_init(&card->later, to->loop, v);

	if (err)
		return err;
	v->window = window;
	v->verbose = to->verbose;
	v->run = &to->vm->run;
	async_init(&card->async, v);
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
		int err = 0;

		if (i < opt->ndevices) {
			err = make(card, to, opt->device[i], why);
			if (err)
				return err;
			d->ncards = i + 1;
			if (!d->console && card->kind->make == make_console)
				d->console = &card->console;
			err = wire(card, window, to);
		}
		if (!err)
			err = virtio_mmio_init(&d->window[window], &to->vm->mmio, window,
					       card->virtio);
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
