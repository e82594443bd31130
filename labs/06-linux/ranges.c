// SPDX-License-Identifier: MIT
#include "ranges.h"

#include "layout.h"
#include "slots.h"

static void add(struct ranges *r, u64 gpa, u64 end, enum range_type type)
{
	if (end > gpa)
		r->range[r->count++] =
			(struct range){ .gpa = gpa, .size = end - gpa, .type = type };
}

void ranges_of(struct ranges *r, u64 memory)
{
	*r = (struct ranges){ .count = 0 };
	add(r, 0, min_u64(memory, LOW_END_GPA), RANGE_RAM);
	add(r, LEGACY_ROM_GPA, LEGACY_ROM_GPA + LEGACY_ROM_SIZE, RANGE_RESERVED);
	add(r, HIGH_GPA, memory, RANGE_RAM);
}

u64 ranges_ram_end(const struct ranges *r, u64 limit)
{
	u64 end = 0;

	for (unsigned i = 0; i < r->count; i++)
		if (r->range[i].type == RANGE_RAM && r->range[i].gpa < limit)
			end = min_u64(r->range[i].gpa + r->range[i].size, limit);
	return end;
}
