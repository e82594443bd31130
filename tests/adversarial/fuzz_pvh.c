// SPDX-License-Identifier: MIT
/*
 * A fuzzer for the other loader of lab 06: any bytes at all as an ELF file with a PVH note. What is
 * loaded must lie where its headers say, whole, apart from all else; what is refused must have a
 * reason.
 */
#include "layout.h"
#include "loaders.h"
#include "pvh_place.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

/* Nothing has been written over a segment. */
static void check_segment(const struct image_segment *seg, const struct mem *mem)
{
	u64 n;

	for (u64 at = 0; at < seg->filesz; at += n) {
		const void *there;

		n = seg->filesz - at;
		there = mem_span(mem, seg->paddr + at, &n);
		must(there && !memcmp(there, seg->data + at, n));
	}
}

/* A kernel's segments may be anywhere; where memory lies behind them, it is RAM, too. */
static void check_room(const struct image *image, const struct mem *mem,
		       const struct initrd *initrd)
{
	for (unsigned i = 0; i < image->nsegments; i++) {
		const struct image_segment *seg = &image->segment[i];

		must(mem_is_ram(mem, seg->paddr, seg->memsz, true));
		must(initrd->fd < 0 || seg->paddr + seg->memsz <= initrd->gpa);
	}
}

static void check_told(const struct handover *h, const struct mem *mem)
{
	struct pvh_start_info info;
	struct pvh_module module;
	struct pvh_memory last;
	char line[32];

	must(!mem_read(mem, PVH_INFO_GPA, &info, sizeof(info)) && info.magic == PVH_MAGIC);
	must(!mem_read(mem, info.cmdline, line, strlen(h->cmdline) + 1) &&
	     !strcmp(line, h->cmdline));
	must(info.memory_map_entries == h->ranges.count);
	must(!mem_read(mem, info.memory_map + (h->ranges.count - 1) * sizeof(last), &last,
		       sizeof(last)));
	must(last.gpa + last.size == MEMORY && last.type == RANGE_RAM);
	must(info.modules == (h->initrd.fd >= 0));
	if (!info.modules)
		return;
	must(!mem_read(mem, info.module_list, &module, sizeof(module)));
	must(module.gpa == h->initrd.gpa && module.size == h->initrd.size);
	must(module.gpa >= HIGH_GPA && module.gpa + module.size <= MEMORY);
}

static void load(const struct image *image, size_t size)
{
	const struct image_room room = { MEMORY, LOW_END_GPA, HIGH_GPA, LINUX_LAB };
	struct handover h = { .cmdline = "console=ttyS0", .initrd = { .fd = -1 } };
	struct why why = { "" };

	if (image_fits(image, &room, &why)) {
		check_why(&why);
		return;
	}
	ranges_of(&h.ranges, MEMORY);
	if (size & 1)
		initrd_file(&h.initrd, size);
	if (place_pvh(machine(), image, &h, &why)) {
		check_why(&why);
		return;
	}
	check_room(image, machine(), &h.initrd);
	for (unsigned i = 0; i < image->nsegments; i++)
		check_segment(&image->segment[i], machine());
	check_told(&h, machine());
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct image image;
	struct why why = { "" };
	u8 *bytes = size ? malloc(size) : NULL;

	if (!bytes)
		return 0;
	memcpy(bytes, data, size);
	if (image_parse(&image, bytes, size, &why)) {
		check_why(&why);
		return 0;
	}
	if (!image.has_pvh || image_entry(&image, MODE_PROTECTED, &image.mode, &image.start, &why))
		must(!image.has_pvh || image.kind == IMAGE_FLAT || why.text[0]);
	else
		load(&image, size);
	image_close(&image);
	return 0;
}
