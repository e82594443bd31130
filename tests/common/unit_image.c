// SPDX-License-Identifier: MIT
/* Guest images that are sound: what image_parse(), image_open() and image_entry() make of them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "capture.h"
#include "image.h"
#include "make_elf.h"
#include "test.h"

/* Parse a copy that ends exactly where the file does, so that a sanitizer sees any step beyond. */
static int parse(struct image *image, const void *file, size_t size, struct why *why)
{
	u8 *bytes = malloc(size);

	if (!bytes)
		test_error("no memory");
	memcpy(bytes, file, size);
	memset(why, 0, sizeof(*why));
	return image_parse(image, bytes, size, why);
}

TEST("-", image_flat, 0)
{
	struct image image;
	struct why why = { "" };

	EXPECT_ERR(parse(&image, "abc", 3, &why), 0);
	EXPECT_U64(image.kind, IMAGE_FLAT);
	EXPECT_U64(image.entry, FLAT_LOAD_GPA);
	EXPECT_U64(image.nsegments, 1);
	EXPECT_U64(image.segment[0].paddr, FLAT_LOAD_GPA);
	EXPECT_U64(image.segment[0].filesz, 3);
	EXPECT_U64(image.segment[0].memsz, 3);
	EXPECT_BYTES(image.segment[0].data, "abc", 3);
	image_close(&image);
	EXPECT_TRUE(!image.bytes && !image.nsegments);
}

TEST("-", image_flat_may_be_as_short_as_a_byte, 0)
{
	struct image image;
	struct why why = { "" };

	CONTEXT("the first bytes of the ELF magic alone are no ELF file");
	EXPECT_ERR(parse(&image,
			 "\x7f"
			 "EL",
			 1, &why),
		   0);
	EXPECT_U64(image.kind, IMAGE_FLAT);
	EXPECT_ERR(parse(&image,
			 "\x7f"
			 "EL",
			 3, &why),
		   0);
	EXPECT_U64(image.kind, IMAGE_FLAT);
	EXPECT_U64(image.segment[0].filesz, 3);
}

static void expect_made_segment(const struct image *image, const void *code)
{
	EXPECT_U64(image->nsegments, 1);
	EXPECT_U64(image->segment[0].paddr, MADE_PADDR);
	EXPECT_U64(image->segment[0].filesz, 8);
	EXPECT_U64(image->segment[0].memsz, 8 + MADE_BSS);
	EXPECT_BYTES(image->segment[0].data, code, 8);
	EXPECT_U64(image->entry, MADE_ENTRY);
	EXPECT_TRUE(image->has_pvh);
	EXPECT_U64(image->pvh_entry, MADE_PVH);
}

TEST("-", image_elf64, 0)
{
	struct made_elf64 file = make_elf64();
	struct image image;
	struct why why = { "" };

	EXPECT_ERR(parse(&image, &file, sizeof(file), &why), 0);
	EXPECT_U64(image.kind, IMAGE_ELF64);
	expect_made_segment(&image, file.code);
}

TEST("-", image_elf32, 0)
{
	struct made_elf32 file = make_elf32();
	struct image image;
	struct why why = { "" };

	EXPECT_ERR(parse(&image, &file, sizeof(file), &why), 0);
	EXPECT_U64(image.kind, IMAGE_ELF32);
	expect_made_segment(&image, file.code);
}

TEST("-", image_program_headers_may_be_wider_than_known, 0)
{
	struct made_elf64 file = make_elf64();
	struct image image;
	struct why why = { "" };

	CONTEXT("e_phentsize covers both headers: the next one is looked for behind the second");
	file.eh.e_phentsize = 2 * sizeof(Elf64_Phdr);
	file.eh.e_phnum = 1;
	EXPECT_ERR(parse(&image, &file, sizeof(file), &why), 0);
	EXPECT_U64(image.nsegments, 1);
	EXPECT_TRUE(!image.has_pvh);
}

