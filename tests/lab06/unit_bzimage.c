// SPDX-License-Identifier: MIT
/* Task 6.2: the header of a bzImage, where its parts go, and its zero page. */
#include <errno.h>

#include "bzimage.h"
#include "kernel.h"

#define SETUP	  3 /* sectors of setup code behind the first one */
#define CODE	  5000
#define FILE_SIZE (512 * (1 + SETUP) + CODE)

/* A kernel as boot.rst says; the numbers stand where it has them. */
struct file {
	u8 bytes[FILE_SIZE];
};

static void put(struct file *f, unsigned at, unsigned size, u64 value)
{
	memcpy(f->bytes + at, &value, size);
}

static void file_init(struct file *f)
{
	memset(f->bytes, 0x90, sizeof(f->bytes));
	memset(f->bytes + 0x1f1, 0, 0x280 - 0x1f1);
	put(f, 0x1f1, 1, SETUP);
	put(f, 0x1fe, 2, 0xaa55);
	put(f, 0x200, 2, 0x6aeb); /* jump to 0x26c */
	memcpy(f->bytes + 0x202, "HdrS", 4);
	put(f, 0x206, 2, 0x20f);
	put(f, 0x211, 1, 1); /* LOADED_HIGH */
	put(f, 0x214, 4, 0x100000);
	put(f, 0x22c, 4, 0x7fffffff); /* initrd_addr_max */
	put(f, 0x230, 4, 0x200000);
	put(f, 0x234, 1, 1);
	put(f, 0x238, 4, 2047);
	put(f, 0x258, 8, 0x1000000); /* pref_address */
	put(f, 0x260, 4, 0x300000);  /* init_size */
	for (unsigned i = 0; i < CODE; i++)
		f->bytes[512 * (1 + SETUP) + i] = (u8)(i * 3 + i / 256);
}

TEST("6.2", header_says_what_goes_where, 2)
{
	struct file f;
	struct bzimage bz;
	struct why why;

	file_init(&f);
	EXPECT_ERR(bzimage_parse(&bz, f.bytes, sizeof(f.bytes), &why), 0);
	EXPECT_U64(bz.code - f.bytes, 512 * (1 + SETUP));
	EXPECT_U64(bz.code_size, CODE);
	CONTEXT("a relocatable kernel says where it likes to be");
	EXPECT_U64(bz.load_gpa, 0x1000000);
	EXPECT_U64(bz.end_gpa, 0x1300000);

	put(&f, 0x1f4, 4, CODE / 16 + 1);
	CONTEXT("syssize counts paragraphs of 16 bytes, and the last one need not be whole");
	EXPECT_ERR(bzimage_parse(&bz, f.bytes, sizeof(f.bytes), &why), 0);
	put(&f, 0x1f4, 4, 0);

	put(&f, 0x234, 1, 0);
	put(&f, 0x258, 8, 0);
	CONTEXT("one that is not is loaded at code32_start");
	EXPECT_ERR(bzimage_parse(&bz, f.bytes, sizeof(f.bytes), &why), 0);
	EXPECT_U64(bz.load_gpa, 0x100000);
	EXPECT_U64(bz.end_gpa, 0x400000);

	put(&f, 0x1f1, 1, 0);
	CONTEXT("setup_sects 0 means 4 (boot.rst)");
	EXPECT_ERR(bzimage_parse(&bz, f.bytes, sizeof(f.bytes), &why), 0);
	EXPECT_U64(bz.code - f.bytes, 512 * 5);

	file_init(&f);
	put(&f, 0x206, 2, 0x207);
	put(&f, 0x201, 1, 0x240 - 0x202);
	CONTEXT("protocol 2.07: its header ends at 0x240; what lies at pref_address and init_size "
		"is none "
		"of it");
	EXPECT_ERR(bzimage_parse(&bz, f.bytes, sizeof(f.bytes), &why), 0);
	EXPECT_U64(bz.load_gpa, 0x100000);
	EXPECT_U64(bz.end_gpa, 0x100000 + CODE);
	EXPECT_U64(bz.header.pref_address, 0);
	EXPECT_U64(bz.header.init_size, 0);
}

