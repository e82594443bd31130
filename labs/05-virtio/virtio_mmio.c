// SPDX-License-Identifier: MIT
#include "virtio_mmio.h"

#include <errno.h>
#include <string.h>

#include "refusal.h"
#include "todo.h"
#include "virtio_trace.h"

/* [book:5.1] */
/* TASK 5.1 */
#if SOL >= 501
/* The queue that QueueSel says; NULL if the device has no such. */
static struct virtq *selected(const struct virtio_mmio *t)
{
	struct virtio *v = t->virtio;

	return t->state.queue_sel < v->ops->nqueues ? &v->state.queue[t->state.queue_sel] : NULL;
}

/* One half of a 64-bit value: number 0 or 1, and behind these there is nothing. */
static u32 half(u64 value, u32 which)
{
	return which < 2 ? (u32)(value >> (32 * which)) : 0;
}

static void set_half(u64 *value, u32 which, u32 to)
{
	if (which < 2)
		*value = (*value & ~(0xffffffffULL << (32 * which))) | (u64)to << (32 * which);
}

/* 4.2.2.2: a queue that is in use cannot be changed, nor can one be added while the device runs. */
static void set_up_queue(struct virtio_mmio *t, u32 off, u32 value)
{
	struct virtq *q = selected(t);

	if (!q || q->ready || (t->virtio->state.status & VIRTIO_DRIVER_OK))
		return;
	switch (off) {
	case VIRTIO_MMIO_QUEUE_NUM:
		q->size = value <= VIRTQ_MAX ? (u16)value : 0;
		break;
	case VIRTIO_MMIO_QUEUE_DESC:
	case VIRTIO_MMIO_QUEUE_DESC + 4:
		set_half(&q->desc, off / 4 % 2, value);
		break;
	case VIRTIO_MMIO_QUEUE_DRIVER:
	case VIRTIO_MMIO_QUEUE_DRIVER + 4:
		set_half(&q->avail, off / 4 % 2, value);
		break;
	case VIRTIO_MMIO_QUEUE_DEVICE:
	case VIRTIO_MMIO_QUEUE_DEVICE + 4:
		set_half(&q->used, off / 4 % 2, value);
		break;
	}
}

static void set_ready(struct virtio_mmio *t, u32 value)
{
	struct virtio *v = t->virtio;
	struct virtq *q = selected(t);
	int err;

	if (q && value == 0)
		q->ready = false;
	if (!q || q->ready || value != 1 || (v->state.status & VIRTIO_DRIVER_OK))
		return;
	err = virtq_check(q, v->mem);
	if (err == -EINVAL)
		virtio_break(v, q->why);
	q->ready = !err;
}
#endif

u32 virtio_mmio_read(struct virtio_mmio *t, u32 off)
{
	/* TASK 5.1 */
#if SOL >= 501
	const struct virtio *v = t->virtio;

	switch (off) {
	case VIRTIO_MMIO_MAGIC_VALUE:
		return VIRTIO_MMIO_MAGIC;
	case VIRTIO_MMIO_VERSION:
		return 2;
	}
	if (!v)
		return 0; /* 4.2.3.1.1: device id 0 says that nothing is here */
	switch (off) {
	case VIRTIO_MMIO_DEVICE_ID:
		return v->ops->id;
	case VIRTIO_MMIO_VENDOR_ID:
		return VIRTIO_MMIO_VENDOR;
	case VIRTIO_MMIO_DEVICE_FEATURES:
		return half(v->offered, t->state.device_features_sel);
	case VIRTIO_MMIO_QUEUE_NUM_MAX:
		return selected(t) ? VIRTQ_MAX : 0;
	case VIRTIO_MMIO_QUEUE_READY:
		return selected(t) && selected(t)->ready;
	case VIRTIO_MMIO_INTERRUPT_STATUS:
		return v->state.interrupt;
	case VIRTIO_MMIO_STATUS:
		return v->state.status;
	case VIRTIO_MMIO_CONFIG_GENERATION:
		return v->state.generation;
	}
	/* No shared memory: a region that is not there has length and address -1. */
	return off >= VIRTIO_MMIO_SHM_LEN && off < VIRTIO_MMIO_SHM_END ? UINT32_MAX : 0;
#else
	return (TODO("5.1"), 0);
#endif
}

