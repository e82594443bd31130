// SPDX-License-Identifier: MIT
#include "rom.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define ROM_BASE  (GiB(4) - ROM_SIZE)
#define ROM_MAGIC 0x6d6f7276 /* "vrom" */
#define PVH_MAGIC 0x336ec578
#define INFO_GPA  0x1000 /* the start info and all that it points to, in a page */
#define LINE_MAX  2048	 /* of that page */

struct rom_row {
	u32 from, to, bytes, zeros;
};

struct rom_plan {
	u32 magic, rows, start_info, door, feature_control;
	struct rom_row row[IMAGE_SEGMENTS_MAX + 2];
};

/* As Xen's public/arch-x86/hvm/start_info.h has them. */
struct info {
	struct {
		u32 magic, version, flags, modules;
		u64 module_list, cmdline, rsdp, memory_map;
		u32 memory_map_entries, reserved;
	} start;
	struct {
		u64 at, size, cmdline, reserved;
	} module;
	struct {
		u64 at, size;
		u32 type, reserved;
	} memory[2];
	char cmdline[LINE_MAX];
};

/* Where the next piece goes in the ROM, and the plan so far. */
struct layout {
	u8 *rom;
	u64 at;
	struct rom_plan plan;
};

static int add(struct layout *l, u64 to, const void *data, u64 bytes, u64 zeros, struct why *why)
{
	if (bytes > ROM_SIZE - ROM_CODE - l->at || to > GiB(1) || zeros > GiB(1))
		return why_set(why, -EFBIG, "kernel and guest do not fit into a ROM of %llu KiB",
			       (unsigned long long)ROM_SIZE >> 10);
	memcpy(l->rom + l->at, data, bytes);
	l->plan.row[l->plan.rows++] = (struct rom_row){
		.from = (u32)(ROM_BASE + l->at),
		.to = (u32)to,
		.bytes = (u32)bytes,
		.zeros = (u32)zeros,
	};
	l->at += (bytes + 15) & ~(u64)15;
	return 0;
}

static int add_info(struct layout *l, const struct rom_parts *p, u64 module, struct why *why)
{
	struct info info = {
		.start = {
			.magic = PVH_MAGIC,
			.version = 1,
			.modules = p->module ? 1 : 0,
			.module_list = p->module ? INFO_GPA + offsetof(struct info, module) : 0,
			.cmdline = *p->cmdline ? INFO_GPA + offsetof(struct info, cmdline) : 0,
			.memory_map = INFO_GPA + offsetof(struct info, memory),
			.memory_map_entries = ARRAY_SIZE(info.memory),
		},
		.module = { .at = module, .size = p->module_size },
		.memory = { { .size = 0xa0000, .type = 1 },
			    { .at = MiB(1), .size = p->memory - MiB(1), .type = 1 } },
	};

	if (strlen(p->cmdline) >= sizeof(info.cmdline))
		return why_set(why, -EFBIG, "a command line of more than %zu bytes",
			       sizeof(info.cmdline) - 1);
	memcpy(info.cmdline, p->cmdline, strlen(p->cmdline) + 1);
	l->plan.start_info = INFO_GPA;
	return add(l, INFO_GPA, &info, sizeof(info), 0, why);
}

static int read_code(u8 *to, const char *path, struct why *why)
{
	FILE *f = fopen(path, "rb");
	size_t n;

	if (!f)
		return why_set(why, -errno, "%s: %s", path, strerror(errno));
	n = fread(to, 1, ROM_CODE, f);
	fclose(f);
	return n == ROM_CODE ? 0 : why_set(why, -EIO, "%s: it is cut off", path);
}

int rom_build(u8 *rom, const struct rom_parts *p, struct why *why)
{
	struct layout l = {
		.rom = rom,
		.at = sizeof(l.plan),
		.plan = { .magic = ROM_MAGIC,
			  .door = (u32)p->image->pvh_entry,
			  .feature_control = p->feature_control },
	};
	u64 module = (p->memory - p->module_size) & ~(PAGE_SIZE_4K - 1);
	int err = 0;

	memset(rom, 0, ROM_SIZE);
	if (p->module_size > ROM_SIZE)
		return why_set(why, -EFBIG, "a guest of more than %llu KiB",
			       (unsigned long long)ROM_SIZE >> 10);
	for (unsigned i = 0; i < p->image->nsegments && !err; i++) {
		const struct image_segment *s = &p->image->segment[i];

		err = add(&l, s->paddr, s->data, s->filesz, s->memsz - s->filesz, why);
	}
	if (!err && p->module)
		err = add(&l, module, p->module, p->module_size, 0, why);
	if (!err)
		err = add_info(&l, p, module, why);
	if (!err)
		err = read_code(rom + ROM_SIZE - ROM_CODE, p->code, why);
	memcpy(rom, &l.plan, sizeof(l.plan));
	return err;
}
