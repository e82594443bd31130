// SPDX-License-Identifier: MIT
#include "rng.h"

#include <errno.h>
#include <sys/random.h>

#include "card.h"
#include "todo.h"

/* [book:5.4] */
/* TASK 5.4 */
#if SOL >= 504
/* How many bytes it has got: none only if the host has none to give. */
static u32 answer(const struct chain *c)
{
	u8 bytes[RNG_MAX];
	ssize_t got;

	do { /* a signal may come before the first byte */
		got = getrandom(bytes, min_u64(c->write_len, sizeof(bytes)), 0);
	} while (got < 0 && errno == EINTR);
	return got > 0 ? (u32)chain_write(c, 0, bytes, (u64)got) : 0;
}
#endif

void rng_notify(struct virtio *v, unsigned queue)
{
	/* TASK 5.4 */
#if SOL >= 504
	struct rng *rng = container_of(v, struct rng, virtio);
	struct chain c;

	while (virtio_pop(v, queue, &c)) {
		u32 written;

		if (c.nwrite == 0) {
			virtio_break(v, "a request with nothing to write to");
			return;
		}
		written = answer(&c);
		rng->requests++;
		rng->bytes += written;
		virtio_push(v, queue, &c, written);
	}
	virtio_interrupt(v, queue);
#else
	TODO("5.4");
#endif
}
/* [book:end] */

static const struct virtio_ops rng_ops = {
	.name = "rng",
	.id = RNG_ID,
	.nqueues = 1,
	.notify = rng_notify,
};

void rng_init(struct rng *rng, struct mem *mem)
{
	*rng = (struct rng){ .requests = 0 };
	virtio_init(&rng->virtio, &rng_ops, mem);
}

static int make(struct card *card, const struct wiring *to, char *args, struct why *why)
{
	struct rng *rng = card->device;

	if (args)
		return why_set(why, CARD_WRONG_WORDS, "rng takes no settings");
	rng_init(rng, &to->vm->mem);
	card->virtio = &rng->virtio;
	return 0;
}

const struct card_kind rng_card = { .name = "rng", .size = sizeof(struct rng), .make = make };
