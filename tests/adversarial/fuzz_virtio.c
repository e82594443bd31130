// SPDX-License-Identifier: MIT
/*
 * A fuzzer for the transport and what is behind it: a driver that writes to registers and to memory
 * as the input says, and a device that takes each chain, fills it and gives it back. What must hold
 * after each access:
 *
 *	- the status goes only where 3.1.1 lets it: bits are added, or all are gone;
 *	- NEEDS_RESET comes from the device alone;
 *	- a queue that is ready has passed virtq_check(), and stays as it is;
 *	- before DRIVER_OK, and after NEEDS_RESET, no byte of memory changes;
 *	- the interrupt line is high exactly as long as InterruptStatus is not 0;
 *	- the device's configuration is only asked for what it has; a read fills all bytes that were
 *	  asked for, and no other.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "input.h"
#include "virtio_mmio.h"

#define RAM    0x10000ULL
#define SIZE   0x4000ULL
#define CONFIG 11
#define GUARD  0xa5

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

struct machine {
	struct mem mem;
	struct bus mmio;
	struct virtio v;
	struct virtio_mmio t;
	struct irqchip chip;
	bool level;
	u8 before[SIZE];
};

/* --- the device --- */

static void fill_all(struct virtio *v, unsigned queue)
{
	struct chain c;

	must(queue < v->ops->nqueues && virtio_live(v) && v->state.queue[queue].ready);
	while (virtio_pop(v, queue, &c)) {
		u8 bytes[32];
		u64 n = chain_read(&c, 0, bytes, sizeof(bytes));

		virtio_push(v, queue, &c, (u32)chain_write(&c, 0, bytes, n));
	}
	virtio_interrupt(v, queue);
}

static void config_read(struct virtio *v, u32 off, void *data, u32 len)
{
	must(len > 0 && off < CONFIG && len <= CONFIG - off);
	memset(data, GUARD ^ 0xff, len);
}

static void config_write(struct virtio *v, u32 off, const void *data, u32 len)
{
	must(len > 0 && off < CONFIG && len <= CONFIG - off);
	virtio_config_changed(v);
}

static const struct virtio_ops device_ops = {
	.name = "fuzzed",
	.id = 42,
	.nqueues = 2,
	.config_size = CONFIG,
	.features = 0x5,
	.notify = fill_all,
	.config_read = config_read,
	.config_write = config_write,
};

static void set_line(struct irqchip *chip, unsigned n, bool level)
{
	container_of(chip, struct machine, chip)->level = level;
}

static const struct irqchip_ops chip_ops = { .set = set_line };

/* --- the input, taken from its front; zeros when it is used up --- */

/* --- what must hold --- */

static void status_must_fit(const struct virtio *v, u8 from, u8 to, bool written)
{
	must(!(to & ~(VIRTIO_STATUS_DRIVER | VIRTIO_NEEDS_RESET)));
	must(to == 0 ? from == 0 || written : !(from & ~to));
	must(!(to & VIRTIO_DRIVER) || (to & VIRTIO_ACKNOWLEDGE));
	must(!(to & VIRTIO_FEATURES_OK) || (to & VIRTIO_DRIVER));
	must(!(to & VIRTIO_DRIVER_OK) || (to & VIRTIO_FEATURES_OK));
	if (to & VIRTIO_FEATURES_OK)
		must(!(v->state.accepted & ~v->offered) &&
		     (v->state.accepted & VIRTIO_F_VERSION_1));
	must(!(to & VIRTIO_NEEDS_RESET) || v->told_broken);
	must(!(to & VIRTIO_NEEDS_RESET) || !virtio_live(v));
	if (to == 0) {
		must(!v->state.interrupt || !written);
		for (unsigned i = 0; i < 2; i++)
			must(!written || (!v->state.queue[i].ready && !v->state.queue[i].size));
	}
}

static void queue_must_fit(struct machine *m, const struct virtq *from, const struct virtq *to)
{
	struct virtq copy = *to;

	if (!to->ready)
		return;
	must(virtq_check(&copy, &m->mem) == 0);
	if (from->ready)
		must(from->size == to->size && from->desc == to->desc && from->avail == to->avail &&
		     from->used == to->used);
}

/* --- one access --- */