TEST("6.2", protocols_from_2_06_on, 0)
{
	struct {
		struct bzimage bz;
		u8 behind[256];
	} to;
	struct file f;
	struct why why;

	file_init(&f);
	put(&f, 0x206, 2, 0x206);
	put(&f, 0x201, 1, 0x23c - 0x202);
	put(&f, 0x238, 4, 0x12345678);
	CONTEXT("protocol 2.06: its header ends at 0x23c, behind cmdline_size");
	EXPECT_ERR(bzimage_parse(&to.bz, f.bytes, sizeof(f.bytes), &why), 0);
	EXPECT_U64(to.bz.header.cmdline_size, 0x12345678);
	EXPECT_U64(to.bz.load_gpa, 0x100000);

	file_init(&f);
	put(&f, 0x206, 2, 0x20a);
	put(&f, 0x201, 1, 0x264 - 0x202);
	CONTEXT("protocol 2.10, the first with pref_address and init_size: a header up to 0x264");
	EXPECT_ERR(bzimage_parse(&to.bz, f.bytes, sizeof(f.bytes), &why), 0);
	EXPECT_U64(to.bz.load_gpa, 0x1000000);
	EXPECT_U64(to.bz.end_gpa, 0x1300000);

	file_init(&f);
	put(&f, 0x201, 1, 0xff);
	memset(&to, 0xee, sizeof(to));
	CONTEXT("a header of 272 bytes, as it says: more than struct setup_header has");
	bzimage_parse(&to.bz, f.bytes, sizeof(f.bytes), &why);
	for (unsigned i = 0; i < sizeof(to.behind); i++)
		EXPECT_U64_AS("a byte behind struct bzimage", to.behind[i], 0xee);
}

TEST("6.2", who_cannot_be_moved_moves_itself, 0)
{
	struct file f;
	struct bzimage bz;
	struct why why;

	file_init(&f);
	put(&f, 0x234, 1, 0);
	CONTEXT("not relocatable: it is loaded at code32_start, unpacks itself at pref_address, "
		"and "
		"needs init_size bytes from there on (boot.rst, init_size)");
	EXPECT_ERR(bzimage_parse(&bz, f.bytes, sizeof(f.bytes), &why), 0);
	EXPECT_U64(bz.load_gpa, 0x100000);
	EXPECT_U64(bz.end_gpa, 0x1300000);
	put(&f, 0x258, 8, 0x100000);
	put(&f, 0x260, 4, 1);
	CONTEXT("and never less than its file");
	EXPECT_ERR(bzimage_parse(&bz, f.bytes, sizeof(f.bytes), &why), 0);
	EXPECT_U64(bz.end_gpa, 0x100000 + CODE);
	put(&f, 0x258, 8, ~0ULL);
	put(&f, 0x260, 4, 0x300000);
	CONTEXT("a pref_address at the end of all addresses");
	EXPECT_ERR(bzimage_parse(&bz, f.bytes, sizeof(f.bytes), &why), 0);
	EXPECT_U64(bz.load_gpa, 0x100000);
	EXPECT_TRUE(bz.end_gpa > MEMORY_MAX, "end_gpa is 0x%llx", (unsigned long long)bz.end_gpa);
}

static void expect_refused_file(struct file *f, u64 size, const char *part)
{
	/* What is behind the end shall be seen by the sanitizers. */
	u8 *bytes = malloc(size ? size : 1);
	struct bzimage bz;
	struct why why = { "" };

	memcpy(bytes, f->bytes, size);
	CONTEXT("%llu bytes of it", (unsigned long long)size);
	EXPECT_ERR(bzimage_parse(&bz, bytes, size, &why), -ENOEXEC);
	EXPECT_CONTAINS(why.text, part);
	free(bytes);
	file_init(f);
}

TEST("6.2", headers_that_lie, 3)
{
	struct file f;

	file_init(&f);
	expect_refused_file(&f, 0x206, "cut off");
	expect_refused_file(&f, 0x250, "cut off");
	expect_refused_file(&f, 512 * (1 + SETUP), "cut off");
	put(&f, 0x1f1, 1, 255);
	expect_refused_file(&f, sizeof(f.bytes), "cut off");
	put(&f, 0x1f4, 4, CODE / 16 + 2);
	expect_refused_file(&f, sizeof(f.bytes), "has 5024 bytes, and the file has 5000 of them");
	put(&f, 0x1f4, 4, 0x10000001);
	expect_refused_file(&f, sizeof(f.bytes), "has 4294967312 bytes");
	memcpy(f.bytes + 0x202, "HdrZ", 4);
	expect_refused_file(&f, sizeof(f.bytes), "header");
	put(&f, 0x206, 2, 0x205);
	expect_refused_file(&f, sizeof(f.bytes), "2.05");
	put(&f, 0x211, 1, 0xfe);
	expect_refused_file(&f, sizeof(f.bytes), "zImage");
}

/* --- loading --- */

static void parsed(struct file *f, struct bzimage *bz)
{
	struct why why;

	EXPECT_ERR(bzimage_parse(bz, f->bytes, sizeof(f->bytes), &why), 0);
}