TEST("-", image_segments_without_memory_are_left_out, 0)
{
	struct made_elf64 file = make_elf64();
	struct image image;
	struct why why = { "" };

	file.note_ph = file.load;
	file.note_ph.p_filesz = file.note_ph.p_memsz = 0;
	EXPECT_ERR(parse(&image, &file, sizeof(file), &why), 0);
	EXPECT_U64(image.nsegments, 1);
}

TEST("-", image_segment_may_end_with_the_file_and_with_the_address_space, 0)
{
	struct made_elf64 file = make_elf64();
	struct image image;
	struct why why = { "" };

	file.load.p_filesz = 8;
	file.load.p_memsz = 8;
	file.load.p_paddr = UINT64_MAX - 8;
	EXPECT_ERR(parse(&image, &file, sizeof(file), &why), 0);
	EXPECT_U64(image.segment[0].paddr + image.segment[0].memsz, UINT64_MAX);
}

TEST("-", image_pvh_entry_of_8_bytes, 0)
{
	struct made_elf64 file = make_elf64();
	struct image image;
	struct why why = { "" };

	file.note.nh.n_descsz = 8;
	file.note.entry[1] = 2;
	file.note_ph.p_filesz = sizeof(file.note);
	EXPECT_ERR(parse(&image, &file, sizeof(file), &why), 0);
	EXPECT_TRUE(image.has_pvh);
	EXPECT_U64(image.pvh_entry, 2ull << 32 | MADE_PVH);
}

TEST("-", image_pvh_note_may_come_second, 0)
{
	struct {
		struct made_elf64 elf;
		Elf64_Nhdr other;
		char name[8],
			value[4]; /* "Linux" with its NUL is 6 bytes, padded to 8; 1 padded to 4 */
		struct made_note pvh;
	} file = { .elf = make_elf64(), .other = { 6, 1, 18 }, .name = "Linux", .value = "x" };
	struct image image;
	struct why why = { "" };

	CONTEXT("a note of another owner, with the same type, stands before it");
	file.pvh = file.elf.note;
	file.elf.note_ph.p_offset = offsetof(__typeof__(file), other);
	file.elf.note_ph.p_filesz = sizeof(file) - sizeof(u32) - file.elf.note_ph.p_offset;
	EXPECT_ERR(parse(&image, &file, sizeof(file), &why), 0);
	EXPECT_TRUE(image.has_pvh);
	EXPECT_U64(image.pvh_entry, MADE_PVH);
}

/* --- image_open() --- */

TEST("-", image_open_reads_the_file, 0)
{
	const char *path = test_tmpfile("image");
	struct image image;
	struct why why = { "" };
	FILE *f = fopen(path, "w");

	if (!f || fputs("1234567\x90", f) == EOF || fclose(f))
		test_error("no file %s", path);
	EXPECT_ERR(image_open(&image, path, &(struct image_room){ .memory = 0x1008 }, &why), 0);
	EXPECT_U64(image.size, 8);
	EXPECT_BYTES(image.segment[0].data, "1234567\x90", 8);
	EXPECT_STR(image.note.text, "");
	image_close(&image);
	CONTEXT("memory ends a byte too early");
	EXPECT_ERR(image_open(&image, path, &(struct image_room){ .memory = 0x1007 }, &why),
		   -EFBIG);
	EXPECT_CONTAINS(why.text, "guest memory ends before its last byte, 0x1007; it needs "
				  "--memory=8K");
}

TEST("-", image_open_reads_all_of_a_long_file, 0)
{
	const char *path = test_tmpfile("image");
	static u8 bytes[200000];
	struct image image;
	struct why why = { "" };
	FILE *f = fopen(path, "w");

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (u8)(i * 7 + i / 256);
	if (!f || fwrite(bytes, 1, sizeof(bytes), f) != sizeof(bytes) || fclose(f))
		test_error("no file %s", path);
	EXPECT_ERR(image_open(&image, path, &(struct image_room){ .memory = MiB(1) }, &why), 0);
	EXPECT_U64(image.segment[0].filesz, sizeof(bytes));
	EXPECT_TRUE(!memcmp(image.segment[0].data, bytes, sizeof(bytes)), "other bytes");
	image_close(&image);
}

