/* SPDX-License-Identifier: MIT */
/*
 * What a turn leaves over (given; see struct turn in virtio.h): the I/O thread takes it up again as
 * if the driver had kicked, turn by turn, and all others have theirs in between.
 */
#ifndef LATER_H
#define LATER_H

#include "loop.h"
#include "virtio.h"

struct later {
	struct source source;
	struct loop *loop;
	struct virtio *virtio;
	u32 queues; /* a bit for each: there may be something left */
};

/* From now on v->later is this one. 0, or what loop_add() says. */
int later_init(struct later *l, struct loop *loop, struct virtio *v);

/* A turn of this queue was over. From any thread, with the device's lock held. */
void later_leave(struct later *l, unsigned queue);

#endif
