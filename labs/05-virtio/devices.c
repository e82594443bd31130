// SPDX-License-Identifier: MIT
#include "devices.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct card_kind *const kinds[] = { &rng_card, &vconsole_card, &blk_card, &net_card };

static const struct card_kind *find_kind(const char *name)
{
	for (unsigned i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!strcmp(kinds[i]->name, name))
			return kinds[i];
	return NULL;
}

/* Make the device that text describes. Returns as devices_init() does. */
static int make(struct card *card, const struct wiring *to, const char *text, struct why *why)
{
	char *copy = strdup(text), *args = copy;
	const struct card_kind *kind = copy ? find_kind(strsep(&args, ",")) : NULL;
	int err;

	card->device = kind ? calloc(1, kind->size) : NULL;
	if (card->device)
		err = kind->make(card, to, args, why);
	else if (copy && !kind)
		err = why_set(why, CARD_WRONG_WORDS, "%.40s: must be rng, console, blk or net",
			      text);
	else
		err = why_set(why, -ENOMEM, "no memory");
	card->kind = kind;
	free(copy);
	return err;
}

static int wire(struct virtio *v, struct async *async, unsigned window, const struct wiring *to)
{
	const u64 notify = VIRTIO_MMIO_GPA + window * VIRTIO_MMIO_SIZE + VIRTIO_MMIO_QUEUE_NOTIFY;
	int err = async_init(async, to->loop, v);

	if (err)
		return err;
	v->window = window;
	v->verbose = to->verbose;
	v->run = &to->vm->run;
	v->irq = (struct irq_line){ .chip = to->chip, .n = VIRTIO_MMIO_IRQ + window };
	if (!to->async)
		return 0;
	err = async_connect(async, to->vm->fd, notify);
	return err ? err : irq_use_irqfd(&v->irq);
}

int devices_init(struct devices *d, const struct wiring *to, const struct options *opt,
		 struct why *why)
{
	for (unsigned i = 0; i < VIRTIO_MMIO_WINDOWS; i++) {
		unsigned window = VIRTIO_MMIO_WINDOWS - 1 - i;
		struct card *card = &d->card[i];
		int err = 0;

		if (i < opt->devices.count) {
			err = make(card, to, opt->devices.text[i], why);
			if (err) {
				free(card->device);
				return err;
			}
			d->ncards = i + 1;
			if (!d->line)
				d->line = card->line;
			err = wire(card->virtio, &d->async[i], window, to);
		}
		if (!err)
			err = virtio_mmio_init(&d->window[window], &to->vm->mmio, window,
					       card->virtio);
		if (err)
			return why_set(why, err, "%s", strerror(-err));
	}
	return 0;
}

int devices_start(struct devices *d, pthread_mutex_t *lock)
{
	for (unsigned i = 0; i < d->ncards; i++) {
		const struct card *card = &d->card[i];
		int err = card->kind->start ? card->kind->start(card->device, lock) : 0;
		struct why why;

		if (err) {
			why_set(&why, err, "%s: its threads: %s; with threads=0 it has none",
				card->kind->name, strerror(-err));
			return fail("--device", why.text);
		}
	}
	return 0;
}

unsigned devices_parts(const struct devices *d)
{
	unsigned parts = 0;

	for (unsigned i = 0; i < d->ncards; i++)
		parts |= d->card[i].parts;
	return parts;
}

void devices_print_stats(const struct devices *d, FILE *to)
{
	for (unsigned i = 0; i < d->ncards; i++)
		if (d->card[i].kind->print_stats)
			d->card[i].kind->print_stats(d->card[i].device, to);
}

void devices_stop(struct devices *d)
{
	for (unsigned i = 0; i < d->ncards; i++)
		if (d->card[i].kind->stop)
			d->card[i].kind->stop(d->card[i].device);
}

void devices_destroy(struct devices *d)
{
	devices_stop(d);
	for (unsigned i = 0; i < d->ncards; i++) {
		async_destroy(&d->async[i]);
		irq_close(&d->card[i].virtio->irq);
		if (d->card[i].kind->destroy)
			d->card[i].kind->destroy(d->card[i].device);
		free(d->card[i].device);
	}
	resize_destroy(&d->resize);
}
