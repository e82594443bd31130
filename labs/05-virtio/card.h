/* SPDX-License-Identifier: MIT */
/*
 * What a device tells --device of itself (given): its name, and how one is made of the words that
 * stand behind it. Each device has such a struct card_kind in its own file, and the list of them
 * all is in devices.c.
 */
#ifndef CARD_H
#define CARD_H

#include <stdio.h>

#include "loop.h"
#include "options.h"
#include "sink.h"
#include "virtio.h"
#include "vm.h"
#include "why.h"

#define CARD_WRONG_WORDS 1 /* make(): what --device says is wrong in itself */

/* What a device is wired to. */
struct wiring {
	struct vm *vm;
	struct loop *loop;
	struct irqchip *chip;
	bool async;   /* --notify=eventfd */
	bool verbose; /* --verbose */
	/* Where the guest's bytes go. */
	struct sink *sink;
	struct resize *resize; /* the terminal's size, for consoles */
};

struct card {
	const struct card_kind *kind;
	void *device;	       /* kind->size bytes */
	struct virtio *virtio; /* in there */
	struct charline *line; /* in there: what is typed may go to it; NULL: none */
	unsigned parts;	       /* what it needs when the guest runs: of enum confine_part */
	unsigned number;       /* the first of its kind is 0 */
	bool made;	       /* make() has made it */
};

/* What is known before there is a machine. */
struct early {
	const struct options *opt;
	struct macs *macs; /* of the network cards so far */
};

struct card_kind {
	const char *name;
	size_t size; /* of the device's structure */
	/*
	 * Before /dev/kvm is open and guest memory there: what shall inherit neither is started
	 * now. card->device is all 0; args, what it returns and why are as for make(). May be NULL.
	 */
	int (*prepare)(struct card *card, const struct early *known, char *args, struct why *why);
	/*
	 * Make card->device, as prepare() has left it, else all 0, of args, what stands behind the
	 * name and a comma, or NULL; and set card->virtio, card->line and card->parts. 0; or with a
	 * line in why a negative errno, or CARD_WRONG_WORDS.
	 */
	int (*make)(struct card *card, const struct wiring *to, char *args, struct why *why);
	/*
	 * All files are open: start the threads of its own, which take this lock. 0 or a negative
	 * errno; may be NULL.
	 */
	int (*start)(void *device, pthread_mutex_t *lock);
	/*
	 * The run is over: end the device's threads. What they are at is done to the end, unless
	 * the run has been cut off. Its lock is not held. May be NULL.
	 */
	void (*stop)(void *device);
	void (*destroy)(void *device); /* what prepare() and make() have made; may be NULL */
	/* What it has counted, for --stats; may be NULL. */
	void (*print_stats)(const void *device, FILE *to);
};

extern const struct card_kind rng_card, vconsole_card, blk_card, net_card;

/*
 * The next "key" or "key=value" of args is cut off, with one comma for two; NULL: none is left.
 * *value is NULL without one.
 */
char *card_next_arg(char **args, char **value);

#endif