/* zero-page.rst: acpi_rsdp_addr, e820_entries, the header, and three entries of e820_table. */
static bool is_said(unsigned at)
{
	return (at >= 0x70 && at < 0x78) || at == 0x1e8 || (at >= 0x1f1 && at < 0x26c) ||
	       (at >= 0x2d0 && at < 0x2d0 + 3 * 20);
}

TEST("6.2", zero_page_of_a_kernel, 3)
{
	struct file f;
	struct bzimage bz;
	struct room r;
	struct why why;
	u8 *initrd;

	file_init(&f);
	room_init(&r);
	parsed(&f, &bz);
	/* What is not written is not 0 by chance. */
	memset(r.bytes + ZERO_PAGE_GPA, 0xee, 4096);
	memset(r.bytes + CMDLINE_GPA, 0xee, 4096);
	initrd = room_initrd(&r, 10000);
	r.h.cmdline = "root=/dev/vda";
	r.h.rsdp = 0xe0000;
	EXPECT_ERR(bzimage_load(&bz, &r.mem, &r.h, &why), 0);
	CONTEXT("the protected-mode part");
	EXPECT_BYTES(r.bytes + 0x1000000, f.bytes + 512 * (1 + SETUP), CODE);
	CONTEXT("the zero page holds the header, at the same offset as the file");
	EXPECT_BYTES(r.bytes + ZERO_PAGE_GPA + 0x202, "HdrS", 4);
	EXPECT_U64(room_number(&r, ZERO_PAGE_GPA + 0x260, 4), 0x300000);
	CONTEXT("what the loader says: type_of_loader, ramdisk_image, ramdisk_size, cmd_line_ptr, "
		"acpi_rsdp_addr");
	EXPECT_U64(room_number(&r, ZERO_PAGE_GPA + 0x210, 1), 0xff);
	EXPECT_U64(room_number(&r, ZERO_PAGE_GPA + 0x218, 4), MEMORY - 12288);
	EXPECT_U64(room_number(&r, ZERO_PAGE_GPA + 0x21c, 4), 10000);
	EXPECT_BYTES(r.bytes + MEMORY - 12288, initrd, 10000);
	EXPECT_STR((char *)r.bytes + room_number(&r, ZERO_PAGE_GPA + 0x228, 4), "root=/dev/vda");
	EXPECT_U64(room_number(&r, ZERO_PAGE_GPA + 0x70, 8), 0xe0000);
	CONTEXT("the memory map: e820_entries, and entries of 20 bytes from 0x2d0 on");
	EXPECT_U64(room_number(&r, ZERO_PAGE_GPA + 0x1e8, 1), 3);
	EXPECT_U64(room_number(&r, ZERO_PAGE_GPA + 0x2d0 + 40, 8), 0x100000);
	EXPECT_U64(room_number(&r, ZERO_PAGE_GPA + 0x2d0 + 48, 8), MEMORY - 0x100000);
	EXPECT_U64(room_number(&r, ZERO_PAGE_GPA + 0x2d0 + 56, 4), 1);
	CONTEXT("no screen: screen_info is zero, and so is all else of the page");
	for (unsigned i = 0; i < 4096; i++)
		if (!is_said(i))
			EXPECT_U64_AS(test_text("the zero page's byte 0x%x", i),
				      r.bytes[ZERO_PAGE_GPA + i], 0);
}

TEST("6.2", a_screen_is_announced, 1)
{
	struct file f;
	struct bzimage bz;
	struct room r;
	struct why why;

	file_init(&f);
	room_init(&r);
	parsed(&f, &bz);
	r.h.vga = true;
	EXPECT_ERR(bzimage_load(&bz, &r.mem, &r.h, &why), 0);
	CONTEXT("screen_info: video mode 3, 80 columns, 25 lines, a VGA, characters of 16 lines");
	EXPECT_U64(room_number(&r, ZERO_PAGE_GPA + 6, 1), 3);
	EXPECT_U64(room_number(&r, ZERO_PAGE_GPA + 7, 1), 80);
	EXPECT_U64(room_number(&r, ZERO_PAGE_GPA + 0xe, 1), 25);
	EXPECT_U64(room_number(&r, ZERO_PAGE_GPA + 0xf, 1), 1);
	EXPECT_U64(room_number(&r, ZERO_PAGE_GPA + 0x10, 2), 16);
}

static void expect_no_load(struct file *f, struct room *r, const char *part)
{
	struct bzimage bz;
	struct why why = { "" };

	parsed(f, &bz);
	EXPECT_ERR(bzimage_load(&bz, &r->mem, &r->h, &why), -EFBIG);
	EXPECT_CONTAINS(why.text, part);
	file_init(f);
	room_init(r);
}

