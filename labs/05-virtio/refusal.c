// SPDX-License-Identifier: MIT
#include "refusal.h"

#include <stdarg.h>
#include <stdio.h>

#include "virtio_mmio.h"

/* Each is said once for a device: bits of virtio->refused. */
enum kind {
	STATUS_WIDE,
	STATUS_AFTER_FAILED,
	STATUS_CLEARED,
	STATUS_ORDER,
	NOT_OFFERED,
	NO_VERSION_1,
	STATUS_OTHER,
	FEATURES_LATE,
	FEATURES_NONE,
	QUEUE_NONE,
	QUEUE_LATE,
	QUEUE_VALUE,
	QUEUE_BAD,
	NOTIFY_NOT_LIVE,
	NOTIFY_NO_QUEUE,
	NOTIFY_NOT_READY,
	ACCESS_WIDTH,
	ACCESS_READ_ONLY,
	CONFIG_READ_ONLY,
};

__attribute__((format(printf, 3, 4))) static void say(struct virtio *v, enum kind kind,
						      const char *format, ...)
{
	char text[400];
	va_list args;

	if (!v->verbose || (v->refused & 1U << kind))
		return;
	v->refused |= 1U << kind;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	fprintf(stderr, "vmm: %s in window %u: %s\n", v->ops->name, v->window, text);
}

/* The bits that are set, with the names of those that belong to no device (6, and 1.0's legacy). */
static const char *bits(u64 set, char *text, size_t size)
{
	static const char *const names[64] = {
		[24] = "NOTIFY_ON_EMPTY", [27] = "ANY_LAYOUT",	      [28] = "INDIRECT_DESC",
		[29] = "EVENT_IDX",	  [32] = "VERSION_1",	      [33] = "ACCESS_PLATFORM",
		[34] = "RING_PACKED",	  [35] = "IN_ORDER",	      [36] = "ORDER_PLATFORM",
		[37] = "SR_IOV",	  [38] = "NOTIFICATION_DATA",
	};
	size_t used = 0;

	text[0] = '\0';
	for (unsigned i = 0; i < 64 && used < size; i++)
		if (set >> i & 1)
			used += (size_t)snprintf(text + used, size - used,
						 names[i] ? "%s%u (%s)" : "%s%u", used ? ", " : "",
						 i, names[i]);
	return text;
}

static void look_at_features(struct virtio *v)
{
	u64 too_many = v->state.accepted & ~v->offered;
	char text[200];

	if (too_many)
		say(v, NOT_OFFERED,
		    "FEATURES_OK is refused: the driver accepts features that are not offered: %s",
		    bits(too_many, text, sizeof(text)));
	else if (!(v->state.accepted >> 32 & 1))
		say(v, NO_VERSION_1,
		    "FEATURES_OK is refused: the driver does not accept bit 32 "
		    "(VERSION_1), and there is no legacy device here; it accepts %s",
		    v->state.accepted ? bits(v->state.accepted, text, sizeof(text)) : "nothing");
	else
		say(v, STATUS_OTHER, "FEATURES_OK is refused, though the features are all right");
}

static void look_at_status(struct virtio *v, u8 before, u32 value)
{
	u8 to = (u8)value & VIRTIO_STATUS_DRIVER, from = before & VIRTIO_STATUS_DRIVER;
	u8 added = to & ~from;

	if (value > UINT8_MAX)
		say(v, STATUS_WIDE, "status 0x%x is ignored: it has eight bits", value);
	else if (value == 0 || (v->state.status & VIRTIO_STATUS_DRIVER) == to)
		return;
	else if (from & VIRTIO_FAILED)
		say(v, STATUS_AFTER_FAILED,
		    "status 0x%02x is ignored: after FAILED (0x%02x) only a "
		    "reset is heard",
		    value, before);
	else if (from & ~to)
		say(v, STATUS_CLEARED,
		    "status 0x%02x is ignored: it was 0x%02x, and no bit may be "
		    "cleared but by a reset",
		    value, before);
	else if (((added & VIRTIO_DRIVER) && !(to & VIRTIO_ACKNOWLEDGE)) ||
		 ((added & VIRTIO_FEATURES_OK) && !(from & VIRTIO_DRIVER)) ||
		 ((added & VIRTIO_DRIVER_OK) && !(from & VIRTIO_FEATURES_OK)))
		say(v, STATUS_ORDER,
		    "status 0x%02x is ignored: it was 0x%02x, and the order is "
		    "ACKNOWLEDGE 1, DRIVER 2, FEATURES_OK 8, DRIVER_OK 4",
		    value, before);
	else if (added & VIRTIO_FEATURES_OK)
		look_at_features(v);
	else
		say(v, STATUS_OTHER, "status 0x%02x is ignored", value);
}

