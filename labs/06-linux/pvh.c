// SPDX-License-Identifier: MIT
#include "pvh.h"

#include <errno.h>
#include <string.h>

#include "layout.h"
#include "todo.h"

/* [book:6.1] */
/* TASK 6.1 */
#if SOL >= 601
#define MODULE_GPA (PVH_INFO_GPA + sizeof(struct pvh_start_info))
#define MAP_GPA	   (MODULE_GPA + sizeof(struct pvh_module))

static int write_module(struct mem *mem, const struct initrd *initrd)
{
	const struct pvh_module module = { .gpa = initrd->gpa, .size = initrd->size };

	return mem_write(mem, MODULE_GPA, &module, sizeof(module));
}

static int write_map(struct mem *mem, const struct ranges *r)
{
	int err = 0;

	for (unsigned i = 0; i < r->count && !err; i++) {
		const struct range *range = &r->range[i];
		const struct pvh_memory entry = { range->gpa, range->size, range->type, 0 };

		err = mem_write(mem, MAP_GPA + i * sizeof(entry), &entry, sizeof(entry));
	}
	return err;
}

#endif

int pvh_write(struct mem *mem, const struct handover *h)
{
	/* TASK 6.1 */
#if SOL >= 601
	struct pvh_start_info info = {
		.magic = PVH_MAGIC,
		.version = 1,
		.cmdline = CMDLINE_GPA,
		.rsdp = h->rsdp,
		.memory_map = MAP_GPA,
		.memory_map_entries = h->ranges.count,
	};
	u64 len = strlen(h->cmdline) + 1;
	int err;

	if (len > CMDLINE_SIZE)
		return -E2BIG;
	if (h->initrd.size) {
		info.modules = 1;
		info.module_list = MODULE_GPA;
	}
	err = mem_write(mem, PVH_INFO_GPA, &info, sizeof(info));
	if (!err && info.modules)
		err = write_module(mem, &h->initrd);
	if (!err)
		err = write_map(mem, &h->ranges);
	return err ? err : mem_write(mem, CMDLINE_GPA, h->cmdline, len);
#else
	return TODO("6.1");
#endif
}
/* [book:end] */
