/* SPDX-License-Identifier: MIT */
/* A virtio device that counts what it is told, on the memory of ring.h, and the line it pulls. */
#ifndef LAB05_FAKE_DEVICE_H
#define LAB05_FAKE_DEVICE_H

#include "ring.h"
#include "virtio.h"

#define FAKE_ID	      42
#define FAKE_CONFIG   6
#define FAKE_FEATURES (1ULL << 3 | 1ULL << 37)

struct fake {
	struct ring r; /* its memory; r.q is the driver's idea of queue 0 */
	struct virtio v;
	struct irqchip chip;
	bool level; /* of the interrupt line */
	unsigned notified, resets, edges;
	bool within_budget; /* was the last notification: virtio_serve() */
	u32 last_queue;
	u8 config[FAKE_CONFIG];
};

static inline void fake_notify(struct virtio *v, unsigned queue)
{
	struct fake *f = container_of(v, struct fake, v);

	f->notified++;
	f->last_queue = queue;
	f->within_budget = v->budget != NULL;
}

static inline void fake_reset(struct virtio *v)
{
	container_of(v, struct fake, v)->resets++;
}

static inline void fake_config(struct virtio *v, u32 off, u32 len)
{
	EXPECT_TRUE(off < FAKE_CONFIG && len && len <= FAKE_CONFIG - off,
		    "config_read() or config_write() of %u bytes at %u, outside config_size", len,
		    off);
}

static inline void fake_config_read(struct virtio *v, u32 off, void *data, u32 len)
{
	fake_config(v, off, len);
	memcpy(data, container_of(v, struct fake, v)->config + off, len);
}

static inline void fake_config_write(struct virtio *v, u32 off, const void *data, u32 len)
{
	fake_config(v, off, len);
	memcpy(container_of(v, struct fake, v)->config + off, data, len);
}

static inline void fake_set(struct irqchip *chip, unsigned n, bool level)
{
	struct fake *f = container_of(chip, struct fake, chip);

	f->edges += level && !f->level;
	f->level = level;
}

static inline void fake_init(struct fake *f)
{
	static const struct irqchip_ops chip_ops = { .set = fake_set };
	static const struct virtio_ops ops = {
		.name = "fake",
		.id = FAKE_ID,
		.nqueues = 2,
		.config_size = FAKE_CONFIG,
		.features = FAKE_FEATURES,
		.notify = fake_notify,
		.reset = fake_reset,
		.config_read = fake_config_read,
		.config_write = fake_config_write,
	};

	*f = (struct fake){ .config = "config" };
	ring_init(&f->r, 8);
	f->chip.ops = &chip_ops;
	virtio_init(&f->v, &ops, &f->r.mem);
	f->v.irq = (struct irq_line){ .chip = &f->chip, .n = 5 };
}

/* From a reset to DRIVER_OK, with queue 0 as ring_init() has it. */
static inline void fake_start(struct fake *f, u64 features)
{
	virtio_set_status(&f->v, 0);
	virtio_set_status(&f->v, VIRTIO_ACKNOWLEDGE);
	virtio_set_status(&f->v, VIRTIO_ACKNOWLEDGE | VIRTIO_DRIVER);
	f->v.state.accepted = features | VIRTIO_F_VERSION_1;
	virtio_set_status(&f->v, VIRTIO_ACKNOWLEDGE | VIRTIO_DRIVER | VIRTIO_FEATURES_OK);
	f->v.state.queue[0].size = f->r.q.size;
	f->v.state.queue[0].desc = AT_DESC;
	f->v.state.queue[0].avail = AT_AVAIL;
	f->v.state.queue[0].used = AT_USED;
	f->v.state.queue[0].ready = true;
	virtio_set_status(&f->v, 0x0f);
	CONTEXT("the driver goes from reset to DRIVER_OK, with features 0x%llx",
		(unsigned long long)features);
	EXPECT_U64(f->v.state.status, 0x0f);
}

static inline void fake_push(struct fake *f)
{
	EXPECT_ERR(virtq_push(&f->v.state.queue[0], &f->r.mem, 0, 0), 0);
}

#endif