TEST("-", image_open_refuses_what_is_no_file, 0)
{
	const char *fifo = test_tmpfile("fifo"), *empty = test_tmpfile("empty");
	const struct image_room room = { .memory = MiB(1) };
	FILE *f = fopen(empty, "w");
	struct image image;
	struct why why = { "" };

	if (!f || fclose(f) || mkfifo(fifo, 0600))
		test_error("no files in %s", test_tmpdir());
	EXPECT_ERR(image_open(&image, test_tmpfile("missing"), &room, &why), -ENOENT);
	EXPECT_STR(why.text, "No such file or directory");
	EXPECT_ERR(image_open(&image, test_tmpdir(), &room, &why), -EINVAL);
	EXPECT_STR(why.text, "a directory, not a guest image");
	EXPECT_ERR(image_open(&image, fifo, &room, &why), -EINVAL);
	EXPECT_STR(why.text, "not a regular file, not a guest image");
	EXPECT_ERR(image_open(&image, "/dev/zero", &room, &why), -EINVAL);
	EXPECT_STR(why.text, "not a regular file, not a guest image");
	EXPECT_ERR(image_open(&image, empty, &room, &why), -EINVAL);
	EXPECT_STR(why.text, "the file is empty");
}

/* --- image_entry() --- */

static const struct {
	enum image_kind kind;
	bool has_pvh;
	enum cpu_mode asked, mode;
	u64 entry; /* 0: refused */
	const char *why;
} doors[] = {
	{ IMAGE_FLAT, false, MODE_AUTO, MODE_REAL, MADE_ENTRY, "" },
	{ IMAGE_FLAT, false, MODE_REAL, MODE_REAL, MADE_ENTRY, "" },
	{ IMAGE_FLAT, false, MODE_PROTECTED, 0, 0, "a flat image can only start in real mode" },
	{ IMAGE_FLAT, false, MODE_LONG, 0, 0, "a flat image can only start in real mode" },
	{ IMAGE_ELF32, false, MODE_AUTO, MODE_PROTECTED, MADE_ENTRY, "" },
	{ IMAGE_ELF32, true, MODE_AUTO, MODE_PROTECTED, MADE_PVH, "" },
	{ IMAGE_ELF32, true, MODE_PROTECTED, MODE_PROTECTED, MADE_PVH, "" },
	{ IMAGE_ELF32, false, MODE_PROTECTED, MODE_PROTECTED, MADE_ENTRY, "" },
	{ IMAGE_ELF32, true, MODE_REAL, 0, 0, "an ELF image cannot start in real mode" },
	{ IMAGE_ELF32, true, MODE_LONG, 0, 0, "a 32-bit ELF image cannot start in long mode" },
	{ IMAGE_ELF64, true, MODE_AUTO, MODE_LONG, MADE_ENTRY, "" },
	{ IMAGE_ELF64, false, MODE_AUTO, MODE_LONG, MADE_ENTRY, "" },
	{ IMAGE_ELF64, true, MODE_LONG, MODE_LONG, MADE_ENTRY, "" },
	{ IMAGE_ELF64, true, MODE_PROTECTED, MODE_PROTECTED, MADE_PVH, "" },
	{ IMAGE_ELF64, false, MODE_PROTECTED, 0, 0, "it has no PVH note" },
	{ IMAGE_ELF64, true, MODE_REAL, 0, 0, "an ELF image cannot start in real mode" },
};

TEST("-", image_entry_each_door, 0)
{
	for (unsigned i = 0; i < ARRAY_SIZE(doors); i++) {
		struct image image = { .kind = doors[i].kind,
				       .entry = MADE_ENTRY,
				       .has_pvh = doors[i].has_pvh,
				       .pvh_entry = doors[i].has_pvh ? MADE_PVH : 0,
				       .nsegments = 1,
				       .segment[0] = { .paddr = MADE_PADDR, .filesz = 8 } };
		enum cpu_mode mode;
		struct why why = { "" };
		u64 entry;

		CONTEXT("row %u: image kind %u, %s PVH note, --mode=%s", i, doors[i].kind,
			doors[i].has_pvh ? "with a" : "without", cpu_mode_name(doors[i].asked));
		EXPECT_ERR(image_entry(&image, doors[i].asked, &mode, &entry, &why),
			   doors[i].entry ? 0 : -EINVAL);
		EXPECT_CONTAINS(why.text, doors[i].why);
		if (!doors[i].entry)
			continue;
		EXPECT_U64(mode, doors[i].mode);
		EXPECT_U64(entry, doors[i].entry);
	}
}

