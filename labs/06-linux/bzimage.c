// SPDX-License-Identifier: MIT
#include "bzimage.h"

#include <errno.h>
#include <string.h>

#include "layout.h"
#include "slots.h"
#include "todo.h"

/* [book:6.2] */
/* TASK 6.2 */
#if SOL >= 602
#define HEADER_AT	0x1f1	   /* struct setup_header in the file, and in the zero page */
#define HEADER_MAGIC	0x53726448 /* "HdrS" */
#define JUMP_AT		0x200 /* a short jump over the header: its operand says where that ends */
#define SECTOR		512
#define PARAGRAPH	16   /* bytes: what syssize counts, rounded up */
#define OLD_SETUP_SECTS 4    /* what 0 means: boot.rst, setup_sects */
#define LOADER_UNKNOWN	0xff /* type_of_loader: none of the list */
#define VERSION_MIN	0x206
#define INIT_SIZE	0x20a /* pref_address and init_size are there */

/* Who cannot be moved is loaded elsewhere, and goes to pref_address: boot.rst, init_size. */
static u64 unpacked_end(const struct bzimage *bz)
{
	const struct setup_header *h = &bz->header;
	u64 start = h->pref_address ? h->pref_address : bz->load_gpa;
	u64 unpacked = start <= UINT64_MAX - h->init_size ? start + h->init_size : UINT64_MAX;
	u64 loaded = bz->load_gpa + bz->code_size;

	return h->version >= INIT_SIZE && unpacked > loaded ? unpacked : loaded;
}

#endif

int bzimage_parse(struct bzimage *bz, const u8 *file, u64 size, struct why *why)
{
	*bz = (struct bzimage){ .code = NULL };
	/* TASK 6.2 */
#if SOL >= 602
	struct setup_header *h = &bz->header;
	u64 header_size, setup;

	if (size < HEADER_AT + sizeof(*h) || memcmp(file + 0x202, "HdrS", 4) != 0)
		return why_set(why, -ENOEXEC, "the header of a Linux kernel is cut off");
	/* An old header is shorter: what lies behind it is no field. */
	header_size = min_u64(JUMP_AT + 2 + file[JUMP_AT + 1] - HEADER_AT, sizeof(*h));
	memcpy(h, file + HEADER_AT, header_size);
	if (h->version < VERSION_MIN)
		return why_set(why, -ENOEXEC,
			       "its boot protocol is %u.%02u; this VMM speaks 2.06 and later",
			       h->version >> 8, h->version & 0xff);
	if (!(h->loadflags & LOADED_HIGH))
		return why_set(
			why, -ENOEXEC,
			"a zImage, which is to be loaded below 1 MiB; this VMM loads bzImages");
	setup = (1 + (h->setup_sects ? h->setup_sects : OLD_SETUP_SECTS)) * (u64)SECTOR;
	if (setup >= size)
		return why_set(why, -ENOEXEC,
			       "cut off: its setup code alone has %llu bytes, and the file %llu",
			       (unsigned long long)setup, (unsigned long long)size);
	bz->code = file + setup;
	bz->code_size = size - setup;
	if (bz->code_size + PARAGRAPH - 1 < h->syssize * (u64)PARAGRAPH)
		return why_set(why, -ENOEXEC,
			       "cut off: its protected-mode code has %llu bytes, and the file has "
			       "%llu of them",
			       (unsigned long long)h->syssize * PARAGRAPH,
			       (unsigned long long)bz->code_size);
	bz->load_gpa = h->version >= INIT_SIZE && h->relocatable_kernel ? h->pref_address
									: h->code32_start;
	bz->end_gpa = unpacked_end(bz);
	return 0;
#else
	return TODO("6.2");
#endif
}

/* TASK 6.2 */
#if SOL >= 602
static void fill_map(struct boot_params *zero, const struct ranges *r)
{
	zero->e820_entries = (u8)r->count;
	for (unsigned i = 0; i < r->count; i++)
		zero->e820_table[i] = (struct boot_e820_entry){
			.addr = r->range[i].gpa,
			.size = r->range[i].size,
			.type = r->range[i].type,
		};
}

/* What the BIOS would have said of the screen: without that, a kernel does not use it. */
static const struct screen_info text_screen = {
	.orig_video_mode = 3, /* 80 by 25, 16 colours */
	.orig_video_cols = 80,
	.orig_video_lines = 25,
	.orig_video_points = 16, /* of a character's height */
	.orig_video_isVGA = 1,
};

static int write_zero_page(const struct bzimage *bz, struct mem *mem, const struct handover *h)
{
	struct boot_params zero = { .hdr = bz->header };

	zero.hdr.type_of_loader = LOADER_UNKNOWN;
	zero.hdr.code32_start = (u32)bz->load_gpa;
	zero.hdr.cmd_line_ptr = CMDLINE_GPA;
	zero.hdr.ramdisk_image = (u32)h->initrd.gpa;
	zero.hdr.ramdisk_size = (u32)h->initrd.size;
	zero.acpi_rsdp_addr = h->rsdp;
	if (h->vga)
		zero.screen_info = text_screen;
	fill_map(&zero, &h->ranges);
	return mem_write(mem, ZERO_PAGE_GPA, &zero, sizeof(zero));
}

#endif

int bzimage_load(const struct bzimage *bz, struct mem *mem, struct handover *h, struct why *why)
{
	/* TASK 6.2 */
#if SOL >= 602
	u64 memory = ranges_ram_end(&h->ranges, UINT64_MAX), len = strlen(h->cmdline);
	u64 len_max = min_u64(bz->header.cmdline_size, CMDLINE_SIZE - 1);
	int err;

	if (len > len_max)
		return why_set(why, -EFBIG,
			       "the command line has %llu bytes, and this kernel takes %llu",
			       (unsigned long long)len, (unsigned long long)len_max);
	if (bz->load_gpa < HIGH_GPA)
		return why_set(
			why, -EFBIG,
			"it wants to be loaded at 0x%llx, but below 1 MiB there is no room for "
			"a kernel",
			(unsigned long long)bz->load_gpa);
	if (bz->load_gpa > MEMORY_MAX || bz->end_gpa > MEMORY_MAX)
		return why_set(
			why, -EFBIG,
			"it wants memory from 0x%llx up to 0x%llx, and no guest has more than "
			"3 GiB of memory",
			(unsigned long long)bz->load_gpa, (unsigned long long)bz->end_gpa);
	if (bz->end_gpa > memory)
		return why_set(why, -EFBIG,
			       "it is loaded at 0x%llx and needs memory up to 0x%llx until it is "
			       "unpacked, but memory ends at 0x%llx; it needs --memory=%lluM",
			       (unsigned long long)bz->load_gpa, (unsigned long long)bz->end_gpa,
			       (unsigned long long)memory,
			       (unsigned long long)((bz->end_gpa + MiB(1) - 1) / MiB(1)));
	err = initrd_load(&h->initrd, mem, &h->ranges, bz->end_gpa,
			  (u64)bz->header.initrd_addr_max + 1, why);
	if (err)
		return err;
	err = mem_write(mem, bz->load_gpa, bz->code, bz->code_size);
	if (!err)
		err = mem_write(mem, CMDLINE_GPA, h->cmdline, len + 1);
	if (!err)
		err = write_zero_page(bz, mem, h);
	return err ? why_set(why, err, "guest memory does not take it: %s", strerror(-err)) : 0;
#else
	return TODO("6.2");
#endif
}
/* [book:end] */
