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

	if (!f || fputs("12345678", f) == EOF || fclose(f))
		test_error("no file %s", path);
	EXPECT_ERR(image_open(&image, path, 8, &why), 0);
	EXPECT_U64(image.size, 8);
	EXPECT_BYTES(image.segment[0].data, "12345678", 8);
	image_close(&image);
	CONTEXT("a limit of 7 bytes");
	EXPECT_ERR(image_open(&image, path, 7, &why), -EFBIG);
	EXPECT_CONTAINS(why.text, "8 bytes do not fit in 7 bytes");
}

TEST("-", image_open_refuses_what_is_no_file, 0)
{
	const char *fifo = test_tmpfile("fifo"), *empty = test_tmpfile("empty");
	FILE *f = fopen(empty, "w");
	struct image image;
	struct why why = { "" };

	if (!f || fclose(f) || mkfifo(fifo, 0600))
		test_error("no files in %s", test_tmpdir());
	EXPECT_ERR(image_open(&image, test_tmpfile("missing"), 100, &why), -ENOENT);
	EXPECT_STR(why.text, "No such file or directory");
	EXPECT_ERR(image_open(&image, test_tmpdir(), 1 << 20, &why), -EINVAL);
	EXPECT_STR(why.text, "a directory, not a guest image");
	EXPECT_ERR(image_open(&image, fifo, 100, &why), -EINVAL);
	EXPECT_STR(why.text, "not a regular file, not a guest image");
	EXPECT_ERR(image_open(&image, "/dev/zero", 100, &why), -EINVAL);
	EXPECT_STR(why.text, "not a regular file, not a guest image");
	EXPECT_ERR(image_open(&image, empty, 100, &why), -EINVAL);
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
				       .pvh_entry = doors[i].has_pvh ? MADE_PVH : 0 };
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
