// SPDX-License-Identifier: MIT
/* Given: the timer's ports. */
#include "pit.h"

#define GATE	0x01
#define SPEAKER 0x02

void pit_gate_write(struct pit *pit, u8 value)
{
	struct pit_channel *c = &pit->state.channel[2];

	if (!c->gate && (value & GATE) && c->mode != 0 && c->mode != 4)
		c->start_ns = pit->now(pit->ctx);
	c->gate = value & GATE;
	pit->state.speaker = value & SPEAKER;
}

u8 pit_gate_read(struct pit *pit)
{
	const struct pit_channel *c = &pit->state.channel[2];
	u64 now = pit->now(pit->ctx);

	/* Refresh toggles every 15 microseconds; 2 to the 14th nanoseconds is about that. */
	return (u8)(c->gate | pit->state.speaker << 1 | (now >> 14 & 1) << 4 |
		    pit_out(c, now) << 5);
}

static enum verdict pit_io(struct device *dev, bool write, u64 off, void *data, unsigned size)
{
	struct pit *pit = container_of(dev, struct pit, dev);
	u8 *byte = data;

	for (unsigned i = 0; i < size; i++)
		if (write)
			pit_write(pit, (off + i) & 3, byte[i]);
		else
			byte[i] = pit_read(pit, (off + i) & 3);
	return V_RESUME;
}

static enum verdict gate_io(struct device *dev, bool write, u64 off, void *data, unsigned size)
{
	struct pit *pit = container_of(dev, struct pit, gate_dev);
	u8 *byte = data; /* the window is one port wide */

	if (write)
		pit_gate_write(pit, *byte);
	else
		*byte = pit_gate_read(pit);
	return V_RESUME;
}

int pit_init(struct pit *pit, struct bus *pio, struct irqchip *chip)
{
	int err;

	*pit = (struct pit){
		.dev.io = pit_io,
		.gate_dev.io = gate_io,
		.irq = { .chip = chip, .n = PIT_IRQ },
		.fd = -1,
	};
	for (unsigned i = 0; i < 3; i++)
		pit->state.channel[i] =
			(struct pit_channel){ .count = 0x10000, .mode = 3, .gate = i < 2 };
	err = bus_add(pio, PIT_PORT, 4, &pit->dev);
	return err ? err : bus_add(pio, PIT_GATE_PORT, 1, &pit->gate_dev);
}