TEST("6.2", what_does_not_fit_is_said_with_the_numbers, 2)
{
	struct file f;
	struct room r;
	char text[2049] = "";

	file_init(&f);
	room_init(&r);
	put(&f, 0x260, 4, 0x1000001);
	CONTEXT("it needs memory up to 0x2000001, and there are 32 MiB");
	expect_no_load(&f, &r, "0x2000001");
	put(&f, 0x260, 4, 0x1000001);
	expect_no_load(&f, &r, "--memory=33M");
	memset(text, 'x', 2048);
	r.h.cmdline = text;
	CONTEXT("a command line of 2048 bytes for a kernel that takes 2047");
	expect_no_load(&f, &r, "2047");
	put(&f, 0x258, 8, 0xfffffffffffff000);
	CONTEXT("a kernel that wants to be loaded at the end of all addresses");
	expect_no_load(&f, &r, "memory");
	put(&f, 0x258, 8, 0x7000);
	CONTEXT("a kernel that wants to be loaded over its own zero page");
	expect_no_load(&f, &r, "0x7000");
	free(room_initrd(&r, 10000));
	put(&f, 0x22c, 4, 0x1300fff);
	CONTEXT("an initrd of 10,000 bytes, and the kernel leaves 4096 below initrd_addr_max");
	expect_no_load(&f, &r, "10000 bytes");
}

/* What only just fits: both sides of each bound. */
static void expect_load(struct file *f, struct room *r)
{
	struct bzimage bz;
	struct why why = { "" };

	parsed(f, &bz);
	EXPECT_ERR(bzimage_load(&bz, &r->mem, &r->h, &why), 0);
	file_init(f);
}

TEST("6.2", memory_to_the_last_byte, 0)
{
	struct bzimage bz;
	struct file f;
	struct room r;
	struct why why;

	file_init(&f);
	room_init(&r);
	put(&f, 0x260, 4, 0x1000000);
	CONTEXT("init_size ends where memory ends, at 32 MiB");
	expect_load(&f, &r);
	put(&f, 0x260, 4, 0xbf000000);
	CONTEXT("it needs memory up to 3 GiB, which a guest can have");
	expect_no_load(&f, &r, "--memory=3072M");
	put(&f, 0x260, 4, 0xbf000001);
	CONTEXT("and one byte more, which none has");
	expect_no_load(&f, &r, "no guest has more than 3 GiB");
	r.mem.slot[0].size = 0x1000000 + 100;
	parsed(&f, &bz);
	CONTEXT("memory ends amid the kernel, and its map does not say so: -EFAULT of mem_write()");
	EXPECT_ERR(bzimage_load(&bz, &r.mem, &r.h, &why), -EFAULT);
}

TEST("6.2", a_line_to_the_last_byte, 0)
{
	static char text[CMDLINE_SIZE + 1];
	struct file f;
	struct room r;

	file_init(&f);
	room_init(&r);
	r.h.cmdline = memset(text, 'x', 2047);
	CONTEXT("a command line of 2047 bytes for a kernel that takes 2047");
	expect_load(&f, &r);
	memset(text, 'x', CMDLINE_SIZE - 1);
	memset(r.bytes + CMDLINE_GPA, 0xee, CMDLINE_SIZE + 1);
	put(&f, 0x238, 4, 0xffffffff);
	CONTEXT("one of 65535 bytes for a kernel that takes any: CMDLINE_SIZE - 1");
	expect_load(&f, &r);
	EXPECT_U64(r.bytes[CMDLINE_GPA + CMDLINE_SIZE - 1], 0);
	EXPECT_U64(r.bytes[CMDLINE_GPA + CMDLINE_SIZE], 0xee);
	text[CMDLINE_SIZE - 1] = 'x';
	put(&f, 0x238, 4, 0xffffffff);
	CONTEXT("and one of 65536, for which there is no room");
	expect_no_load(&f, &r, "65536 bytes, and this kernel takes 65535");
}

static void expect_initrd_at(u32 addr_max, u64 gpa)
{
	struct file f;
	struct room r;

	file_init(&f);
	room_init(&r);
	free(room_initrd(&r, 4096));
	put(&f, 0x22c, 4, addr_max);
	expect_load(&f, &r);
	CONTEXT("an initrd of 4096 bytes, whose last one may lie at 0x%x: initrd_addr_max",
		addr_max);
	EXPECT_U64_AS("ramdisk_image", room_number(&r, ZERO_PAGE_GPA + 0x218, 4), gpa);
}

TEST("6.2", an_initrd_to_the_last_byte, 0)
{
	expect_initrd_at(0x1801fff, 0x1801000);
	expect_initrd_at(0xffffffff, MEMORY - 4096);
}
