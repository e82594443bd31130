// SPDX-License-Identifier: MIT
#include "later.h"

static void fds(struct source *s, struct pollset *p)
{
	/* Not 0: who waits for the lock would hardly ever be awake before we have it again. */
	if (container_of(s, struct later, source)->queues && p->timeout_ms != 0)
		p->timeout_ms = 1;
}

static void take_turn(struct later *l, unsigned queue)
{
	struct turn turn = { .queue = queue, .left = VIRTQ_MAX };

	l->queues &= ~(1U << queue);
	l->virtio->turn = &turn;
	virtio_kick(l->virtio, queue);
	l->virtio->turn = NULL;
	if (turn.over)
		l->queues |= 1U << queue;
}

static void ready(struct source *s, struct pollset *p)
{
	struct later *l = container_of(s, struct later, source);

	for (unsigned i = 0; i < l->virtio->ops->nqueues; i++)
		if (l->queues & 1U << i)
			take_turn(l, i);
}

int later_init(struct later *l, struct loop *loop, struct virtio *v)
{
	*l = (struct later){ .source = { .fds = fds, .ready = ready }, .loop = loop, .virtio = v };
	v->later = l;
	return loop_add(loop, &l->source);
}

void later_leave(struct later *l, unsigned queue)
{
	l->queues |= 1U << queue;
	loop_wake(l->loop);
}
