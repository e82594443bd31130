// SPDX-License-Identifier: MIT
/* Task 6.1: the start info of a PVH kernel, and where its module lies. */
#include <errno.h>

#include "kernel.h"

#define NUMBER(at, bytes) room_number(&r, at, bytes)

TEST("6.1", start_info_says_where_all_is, 2)
{
	struct room r;
	u64 map;

	room_init(&r);
	r.h.cmdline = "console=ttyS0 quiet";
	r.h.rsdp = 0xe0000;
	EXPECT_ERR(pvh_write(&r.mem, &r.h), 0);
	CONTEXT("without a module; the numbers stand in the order of Xen's start_info.h");
	EXPECT_U64(NUMBER(PVH_INFO_GPA, 4), 0x336ec578);
	EXPECT_U64(NUMBER(PVH_INFO_GPA + 4, 4), 1);
	EXPECT_U64(NUMBER(PVH_INFO_GPA + 8, 4), 0);
	EXPECT_U64(NUMBER(PVH_INFO_GPA + 12, 4), 0);
	EXPECT_STR((char *)r.bytes + NUMBER(PVH_INFO_GPA + 24, 8), "console=ttyS0 quiet");
	EXPECT_U64(NUMBER(PVH_INFO_GPA + 32, 8), 0xe0000);
	CONTEXT("the memory map: three entries of 24 bytes, an address, bytes, a type");
	map = NUMBER(PVH_INFO_GPA + 40, 8);
	EXPECT_U64(NUMBER(PVH_INFO_GPA + 48, 4), 3);
	EXPECT_U64(NUMBER(map, 8), 0);
	EXPECT_U64(NUMBER(map + 8, 8), 0xa0000);
	EXPECT_U64(NUMBER(map + 16, 8), 1);
	EXPECT_U64(NUMBER(map + 24, 8), 0xc0000);
	EXPECT_U64(NUMBER(map + 24 + 16, 8), 2);
	EXPECT_U64(NUMBER(map + 48, 8), 0x100000);
	EXPECT_U64(NUMBER(map + 48 + 8, 8), MEMORY - 0x100000);
	EXPECT_U64(NUMBER(map + 48 + 16, 8), 1);
}

TEST("6.1", a_module_is_the_initrd, 1)
{
	struct room r;
	u64 list;

	room_init(&r);
	r.h.initrd = (struct initrd){ .fd = -1, .gpa = 0x1abc000, .size = 0x12345 };
	EXPECT_ERR(pvh_write(&r.mem, &r.h), 0);
	CONTEXT("one module of 32 bytes: address, bytes, no command line of its own");
	EXPECT_U64(NUMBER(PVH_INFO_GPA + 12, 4), 1);
	list = NUMBER(PVH_INFO_GPA + 16, 8);
	EXPECT_U64(NUMBER(list, 8), 0x1abc000);
	EXPECT_U64(NUMBER(list + 8, 8), 0x12345);
	EXPECT_U64(NUMBER(list + 16, 8), 0);
	CONTEXT("nothing is written over: the memory map is whole");
	EXPECT_U64(NUMBER(NUMBER(PVH_INFO_GPA + 40, 8) + 48, 8), 0x100000);
}

TEST("6.1", a_command_line_has_an_end, 1)
{
	struct room r;
	char *text = calloc(1, CMDLINE_SIZE + 1);

	room_init(&r);
	memset(text, 'x', CMDLINE_SIZE);
	r.h.cmdline = text;
	CONTEXT("%d bytes, without the NUL: one too many", CMDLINE_SIZE);
	EXPECT_ERR(pvh_write(&r.mem, &r.h), -E2BIG);
	text[CMDLINE_SIZE - 1] = 0;
	memset(r.bytes + CMDLINE_GPA, 0xee, CMDLINE_SIZE + 1);
	CONTEXT("as many as there is room for");
	EXPECT_ERR(pvh_write(&r.mem, &r.h), 0);
	EXPECT_U64(r.bytes[CMDLINE_GPA + CMDLINE_SIZE - 2], 'x');
	EXPECT_U64(r.bytes[CMDLINE_GPA + CMDLINE_SIZE - 1], 0);
	EXPECT_U64(r.bytes[CMDLINE_GPA + CMDLINE_SIZE], 0xee);
}

/* --- the initrd --- */

static void expect_initrd(struct room *r, u64 floor, u64 limit, u64 size, u64 gpa)
{
	u8 *bytes = room_initrd(r, size);
	struct why why;

	CONTEXT("%llu bytes between 0x%llx and 0x%llx, in %llu MiB of memory",
		(unsigned long long)size, (unsigned long long)floor, (unsigned long long)limit,
		(unsigned long long)(MEMORY >> 20));
	EXPECT_ERR(initrd_load(&r->h.initrd, &r->mem, &r->h.ranges, floor, limit, &why), 0);
	EXPECT_U64(r->h.initrd.gpa, gpa);
	EXPECT_BYTES(r->bytes + gpa, bytes, size);
}

TEST("6.1", the_initrd_lies_as_high_as_it_goes, 2)
{
	struct room r;

	room_init(&r);
	expect_initrd(&r, MiB(1), GiB(4), 4096, MEMORY - 4096);
	expect_initrd(&r, MiB(1), GiB(4), 4097, MEMORY - 8192);
	expect_initrd(&r, MiB(1), GiB(4), 1, MEMORY - 4096);
	CONTEXT("a kernel that takes no initrd above 16 MiB");
	expect_initrd(&r, MiB(1), MiB(16), 100000, MiB(16) - 102400);
	expect_initrd(&r, MiB(1), MiB(16) + 100, 4096, MiB(16) - 4096);
}

static void expect_no_room(struct room *r, u64 floor, u64 limit, u64 size, const char *part)
{
	struct why why = { "" };

	free(room_initrd(r, size));
	memset(r->bytes, 0xee, MEMORY);
	CONTEXT("%llu bytes between 0x%llx and 0x%llx", (unsigned long long)size,
		(unsigned long long)floor, (unsigned long long)limit);
	EXPECT_ERR(initrd_load(&r->h.initrd, &r->mem, &r->h.ranges, floor, limit, &why), -EFBIG);
	EXPECT_CONTAINS(why.text, part);
	EXPECT_TRUE(!!strstr(why.text, "--memory") == (limit > MEMORY),
		    "would more memory help? \"%s\"", why.text);
	if (r->bytes[0] == 0xee && !memcmp(r->bytes, r->bytes + 1, MEMORY - 1))
		return;
	for (u64 i = 0; i < MEMORY; i++)
		if (r->bytes[i] != 0xee)
			EXPECT_U64(i, MEMORY); /* it says which byte was written all the same */
}

TEST("6.1", an_initrd_without_room, 1)
{
	struct room r;

	room_init(&r);
	expect_no_room(&r, MEMORY - 4096, GiB(4), 8192, "8192 bytes");
	expect_no_room(&r, MEMORY, GiB(4), 1, "0x2000000");
	expect_no_room(&r, MEMORY + MiB(1), GiB(4), 1, "--memory");
	expect_no_room(&r, MiB(20), MiB(10), 1, "0xa00000");
	CONTEXT("not in the 640 KiB below the hole either, if the kernel lies above it");
	expect_no_room(&r, MiB(1), MiB(1) + 4096, 8192, "8192 bytes");
}
