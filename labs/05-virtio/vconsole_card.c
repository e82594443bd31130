// SPDX-License-Identifier: MIT
/* Given: a console as --device makes one. */
#include <errno.h>
#include <string.h>

#include "card.h"
#include "resize.h"
#include "vconsole.h"

static int make(struct card *card, const struct wiring *to, char *args, struct why *why)
{
	struct vconsole *vc = card->device;
	int err;

	if (args)
		return why_set(why, CARD_WRONG_WORDS, "console takes no settings");
	vconsole_init(vc, &to->vm->mem);
	err = resize_watch(to->resize, to->loop, vc);
	if (err)
		return why_set(why, err, "console: %s", strerror(-err));
	vc->line.out = sink_write;
	vc->line.out_ctx = to->sink;
	card->virtio = &vc->virtio;
	card->line = &vc->line;
	return 0;
}

const struct card_kind vconsole_card = {
	.name = "console",
	.size = sizeof(struct vconsole),
	.make = make,
};
