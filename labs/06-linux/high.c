// SPDX-License-Identifier: MIT
#include "high.h"

#include "todo.h"

/* [book:6.9] */
int high_init(struct mem *mem, int vm_fd, u64 above)
{
	/* TASK 6.9 */
#if SOL >= 609
	return mem_add(mem, vm_fd, ABOVE_GPA, above);
#else
	return TODO("6.9");
#endif
}

void high_range(struct ranges *r, u64 above)
{
	/* TASK 6.9 */
#if SOL >= 609
	r->range[r->count++] = (struct range){ .gpa = ABOVE_GPA, .size = above, .type = RANGE_RAM };
#else
	TODO("6.9");
#endif
}
/* [book:end] */