TEST("-", image_entry_of_zero_is_none, 0)
{
	struct image image = { .kind = IMAGE_ELF64, .has_pvh = true };
	enum cpu_mode mode;
	struct why why = { "" };
	u64 entry;

	EXPECT_ERR(image_entry(&image, MODE_AUTO, &mode, &entry, &why), -EINVAL);
	EXPECT_STR(why.text, "it has no entry point");
	EXPECT_ERR(image_entry(&image, MODE_PROTECTED, &mode, &entry, &why), -EINVAL);
	EXPECT_STR(why.text, "it has no entry point");
	image.kind = IMAGE_ELF32;
	image.has_pvh = false;
	EXPECT_ERR(image_entry(&image, MODE_AUTO, &mode, &entry, &why), -EINVAL);
	EXPECT_STR(why.text, "it has no entry point");
}

/* One segment, loaded at paddr and linked for vaddr: an ELF64, entered at entry. */
static int enter(u64 paddr, u64 vaddr, u64 entry, struct why *why)
{
	struct image image = { .kind = IMAGE_ELF64,
			       .entry = entry,
			       .nsegments = 1,
			       .segment[0] = { vaddr, paddr, 0x1000, 0x2000, NULL } };
	enum cpu_mode mode;
	u64 at;

	*why = (struct why){ "" };
	return image_entry(&image, MODE_AUTO, &mode, &at, why);
}

TEST("-", image_entry_lies_in_a_segment, 0)
{
	const u64 high = 0xffffffff80100000;
	struct why why;

	EXPECT_ERR(enter(0x100000, 0x100000, 0x100000, &why), 0);
	EXPECT_ERR(enter(0x100000, 0x100000, 0x100fff, &why), 0);
	EXPECT_ERR(enter(0x100000, high, 0x100000, &why), 0);
	CONTEXT("before it; behind its bytes, where zeros are");
	EXPECT_ERR(enter(0x100000, 0x100000, 0xfffff, &why), -EINVAL);
	EXPECT_STR(why.text, "its entry point 0xfffff lies in no segment: nothing is loaded there");
	EXPECT_ERR(enter(0x100000, 0x100000, 0x101000, &why), -EINVAL);
	EXPECT_ERR(enter(0x100000, high, UINT64_MAX, &why), -EINVAL);
	EXPECT_CONTAINS(why.text, "lies in no segment");
	CONTEXT("a kernel of the higher half, entered where it is not yet");
	EXPECT_ERR(enter(0x100000, high, high + 0x10, &why), -EINVAL);
	EXPECT_CONTAINS(why.text, "linked to the higher half: its entry point 0xffffffff80100010 "
				  "is a virtual address, loaded at 0x100010; ");
}

TEST("-", image_entry_lies_where_a_64_bit_guest_has_memory, 0)
{
	struct image image = { .kind = IMAGE_ELF32,
			       .entry = GiB(1),
			       .nsegments = 1,
			       .segment[0] = { GiB(1), GiB(1), 8, 8, NULL } };
	enum cpu_mode mode;
	struct why why;
	u64 at;

	CONTEXT("the tables that long mode begins with map one GiB");
	EXPECT_ERR(enter(GiB(1) - 1, GiB(1) - 1, GiB(1) - 1, &why), 0);
	EXPECT_ERR(enter(GiB(1), GiB(1), GiB(1), &why), -EINVAL);
	EXPECT_CONTAINS(why.text, "its entry point 0x40000000 lies above 1 GiB");
	CONTEXT("protected mode has no tables");
	EXPECT_ERR(image_entry(&image, MODE_AUTO, &mode, &at, &why), 0);
}

/* --- image_fits() --- */

