// SPDX-License-Identifier: MIT
/*
 * What finding the device costs, as devices become more: bus_io() alone, for the only device of one
 * bus and for the last of 20 on another, in turn. Prints `one NS twenty NS`, the least of all
 * rounds.
 */
#include <stdio.h>

#include "bus.h"
#include "pairs.h"

#define ROUNDS 60
#define CALLS  20000
#define MANY   20
#define PORTS  8

static enum verdict idle_io(struct device *dev, bool write, u64 off, void *data, unsigned size)
{
	return V_RESUME;
}

static void round_of(struct bus *bus, u64 port, double *least)
{
	double start = pairs_now(NULL), ns;
	u8 data = 0;

	for (unsigned i = 0; i < CALLS; i++)
		bus_io(bus, port, true, &data, 1);
	ns = (pairs_now(NULL) - start) / CALLS;
	if (ns < *least)
		*least = ns;
}

int main(void)
{
	static struct device dev[MANY];
	static struct bus one, twenty;
	const u64 last = (u64)(MANY - 1) * PORTS;
	double one_ns = 1e18, twenty_ns = 1e18;

	for (unsigned i = 0; i < MANY; i++) {
		dev[i].io = idle_io;
		if (bus_add(&twenty, (u64)i * PORTS, PORTS, &dev[i]))
			return 1;
	}
	if (bus_add(&one, last, PORTS, &dev[MANY - 1]))
		return 1;
	for (unsigned i = 0; i < ROUNDS; i++) {
		round_of(&one, last, &one_ns);
		round_of(&twenty, last, &twenty_ns);
	}
	printf("one %.1f twenty %.1f\n", one_ns, twenty_ns);
	return 0;
}
