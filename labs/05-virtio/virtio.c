// SPDX-License-Identifier: MIT
#include "virtio.h"

#include <errno.h>
#include <stdio.h>

#include "todo.h"

/* What our queues can do, and devices need not know of. */
#define RING_FEATURES (VIRTIO_F_VERSION_1 | VIRTIO_F_INDIRECT_DESC | VIRTIO_F_EVENT_IDX)

void virtio_init(struct virtio *v, const struct virtio_ops *ops, struct mem *mem)
{
	*v = (struct virtio){
		.ops = ops,
		.mem = mem,
		.offered = ops->features | RING_FEATURES,
	};
}

void virtio_reset(struct virtio *v)
{
	if (v->ops->reset)
		v->ops->reset(v);
	for (unsigned i = 0; i < VIRTIO_QUEUES_MAX; i++)
		virtq_reset(&v->queue[i]);
	v->accepted = 0;
	v->status = 0;
	v->interrupt = 0;
	if (v->told_broken && ++v->times_told < VIRTIO_TOLD_MAX)
		v->told_broken = false;
	virtio_update_irq(v);
}

bool virtio_live(const struct virtio *v)
{
	return (v->status & (VIRTIO_DRIVER_OK | VIRTIO_NEEDS_RESET | VIRTIO_FAILED)) ==
	       VIRTIO_DRIVER_OK;
}

/* [book:virtio_set_status] */
/* TASK 5.1 */
#if SOL >= 501
/* 3.1.1: may the driver go from one status to the other? */
static bool may_go(u8 from, u8 to)
{
	u8 added = to & ~from;

	if ((from & ~to) || (from & VIRTIO_FAILED))
		return false; /* 2.1.1: bits are only set */
	if ((added & VIRTIO_DRIVER) && !(to & VIRTIO_ACKNOWLEDGE))
		return false;
	if ((added & VIRTIO_FEATURES_OK) && !(from & VIRTIO_DRIVER))
		return false;
	return !(added & VIRTIO_DRIVER_OK) || (from & VIRTIO_FEATURES_OK);
}

/* 2.2.2: only what was offered; and there is no device of ours for drivers older than 1.0 (6.1). */
static bool take_features(struct virtio *v)
{
	if ((v->accepted & ~v->offered) || !(v->accepted & VIRTIO_F_VERSION_1))
		return false;
	for (unsigned i = 0; i < v->ops->nqueues; i++) {
		v->queue[i].indirect = v->accepted & VIRTIO_F_INDIRECT_DESC;
		v->queue[i].event_idx = v->accepted & VIRTIO_F_EVENT_IDX;
	}
	return true;
}
#endif

void virtio_set_status(struct virtio *v, u8 status)
{
	/* TASK 5.1 */
#if SOL >= 501
	u8 to = status & VIRTIO_STATUS_DRIVER;

	if (status == 0) {
		virtio_reset(v);
		return;
	}
	to |= v->status & VIRTIO_NEEDS_RESET; /* that one is ours */
	if (!may_go(v->status, to))
		return;
	if ((to & ~v->status & VIRTIO_FEATURES_OK) && !take_features(v))
		return;
	v->status = to;
#else
	TODO("5.1");
#endif
}

void virtio_kick(struct virtio *v, u32 queue)
{
	/* TASK 5.1 */
#if SOL >= 501
	if (virtio_live(v) && queue < v->ops->nqueues && v->queue[queue].ready)
		v->ops->kick(v, queue);
#else
	TODO("5.1");
#endif
}
/* [book:end] */

void virtio_update_irq(struct virtio *v)
{
	irq_set(&v->irq, false);
	irq_set(&v->irq, v->interrupt != 0);
}

static void interrupt(struct virtio *v, u8 why)
{
	v->interrupt |= why;
	/* A level has to last until the driver acknowledges: that is more than an edge can do. */
	if (v->interrupted && !irq_is_level(&v->irq))
		v->interrupted(v);
	else
		irq_set(&v->irq, true);
}

/* [book:virtio_notify] */
void virtio_notify(struct virtio *v, unsigned queue)
{
	/* TASK 5.3 */
#if SOL >= 503
	struct virtq *q = &v->queue[queue];

	if (virtio_live(v) && q->ready && virtq_should_notify(q, v->mem))
		interrupt(v, VIRTIO_INT_QUEUE);
#else
	TODO("5.3");
#endif
}
/* [book:end] */

void virtio_config_changed(struct virtio *v)
{
	v->generation++;
	if (v->status & VIRTIO_DRIVER_OK)
		interrupt(v, VIRTIO_INT_CONFIG);
}

/* [book:5.10] */
void virtio_break(struct virtio *v, const char *why)
{
	/* TASK 5.10 */
#if SOL >= 510
	if (!v->told_broken)
		fprintf(stderr, "vmm: %s: the driver has given us %s\n", v->ops->name, why);
	v->told_broken = true;
	v->status |= VIRTIO_NEEDS_RESET;
	if (v->status & VIRTIO_DRIVER_OK)
		interrupt(v, VIRTIO_INT_CONFIG);
#else
	TODO("5.10");
#endif
}
/* [book:end] */

bool virtio_run_is_over(const struct virtio *v)
{
	return v->run && run_cut_off(v->run);
}

/* May the device take one more? */
static bool turn_goes_on(struct virtio *v, struct turn *t)
{
	t->over = t->left == 0 || t->bytes >= VIRTIO_TURN_BYTES;
	if (t->over)
		return false;
	t->left--;
	return !virtio_run_is_over(v);
}

bool virtio_pop(struct virtio *v, unsigned queue, struct chain *c)
{
	struct turn *turn = v->turn && v->turn->queue == queue ? v->turn : NULL;
	struct virtq *q = &v->queue[queue];
	enum vq_result result;

	if (!virtio_live(v) || !q->ready || (turn && !turn_goes_on(v, turn)))
		return false;
	result = virtq_pop(q, v->mem, c);
	if (result == VQ_EMPTY && q->event_idx) {
		virtq_want_kicks(q, v->mem, true);
		result = virtq_pop(q, v->mem, c); /* what has come in between has not kicked */
	}
	if (result == VQ_BROKEN)
		virtio_break(v, q->why);
	if (turn && result == VQ_OK)
		turn->bytes += c->read_len + c->write_len;
	return result == VQ_OK;
}

void virtio_push(struct virtio *v, unsigned queue, const struct chain *c, u32 written)
{
	struct virtq *q = &v->queue[queue];

	if (virtio_live(v) && q->ready && virtq_push(q, v->mem, c->head, written) == -EFAULT)
		virtio_break(v, "a used ring that does not lie in memory");
}