#define PC(memory_)                                                        \
	{                                                                  \
		.memory = (memory_), .hole = 0xa0000, .hole_end = 0x100000 \
	}
#define PLAIN(memory_)              \
	{                           \
		.memory = (memory_) \
	}

static const struct {
	struct image_room room;
	u64 from, size;
	const char *why; /* NULL: it fits */
} fits[] = {
	{ PLAIN(MiB(1)), 0x1000, MiB(1) - 0x1000, NULL },
	{ PLAIN(MiB(1)), 0x1000, MiB(1) - 0xfff, "last byte, 0x100000; it needs --memory=2M" },
	{ PLAIN(KiB(64)), 0, 0x10001, "last byte, 0x10000; it needs --memory=68K" },
	{ PLAIN(KiB(64)), 0, MiB(1), "last byte, 0xfffff; it needs --memory=1024K" },
	{ PLAIN(MiB(1)), 0, GiB(3), "last byte, 0xbfffffff; it needs --memory=3072M" },
	{ PLAIN(GiB(3)), 0, GiB(3), NULL },
	{ PLAIN(GiB(3)), GiB(3) - 1, 2, "no guest has more than 3 GiB of memory" },
	{ PLAIN(MiB(1)), 1ULL << 40, 1, "its last byte would be at 0x10000000000, and no guest" },
	{ PLAIN(MiB(1)), 0xffffffff80000000, 1,
	  "linked to the higher half, at 0xffffffff80000000" },
	{ PLAIN(MiB(2)), 0x9f000, 0x2000, NULL },
	{ { MiB(2), 0xa0000, 0xa0000, 0 }, 0x9f000, 0x2000, NULL },
	{ PC(MiB(2)), 0x9f000, 0x1000, NULL },
	{ PC(MiB(2)), 0x100000, 0x1000, NULL },
	{ PC(MiB(2)), 0x9f000, 0x1001,
	  "it covers 0x9f000 to 0xa0000, but a PC has no memory from 0xa0000 to 0xfffff" },
	{ PC(MiB(2)), 0xfffff, 1, "it covers 0xfffff to 0xfffff, but a PC has no memory" },
	{ PC(KiB(640)), 0x1000, 0xa0000, "but a PC has no memory" },
	{ PC(KiB(640)), 0x100000, 1, "last byte, 0x100000; it needs --memory=2M" },
};

TEST("-", image_fits_or_what_would_help, 0)
{
	for (unsigned i = 0; i < ARRAY_SIZE(fits); i++) {
		struct image image = { .kind = IMAGE_ELF64,
				       .nsegments = 1,
				       .segment[0] = { .paddr = fits[i].from,
						       .memsz = fits[i].size } };
		struct why why = { "" };

		CONTEXT("row %u: %#llx bytes at %#llx in memory of %#llx", i,
			(unsigned long long)fits[i].size, (unsigned long long)fits[i].from,
			(unsigned long long)fits[i].room.memory);
		EXPECT_ERR(image_fits(&image, &fits[i].room, &why), fits[i].why ? -EFBIG : 0);
		if (fits[i].why)
			EXPECT_CONTAINS(why.text, fits[i].why);
	}
}

/* What "it needs --memory=SIZE" says, taken at its word. */
static u64 advised(const struct why *why)
{
	const char *text = strstr(why->text, "--memory=");
	u64 bytes = 0;

	if (!text || size_parse(text + strlen("--memory="), &bytes))
		test_error("no advice in: %s", why->text);
	return bytes;
}

TEST("-", image_fits_when_the_advice_is_taken, 0)
{
	struct image image = { .kind = IMAGE_ELF64,
			       .nsegments = 2,
			       .segment = { { .paddr = MiB(3), .memsz = 5 },
					    { .paddr = MiB(9), .memsz = MiB(1) + 1 } } };
	struct image_room room = PC(MiB(1));
	struct why why;

	CONTEXT("two segments that need more memory: one piece of advice for both");
	EXPECT_ERR(image_fits(&image, &room, &why), -EFBIG);
	room.memory = advised(&why);
	EXPECT_ERR(image_fits(&image, &room, &why), 0);
}
