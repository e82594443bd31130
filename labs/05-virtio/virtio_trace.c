// SPDX-License-Identifier: MIT
#include "virtio_trace.h"

#define PIECES_MAX 8 /* of a chain, that are told */

/* How far the queue is. The driver's index is read for this alone. */
static u64 ring(const struct virtio *v, unsigned queue)
{
	const struct virtq *q = &v->state.queue[queue];
	u16 avail = q->next_avail;

	mem_read(v->mem, q->avail + 2, &avail, sizeof(avail));
	return TRACE_RING(avail, q->next_avail, q->next_used, q->size);
}

/* Back from the host's memory to the guest's. */
static u64 gpa_of(const struct mem *mem, const void *at)
{
	for (unsigned i = 0; i < mem->nslots; i++) {
		const struct memslot *slot = &mem->slot[i];

		if ((const u8 *)at >= slot->hva && (const u8 *)at < slot->hva + slot->size)
			return slot->gpa + (u64)((const u8 *)at - slot->hva);
	}
	return UINT64_MAX;
}

void virtio_trace_notify(struct virtio *v, unsigned queue, u64 from)
{
	if (!trace_mine || queue >= v->ops->nqueues)
		return;
	trace_note_at(from, TRACE_KICK, .a = (u16)v->window, .b = queue,
		      .v = { [0] = trace_tick() - from, [5] = ring(v, queue) });
}

void virtio_trace_pop(struct virtio *v, unsigned queue, const struct chain *c)
{
	u64 first[2] = { 0 };

	if (!trace_mine)
		return;
	chain_read(c, 0, first, sizeof(first));
	trace_note(TRACE_POP, .a = (u16)v->window, .b = queue,
		   .v = { c->head, c->read_len, c->write_len, first[0], first[1], ring(v, queue) });
	for (unsigned i = 0; i < c->nread + c->nwrite && i < PIECES_MAX; i++)
		trace_note(
			TRACE_PIECE, .a = (u16)v->window, .b = queue | (u32)(i >= c->nread) << 16,
			.v = { gpa_of(v->mem, c->iov[i].iov_base), c->iov[i].iov_len, i, c->head });
}

void virtio_trace_push(struct virtio *v, unsigned queue, u16 head, u32 written)
{
	if (trace_mine)
		trace_note(TRACE_PUSH, .a = (u16)v->window, .b = queue,
			   .v = { [0] = head, [1] = written, [5] = ring(v, queue) });
}

void virtio_trace_call(struct virtio *v)
{
	trace_note(TRACE_CALL, .a = (u16)v->window, .b = v->state.interrupt);
}

void virtio_trace_status(struct virtio *v)
{
	trace_note(TRACE_STATUS, .a = (u16)v->window, .b = v->state.status, .v = { v->ops->id });
}

void virtio_trace_queue(struct virtio *v, unsigned queue)
{
	const struct virtq *q = v->state.queue;

	if (queue >= v->ops->nqueues)
		return;
	trace_note(TRACE_QUEUE, .a = (u16)v->window, .b = queue,
		   .v = { q[queue].desc, q[queue].avail, q[queue].used, q[queue].ready });
}