void virtio_mmio_write(struct virtio_mmio *t, u32 off, u32 value)
{
	/* TASK 5.1 */
#if SOL >= 501
	struct virtio *v = t->virtio;

	if (!v)
		return;
	switch (off) {
	case VIRTIO_MMIO_DEVICE_FEATURES_SEL:
		t->state.device_features_sel = value;
		break;
	case VIRTIO_MMIO_DRIVER_FEATURES_SEL:
		t->state.driver_features_sel = value;
		break;
	case VIRTIO_MMIO_DRIVER_FEATURES:
		if (!(v->state.status & VIRTIO_FEATURES_OK))
			set_half(&v->state.accepted, t->state.driver_features_sel, value);
		break;
	case VIRTIO_MMIO_QUEUE_SEL:
		t->state.queue_sel = value;
		break;
	case VIRTIO_MMIO_QUEUE_READY:
		set_ready(t, value);
		break;
	case VIRTIO_MMIO_QUEUE_NOTIFY:
		virtio_serve(v, value);
		break;
	case VIRTIO_MMIO_INTERRUPT_ACK:
		v->state.interrupt &= ~value;
		virtio_update_irq(v);
		break;
	case VIRTIO_MMIO_STATUS:
		if (value <= UINT8_MAX)
			virtio_set_status(v, (u8)value);
		break;
	default:
		set_up_queue(t, off, value);
	}
#else
	TODO("5.1");
#endif
}

void virtio_mmio_config(struct virtio_mmio *t, bool write, u64 off, void *data, unsigned size)
{
	/* TASK 5.1 */
#if SOL >= 501
	struct virtio *v = t->virtio;
	u32 len;

	if (!write)
		memset(data, 0, size);
	if (!v || off >= v->ops->config_size)
		return;
	len = (u32)min_u64(size, v->ops->config_size - off);
	if (!write)
		v->ops->config_read(v, (u32)off, data, len);
	else if (v->ops->config_write)
		v->ops->config_write(v, (u32)off, data, len);
#else
	if (!write)
		memset(data, 0, size);
	TODO("5.1");
#endif
}
/* [book:end] */

static void trace_write(const struct virtio_mmio *t, u64 off)
{
	if (t->virtio && off == VIRTIO_MMIO_QUEUE_READY)
		virtio_trace_queue(t->virtio, t->state.queue_sel);
	if (t->virtio && off == VIRTIO_MMIO_STATUS)
		virtio_trace_status(t->virtio);
}

static enum verdict virtio_mmio_io(struct device *dev, bool write, u64 off, void *data,
				   unsigned size)
{
	struct virtio_mmio *t = container_of(dev, struct virtio_mmio, dev);
	u32 value = 0;

	if (off >= VIRTIO_MMIO_CONFIG) {
		virtio_mmio_config(t, write, off - VIRTIO_MMIO_CONFIG, data, size);
		if (write)
			refusal_of_config(t->virtio, off - VIRTIO_MMIO_CONFIG);
	} else if (size != 4 || off % 4) {
		if (!write)
			memset(data, 0, size);
		else
			refusal_of_access(t->virtio, off, size);
	} else if (write) {
		const struct before before = refusal_before(t);

		memcpy(&value, data, 4);
		virtio_mmio_write(t, (u32)off, value);
		if (t->virtio && off == VIRTIO_MMIO_QUEUE_READY)
			virtio_stop_queues(t->virtio);
		refusal_look(t, &before, (u32)off, value);
		trace_write(t, off);
	} else {
		value = virtio_mmio_read(t, (u32)off);
		memcpy(data, &value, 4);
	}
	return V_RESUME;
}

int virtio_mmio_init(struct virtio_mmio *t, struct bus *mmio, unsigned n, struct virtio *virtio)
{
	*t = (struct virtio_mmio){ .dev.io = virtio_mmio_io, .virtio = virtio };
	return bus_add(mmio, VIRTIO_MMIO_GPA + n * VIRTIO_MMIO_SIZE, VIRTIO_MMIO_SIZE, &t->dev);
}
