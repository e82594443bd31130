// SPDX-License-Identifier: MIT
/*
 * A fuzzer for the bus: two devices at windows that the input chooses, then accesses anywhere.
 * Each byte of an access belongs to the device whose window holds its address, or to nobody; that
 * is all the model needs, since the devices answer by address.
 */
#include <stdlib.h>
#include <string.h>

#include "input.h"
#include "bus.h"

#define GUARD  0xa5
#define GUARDS 8 /* bytes on each side of an access */
#define DATA   8 /* the widest access */

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

struct fake {
	struct device dev;
	u64 base, len;
	bool stops; /* each access ends the run */
	unsigned calls;
};

/* The byte that lives at an address; never 0xff, which nobody's bytes are. */
static u8 byte_at(u64 addr)
{
	return (u8)((addr * 0x9e3779b97f4a7c15 >> 56) % 255);
}

static enum verdict fake_io(struct device *dev, bool write, u64 off, void *data, unsigned size)
{
	struct fake *fake = container_of(dev, struct fake, dev);
	u8 *bytes = data;

	must(size >= 1 && size <= DATA && size <= fake->len && off <= fake->len - size);
	fake->calls++;
	for (unsigned i = 0; i < size; i++) {
		if (write)
			must(bytes[i] == byte_at(fake->base + off + i));
		else
			bytes[i] = byte_at(fake->base + off + i);
	}
	return fake->stops ? V_EXIT : V_RESUME;
}

/* --- the input, taken from its front; zeros when it is used up --- */

/* Addresses near each other and near the ends are what goes wrong: few bits are taken of each. */
static u64 take_addr(struct input *in)
{
	static const u64 origin[] = { 0, 0xe9, 0x10000, 1ull << 32, 1ull << 63, UINT64_MAX - 64 };
	u64 from = take(in, 1);

	return from == 0xff ? take(in, 8) : origin[from % ARRAY_SIZE(origin)] + take(in, 1) % 80;
}

static struct fake *owner(struct fake *fakes, u64 addr)
{
	for (unsigned i = 0; i < 2; i++)
		if (addr >= fakes[i].base && addr - fakes[i].base < fakes[i].len)
			return &fakes[i];
	return NULL;
}

/* Is the access a device's own, or does it fall apart into bytes? Either way: who ends the run? */
static enum verdict expected(struct fake *fakes, u64 addr, unsigned size, u8 *bytes)
{
	for (unsigned i = 0; i < size; i++) {
		struct fake *fake = owner(fakes, addr + i);

		bytes[i] = fake ? byte_at(addr + i) : 0xff;
	}
	for (unsigned i = 0; i < size; i++) {
		struct fake *fake = owner(fakes, addr + i);

		if (fake && fake->stops)
			return V_EXIT;
	}
	return V_RESUME;
}

static void access_bus(struct bus *bus, struct fake *fakes, struct input *in)
{
	u64 addr = take_addr(in);
	bool write = take(in, 1) & 1;
	unsigned size = 1u << take(in, 1) % 4;
	u8 room[2 * GUARDS + DATA], before[sizeof(room)], want[DATA];
	enum verdict verdict = expected(fakes, addr, size, want);

	memset(room, GUARD, sizeof(room));
	for (unsigned i = 0; i < size && write; i++)
		room[GUARDS + i] = byte_at(addr + i);
	memcpy(before, room, sizeof(room));
	must(bus_io(bus, addr, write, room + GUARDS, size) == verdict);
	must(!memcmp(room, before, GUARDS));
	must(!memcmp(room + GUARDS + size, before + GUARDS + size, sizeof(room) - GUARDS - size));
	if (write)
		must(!memcmp(room, before, sizeof(room)));
	else if (verdict == V_RESUME) /* after V_EXIT nobody looks at the rest */
		must(!memcmp(room + GUARDS, want, size));
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct input in = { data, size };
	struct fake fakes[2] = { { .dev.io = fake_io }, { .dev.io = fake_io } };
	struct bus bus = { .nwindows = 0 };

	for (unsigned i = 0; i < 2; i++) {
		u64 base = take_addr(&in), len = take(&in, 1) % 24;
		int err;

		if (len == 23)
			len = take(&in, 8);
		fakes[i].stops = take(&in, 1) % 4 == 0;
		err = bus_add(&bus, base, len, &fakes[i].dev);
		must((err != 0) == (len == 0 || base > UINT64_MAX - len ||
				    (fakes[0].len && base < fakes[0].base + fakes[0].len &&
				     fakes[0].base < base + len)));
		if (err)
			continue;
		fakes[i].base = base;
		fakes[i].len = len;
	}
	while (in.left)
		access_bus(&bus, fakes, &in);
	return 0;
}
