// SPDX-License-Identifier: MIT
/* Task 6.1: the start info of a PVH kernel, and where its module lies. */
#include <errno.h>

#include "kernel.h"
#include "options.h"

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

TEST("6.1", where_there_is_no_memory_to_be_told, 0)
{
	static const u64 ends[] = { PVH_INFO_GPA, PVH_INFO_GPA + 60, CMDLINE_GPA };

	for (unsigned i = 0; i < ARRAY_SIZE(ends); i++) {
		struct room r;

		room_init(&r);
		r.h.cmdline = "quiet";
		r.mem.slot[0].size = ends[i];
		CONTEXT("memory ends at 0x%llx, amid what a kernel is told: mem_write() says "
			"-EFAULT",
			(unsigned long long)ends[i]);
		EXPECT_ERR(pvh_write(&r.mem, &r.h), -EFAULT);
	}
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
	/* Just its bytes and one page between the kernel and the end of memory. */
	expect_initrd(&r, MEMORY - 4096 - 5000, GiB(4), 5000, MEMORY - 8192);
}

TEST("6.1", an_initrd_in_two_slots, 0)
{
	struct room r;
	u8 *bytes, *upper = calloc(1, 8192), untouched[8192];
	struct why why;

	room_init(&r);
	bytes = room_initrd(&r, 20000);
	memset(untouched, 0xee, sizeof(untouched));
	memset(r.bytes + MEMORY - 8192, 0xee, 8192);
	r.mem.slot[0].size = MEMORY - 8192;
	r.mem.slot[1] = (struct memslot){ .gpa = MEMORY - 8192, .size = 8192, .hva = upper };
	r.mem.nslots = 2;
	CONTEXT("memory is two slots that lie apart in this process, and 12288 of 20000 bytes "
		"belong into the first: mem_span_write() gives you no more at once");
	EXPECT_ERR(initrd_load(&r.h.initrd, &r.mem, &r.h.ranges, MiB(1), GiB(4), &why), 0);
	EXPECT_U64(r.h.initrd.gpa, MEMORY - 20480);
	EXPECT_BYTES_AS("the end of the first slot", r.bytes + MEMORY - 20480, bytes, 12288);
	EXPECT_BYTES_AS("the second slot", upper, bytes + 12288, 20000 - 12288);
	EXPECT_BYTES_AS("what lies behind the first slot in this process", r.bytes + MEMORY - 8192,
			untouched, sizeof(untouched));
}

TEST("6.1", an_initrd_that_cannot_be_read, 0)
{
	struct why why = { "" };
	struct room r;

	room_init(&r);
	free(room_initrd(&r, 10000));
	if (ftruncate(open(test_tmpfile("initrd"), O_WRONLY), 5000))
		test_error("the file does not get shorter");
	CONTEXT("it had 10000 bytes when it was opened, and has 5000 now");
	EXPECT_ERR(initrd_load(&r.h.initrd, &r.mem, &r.h.ranges, MiB(1), GiB(4), &why), -EIO);
	EXPECT_CONTAINS(why.text, "shorter");
	close(r.h.initrd.fd);
	r.h.initrd.fd = open(test_tmpfile("initrd"), O_WRONLY);
	CONTEXT("pread(2) says EBADF: the file was opened to be written");
	EXPECT_ERR(initrd_load(&r.h.initrd, &r.mem, &r.h.ranges, MiB(1), GiB(4), &why), -EBADF);
	EXPECT_CONTAINS(why.text, strerror(EBADF));
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
	EXPECT_CONTAINS(why.text, test_text("0x%llx", (unsigned long long)floor));
	EXPECT_CONTAINS(why.text, test_text("0x%llx", (unsigned long long)min_u64(limit, MEMORY)));
	EXPECT_TRUE(!!strstr(why.text, "--memory") ==
			    (limit > MEMORY && floor + size <= MEMORY_MAX),
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
	/* Rounded down to its page, it would begin in the kernel. */
	expect_no_room(&r, MEMORY - 5000, GiB(4), 4990, "4990 bytes");
	/* No --memory is enough for that. */
	expect_no_room(&r, MEMORY_MAX, GiB(4), 1, "1 bytes");
	CONTEXT("not in the 640 KiB below the hole either, if the kernel lies above it");
	expect_no_room(&r, MiB(1), MiB(1) + 4096, 8192, "8192 bytes");
}
