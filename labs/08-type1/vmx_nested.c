// SPDX-License-Identifier: MIT
/* Task 8.8: a guest's physical memory by an EPT, that of task 3.12. */
#include "vmx.h"

#include <errno.h>

#include "todo.h"

/* TASK 8.8 */
#if SOL >= 808
static int map(struct guest *guest, u64 address, u64 machine, u64 size, unsigned may)
{
	unsigned level = size == LEVEL_SIZE(2) ? 2 : 1;
	u64 flags = EPT_TYPE_WB | (may & MAY_READ ? EPT_R : 0) | (may & MAY_WRITE ? EPT_W : 0) |
		    (may & MAY_FETCH ? EPT_X : 0);

	if (size != LEVEL_SIZE(level))
		return -EINVAL;
	return ept_map(&guest->nested.ept, address, machine, level, flags);
}

static u64 *entry(struct guest *guest, u64 address)
{
	struct ept_walk w;

	if (ept_walk(&guest->nested.ept, address, EPT_R, &w))
		return NULL;
	return at(w.address[w.reads - 1]);
}
#endif

int vmx_nested_init(struct guest *guest)
{
	/* TASK 8.8 */
#if SOL >= 808
	struct nested *n = &guest->nested;
	u64 from;
	int err;

	if (!guest->host->nested)
		return 0;
	from = pages_alloc(guest->host->pages, NESTED_TABLES);
	if (!from)
		return -ENOMEM;
	machine_memory_flat(&n->machine);
	err = ept_init(&n->ept, &n->machine.pm, from, from + NESTED_TABLES * PAGE_SIZE_4K);
	if (err)
		return err;
	n->map = map;
	n->entry = entry;
	return 0;
#else
	return (TODO_NOTED("8.8"), 0);
#endif
}

u64 vmx_ept_pointer(const struct guest *guest)
{
	/* TASK 8.8 */
#if SOL >= 808
	return ept_pointer(&guest->nested.ept);
#else
	return (TODO("8.8"), 0);
#endif
}
