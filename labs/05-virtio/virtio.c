// SPDX-License-Identifier: MIT
#include "virtio.h"

#include <errno.h>
#include <stdio.h>

#include "refusal.h"
#include "todo.h"
#include "virtio_describe.h"
#include "virtio_trace.h"

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
	v->state = (struct virtio_state){ .generation = v->state.generation };
	if (v->told_broken && ++v->times_told < VIRTIO_TOLD_MAX)
		v->told_broken = false;
	virtio_update_irq(v);
}

void virtio_stop_queues(struct virtio *v)
{
	for (unsigned i = 0; v->ops->stop && i < v->ops->nqueues; i++)
		if (!v->state.queue[i].ready)
			v->ops->stop(v, i);
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
	if ((v->state.accepted & ~v->offered) || !(v->state.accepted & VIRTIO_F_VERSION_1))
		return false;
	for (unsigned i = 0; i < v->ops->nqueues; i++) {
		v->state.queue[i].indirect = v->state.accepted & VIRTIO_F_INDIRECT_DESC;
		v->state.queue[i].event_idx = v->state.accepted & VIRTIO_F_EVENT_IDX;
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
	to |= v->state.status & VIRTIO_NEEDS_RESET; /* that one is ours */
	if (!may_go(v->state.status, to))
		return;
	if ((to & ~v->state.status & VIRTIO_FEATURES_OK) && !take_features(v))
		return;
	v->state.status = to;
#else
	TODO("5.1");
#endif
}

void virtio_notify(struct virtio *v, u32 queue)
{
	/* TASK 5.1 */
#if SOL >= 501
	if (virtio_live(v) && queue < v->ops->nqueues && v->state.queue[queue].ready)
		v->ops->notify(v, queue);
#else
	TODO("5.1");
#endif
}
/* [book:end] */

void virtio_update_irq(struct virtio *v)
{
	irq_set(&v->irq, false);
	irq_set(&v->irq, v->state.interrupt != 0);
}

static void interrupt(struct virtio *v, u8 why)
{
	v->state.interrupt |= why;
	virtio_trace_call(v);
	irq_set(&v->irq, true);
}

/* [book:virtio_interrupt] */
void virtio_interrupt(struct virtio *v, unsigned queue)
{
	/* TASK 5.3 */
#if SOL >= 503
	struct virtq *q = &v->state.queue[queue];

	if (virtio_live(v) && q->ready && virtq_should_interrupt(q, v->mem))
		interrupt(v, VIRTIO_INT_QUEUE);
#else
	TODO("5.3");
#endif
}
/* [book:end] */

void virtio_config_changed(struct virtio *v)
{
	u8 there = v->state.status & (VIRTIO_FEATURES_OK | VIRTIO_FAILED);

	v->state.generation++;
	if (there == VIRTIO_FEATURES_OK)
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
	/* What has come back so far: from now on the driver would not hear of it. */
	for (unsigned i = 0; i < v->ops->nqueues; i++)
		virtio_interrupt(v, i);
	v->state.status |= VIRTIO_NEEDS_RESET;
	if (v->state.status & VIRTIO_DRIVER_OK)
		interrupt(v, VIRTIO_INT_CONFIG);
#else
	TODO("5.10");
#endif
}
/* [book:end] */

bool virtio_is_cut_off(const struct virtio *v)
{
	return __atomic_load_n(&v->stopping, __ATOMIC_RELAXED) || (v->run && run_cut_off(v->run));
}

void virtio_serve(struct virtio *v, u32 queue)
{
	/* One more than a queue can hold: who has taken all finds that out, and asks for more. */
	struct budget budget = { .queue = queue, .chains = VIRTQ_MAX + 1 };
	u64 from = trace_tick();

	refusal_of_notify(v, queue);
	v->budget = &budget;
	virtio_notify(v, queue);
	v->budget = NULL;
	virtio_trace_notify(v, queue, from);
	if (budget.spent && v->again)
		v->again(v->again_ctx, queue);
}

/* May the device take one more? */
static bool may_go_on(struct virtio *v, struct budget *b)
{
	b->spent = b->chains == 0 || b->bytes >= VIRTIO_BUDGET_BYTES;
	if (b->spent)
		return false;
	b->chains--;
	return !virtio_is_cut_off(v);
}

/* --verbose shows where, each time that virtio_break() says it. */
static void broken(struct virtio *v, const char *why)
{
	bool told = v->told_broken;

	virtio_break(v, why);
	if (v->verbose && v->told_broken && !told)
		virtio_describe(v, stderr);
}

bool virtio_pop(struct virtio *v, unsigned queue, struct chain *c)
{
	struct budget *budget = v->budget && v->budget->queue == queue ? v->budget : NULL;
	struct virtq *q = &v->state.queue[queue];
	enum vq_result result;

	if (!virtio_live(v) || !q->ready || (budget && !may_go_on(v, budget)))
		return false;
	result = virtq_pop(q, v->mem, c);
	if (result == VQ_EMPTY && q->event_idx) {
		virtq_want_notify(q, v->mem, true);
		result = virtq_pop(q, v->mem, c); /* what has come in between has not notified */
	}
	if (result == VQ_BROKEN)
		broken(v, q->why);
	if (result == VQ_OK)
		virtio_trace_pop(v, queue, c);
	if (budget && result == VQ_OK)
		budget->bytes += c->read_len + c->write_len;
	return result == VQ_OK;
}

void virtio_push(struct virtio *v, unsigned queue, const struct chain *c, u32 written)
{
	struct virtq *q = &v->state.queue[queue];

	if (!virtio_live(v) || !q->ready)
		return;
	if (virtq_push(q, v->mem, c->head, written) == -EFAULT)
		virtio_break(v, "a used ring that does not lie in memory");
	virtio_trace_push(v, queue, c->head, written);
}