static u64 take_offset(struct input *in)
{
	static const u16 reg[] = { 0x14, 0x20, 0x24, 0x30, 0x38, 0x44, 0x50, 0x64,
				   0x70, 0x80, 0x84, 0x90, 0x94, 0xa0, 0xa4, 0x70 };
	u64 how = take(in, 1);

	return how < 0xc0 ? reg[how % 16] : how < 0xe0 ? 4 * take(in, 1) : take(in, 2) % 0x1f9;
}

/* Values that mean something to one register or the other. */
static u64 take_value(struct input *in)
{
	static const u32 known[] = {
		0,    1,   3,	       0xb,	     0xf,	   8,
		4,    256, RAM,	       RAM + 0x1000, RAM + 0x2000, RAM + SIZE - 0x80,
		0x8f, 2,   0x30000000, 0xffffffff
	};
	u64 how = take(in, 1);

	return how < 0xe0 ? known[how % 16] : take(in, 8);
}

static void access_bus(struct machine *m, struct input *in)
{
	u64 off = take_offset(in), how = take(in, 1), value = take_value(in);
	unsigned size = how < 0xe0 ? 4 : 1u << how % 4;
	bool write = how & 4, idle = !virtio_live(&m->v);
	u8 data[8], status = m->v.state.status;
	struct virtq queue[2] = { m->v.state.queue[0], m->v.state.queue[1] };

	memset(data, GUARD, sizeof(data));
	if (write)
		memcpy(data, &value, size);
	if (idle)
		memcpy(m->before, m->mem.slot[0].hva, SIZE);
	must(bus_io(&m->mmio, VIRTIO_MMIO_GPA + off, write, data, size) == V_RESUME);
	for (unsigned i = 0; i < size; i++)
		must(write || data[i] != GUARD);
	for (unsigned i = size; i < sizeof(data); i++)
		must(data[i] == GUARD);
	if (idle)
		must(!memcmp(m->before, m->mem.slot[0].hva, SIZE));
	status_must_fit(&m->v, status, m->v.state.status,
			write && off == VIRTIO_MMIO_STATUS && size == 4 && !(u32)value);
	for (unsigned i = 0; i < 2; i++)
		queue_must_fit(m, &queue[i], &m->v.state.queue[i]);
	must(m->level == (m->v.state.interrupt != 0));
}

/* The driver's side of the queues: any two or eight bytes of memory. */
static void write_memory(struct machine *m, struct input *in)
{
	u64 how = take(in, 1), at = RAM + 2 * take(in, 2) % SIZE, value;

	value = how & 1 ? take_value(in) : take(in, 2);
	(void)mem_write(&m->mem, at, &value, how & 1 ? 8 : 2);
}

/* What the input can change afterwards: a driver that does all as it should. */
static void start_well(struct machine *m)
{
	static const struct {
		u16 off;
		u32 value;
	} good[] = { { 0x70, 1 },
		     { 0x70, 3 },
		     { 0x24, 0 },
		     { 0x20, 0x30000000 },
		     { 0x24, 1 },
		     { 0x20, 1 },
		     { 0x70, 0xb },
		     { 0x38, 8 },
		     { 0x80, RAM },
		     { 0x90, RAM + 0x1000 },
		     { 0xa0, RAM + 0x2000 },
		     { 0x44, 1 },
		     { 0x70, 0xf } };

	for (unsigned i = 0; i < ARRAY_SIZE(good); i++)
		virtio_mmio_write(&m->t, good[i].off, good[i].value);
	must(virtio_live(&m->v) && m->v.state.queue[0].ready);
}

/* A broken driver is told on stderr, which would be all that one sees. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	FILE *nowhere = fopen("/dev/null", "w");

	if (nowhere)
		stderr = nowhere;
	return 0;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct input in = { data, size };
	struct machine *m = calloc(1, sizeof(*m));

	must(m);
	m->mem.slot[0] = (struct memslot){ .gpa = RAM, .size = SIZE, .hva = calloc(1, SIZE) };
	m->mem.nslots = 1;
	m->chip.ops = &chip_ops;
	virtio_init(&m->v, &device_ops, &m->mem);
	m->v.irq = (struct irq_line){ .chip = &m->chip, .n = 5 };
	must(!virtio_mmio_init(&m->t, &m->mmio, 0, &m->v));
	if (take(&in, 1) & 1)
		start_well(m);
	while (in.left) {
		if (take(&in, 1) % 4 == 0)
			write_memory(m, &in);
		else
			access_bus(m, &in);
	}
	free(m->mem.slot[0].hva);
	free(m);
	return 0;
}
