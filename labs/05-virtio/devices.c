// SPDX-License-Identifier: MIT
#include "devices.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "todo.h"
#include "virtio_describe.h"

static const struct card_kind *const kinds[] = { &rng_card, &vconsole_card, &blk_card, &net_card };

static const struct card_kind *find_kind(const char *name)
{
	for (unsigned i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!strcmp(kinds[i]->name, name))
			return kinds[i];
	return NULL;
}

/* A copy of text: the device's name. *args is what stands behind it and a comma, or NULL. */
static char *cut(const char *text, char **args)
{
	*args = strdup(text);
	return strsep(args, ",");
}

/* The first step, with the device that text describes: as card_kind.prepare(). */
static int prepare(struct card *card, const struct early *known, const char *text, struct why *why)
{
	char *args, *name = cut(text, &args);
	int err = 0;

	card->kind = name ? find_kind(name) : NULL;
	card->device = card->kind ? calloc(1, card->kind->size) : NULL;
	if (name && !card->kind)
		err = why_set(why, CARD_WRONG_WORDS, "%.40s: must be rng, console, blk or net",
			      text);
	else if (!card->device)
		err = why_set(why, -ENOMEM, "no memory");
	else if (card->kind->prepare)
		err = card->kind->prepare(card, known, args, why);
	free(name);
	return err;
}

/* The status to leave with. */
static int refused(int err, const struct why *why)
{
	/* TODO() has said what to do, here or in the network's process: see net_keeper.h. */
	if (err == -ENOSYS && (todo_count() || !why->text[0]))
		return 1;
	fail("--device", why->text);
	return err > 0 ? 2 : 1; /* 2: as for every wrong word of the command line */
}

/* How many of that kind there are before the nth. */
static unsigned number_of(const struct devices *d, unsigned n)
{
	unsigned number = 0;

	for (unsigned i = 0; i < n; i++)
		number += d->card[i].kind == d->card[n].kind;
	return number;
}

int devices_prepare(struct devices *d, const struct options *opt)
{
	const struct early known = { .opt = opt, .macs = &d->macs };
	struct why why = { "" };

	for (unsigned i = 0; i < opt->devices.count; i++) {
		int err;

		d->ncards = i + 1;
		err = prepare(&d->card[i], &known, opt->devices.text[i], &why);
		if (err)
			return refused(err, &why);
		d->card[i].number = number_of(d, i);
	}
	return 0;
}

/* The same, for the next step. */
static int make(struct card *card, const struct wiring *to, const char *text, struct why *why)
{
	char *args, *name = cut(text, &args);
	int err = name ? card->kind->make(card, to, args, why) : why_set(why, -ENOMEM, "no memory");

	card->made = !err;
	free(name);
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

/* What stands in window i counted from the last one. */
static int fill_window(struct devices *d, unsigned i, const struct wiring *to,
		       const struct options *opt, struct why *why)
{
	unsigned window = VIRTIO_MMIO_WINDOWS - 1 - i;
	struct card *card = &d->card[i];
	int err = 0;

	if (i < d->ncards) {
		err = make(card, to, opt->devices.text[i], why);
		if (err)
			return err;
		if (!d->line)
			d->line = card->line;
		err = wire(card->virtio, &d->async[i], window, to);
	}
	if (!err)
		err = virtio_mmio_init(&d->window[window], &to->vm->mmio, window, card->virtio);
	return err ? why_set(why, err, "%s", strerror(-err)) : 0;
}

int devices_init(struct devices *d, const struct wiring *to, const struct options *opt)
{
	struct why why = { "" };

	for (unsigned i = 0; i < VIRTIO_MMIO_WINDOWS; i++) {
		int err = fill_window(d, i, to, opt, &why);

		if (err)
			return refused(err, &why);
	}
	if (describe_add(&to->vm->describers, devices_describe, d))
		return fail("--device", "too many have something to say in the obituary");
	return 0;
}

void devices_describe(const void *ctx, FILE *to)
{
	const struct devices *d = ctx;

	for (unsigned i = 0; i < d->ncards; i++)
		if (d->card[i].made)
			virtio_describe(d->card[i].virtio, to);
}

void devices_explain_exit(const struct devices *d, const struct run *run)
{
	bool stuck = false;
	char why[80];

	for (unsigned i = 0; i < d->ncards; i++)
		stuck |= d->card[i].made && virtio_is_stuck(d->card[i].virtio);
	if (!stuck || run_verdict(run) != V_EXIT || !run->status || todo_count())
		return;
	snprintf(why, sizeof(why), "with status %d, and a device has not given back all it got",
		 run->status);
	fail("the guest left", why);
	devices_describe(d, stderr);
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
		if (d->card[i].made && d->card[i].kind->stop)
			d->card[i].kind->stop(d->card[i].device);
}

static void destroy(struct card *card, struct async *async)
{
	async_destroy(async);
	if (card->made)
		irq_close(&card->virtio->irq);
	if (card->kind && card->kind->destroy && (card->made || card->kind->prepare))
		card->kind->destroy(card->device);
	free(card->device);
}

void devices_destroy(struct devices *d)
{
	devices_stop(d);
	for (unsigned i = 0; i < d->ncards; i++)
		destroy(&d->card[i], &d->async[i]);
	resize_destroy(&d->resize);
}
