/* SPDX-License-Identifier: MIT */
/* Given: what the guest is told of its memory, whichever way its loader tells it. */
#ifndef RANGES_H
#define RANGES_H

#include "mem.h"

#define RANGES_MAX 8

/* ACPI 6.4, table 15.1. */
enum range_type { RANGE_RAM = 1, RANGE_RESERVED = 2 };

struct range {
	u64 gpa, size; /* bytes */
	enum range_type type;
};

struct ranges {
	struct range range[RANGES_MAX]; /* in the order of their addresses; none overlap */
	unsigned count;
};

/*
 * The map of a machine with that RAM (bytes, --memory): RAM up to 640 KiB, the range of the legacy
 * ROMs reserved, RAM from 1 MiB on.
 */
void ranges_of(struct ranges *r, u64 memory);

/* The end of the last RAM that lies below `limit` (guest-physical): 0, if there is none. */
u64 ranges_ram_end(const struct ranges *r, u64 limit);

#endif