/* Size, addresses and QueueReady. */
static void look_at_queue(struct virtio_mmio *t, const struct before *before, u32 off, u32 value)
{
	struct virtio *v = t->virtio;
	bool running = before->status & VIRTIO_DRIVER_OK, is_ready = off == VIRTIO_MMIO_QUEUE_READY;
	const struct virtq *q;

	if (t->state.queue_sel >= v->ops->nqueues) {
		say(v, QUEUE_NONE,
		    "there is no queue %u to be set up: the device has %u, counted from 0",
		    t->state.queue_sel, v->ops->nqueues);
		return;
	}
	q = &v->state.queue[t->state.queue_sel];
	if (is_ready && (value == 0 || q->ready))
		return;
	if (is_ready && value != 1)
		say(v, QUEUE_VALUE, "QueueReady of queue %u: 0x%x is neither 0 nor 1",
		    t->state.queue_sel, value);
	else if (running || (before->ready && !is_ready))
		say(v, QUEUE_LATE, "queue %u cannot be changed %s", t->state.queue_sel,
		    running ? "after DRIVER_OK" : "while it is ready");
	else if (is_ready)
		say(v, QUEUE_BAD,
		    "queue %u is refused: size %u (at most %u, a power of two), "
		    "descriptors at 0x%llx (by 16), avail at 0x%llx (by 2), used at 0x%llx (by 4), "
		    "all in RAM",
		    t->state.queue_sel, q->size, VIRTQ_MAX, (unsigned long long)q->desc,
		    (unsigned long long)q->avail, (unsigned long long)q->used);
}

struct before refusal_before(const struct virtio_mmio *t)
{
	const struct virtio *v = t->virtio;

	if (!v)
		return (struct before){ 0 };
	return (struct before){
		.status = v->state.status,
		.ready = t->state.queue_sel < v->ops->nqueues &&
			 v->state.queue[t->state.queue_sel].ready,
	};
}

void refusal_look(struct virtio_mmio *t, const struct before *before, u32 off, u32 value)
{
	struct virtio *v = t->virtio;

	if (!v || !v->verbose)
		return;
	switch (off) {
	case VIRTIO_MMIO_STATUS:
		look_at_status(v, before->status, value);
		break;
	case VIRTIO_MMIO_DRIVER_FEATURES:
		if (before->status & VIRTIO_FEATURES_OK)
			say(v, FEATURES_LATE, "features that come after FEATURES_OK are ignored");
		else if (t->state.driver_features_sel > 1 && value)
			say(v, FEATURES_NONE, "features from 64 on are ignored: there are none");
		break;
	case VIRTIO_MMIO_QUEUE_NUM:
	case VIRTIO_MMIO_QUEUE_READY:
	case VIRTIO_MMIO_QUEUE_DESC:
	case VIRTIO_MMIO_QUEUE_DESC + 4:
	case VIRTIO_MMIO_QUEUE_DRIVER:
	case VIRTIO_MMIO_QUEUE_DRIVER + 4:
	case VIRTIO_MMIO_QUEUE_DEVICE:
	case VIRTIO_MMIO_QUEUE_DEVICE + 4:
		look_at_queue(t, before, off, value);
		break;
	case VIRTIO_MMIO_DEVICE_FEATURES_SEL:
	case VIRTIO_MMIO_DRIVER_FEATURES_SEL:
	case VIRTIO_MMIO_QUEUE_SEL:
	case VIRTIO_MMIO_QUEUE_NOTIFY: /* asked before: what came of it may change the answer */
	case VIRTIO_MMIO_INTERRUPT_ACK:
		break;
	default:
		say(v, ACCESS_READ_ONLY,
		    "a write to register 0x%03x is ignored: it is none to be "
		    "written",
		    off);
	}
}

void refusal_of_notify(struct virtio *v, u32 queue)
{
	if (!virtio_live(v))
		say(v, NOTIFY_NOT_LIVE,
		    "a notification of queue %u is ignored: with the status 0x%02x the "
		    "device does not run",
		    queue, v->state.status);
	else if (queue >= v->ops->nqueues)
		say(v, NOTIFY_NO_QUEUE,
		    "a notification of queue %u is ignored: the device has %u, counted from 0",
		    queue, v->ops->nqueues);
	else if (!v->state.queue[queue].ready)
		say(v, NOTIFY_NOT_READY, "a notification of queue %u is ignored: it is not ready",
		    queue);
}

void refusal_of_access(struct virtio *v, u64 off, unsigned size)
{
	if (v)
		say(v, ACCESS_WIDTH,
		    "a write of %u bytes at 0x%03x is ignored: registers take 4, "
		    "aligned to 4",
		    size, (unsigned)off);
}

void refusal_of_config(struct virtio *v, u64 off)
{
	if (v && (off >= v->ops->config_size || !v->ops->config_write))
		say(v, CONFIG_READ_ONLY, "a write to byte %u of the configuration is ignored: %s",
		    (unsigned)off,
		    v->ops->config_write ? "it lies behind the end" : "it can only be read");
}
