// SPDX-License-Identifier: MIT
/* ELF files with one lie each: image_parse() must refuse them, and say which. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "begin.h"
#include "image.h"
#include "make_elf.h"
#include "test.h"

/* Parse a copy that ends exactly where the file does, so that a sanitizer sees any step beyond. */
static int parse(const void *file, size_t size, struct image *image, struct why *why)
{
	u8 *bytes = malloc(size);

	if (!bytes)
		test_error("no memory");
	memcpy(bytes, file, size);
	memset(why, 0, sizeof(*why));
	return image_parse(image, bytes, size, why);
}

static void expect_refused(const void *file, size_t size, const char *reason)
{
	struct image image;
	struct why why = { "" };

	EXPECT_ERR(parse(file, size, &image, &why), -ENOEXEC);
	EXPECT_CONTAINS(why.text, reason);
	EXPECT_TRUE(!image.bytes, "the bytes of a refused image are kept"); /* released */
}

TEST("-", image_elf_header_cut_off_anywhere, 0)
{
	struct made_elf64 wide = make_elf64();
	struct made_elf32 narrow = make_elf32();

	for (size_t size = SELFMAG; size < sizeof(wide.eh); size++) {
		CONTEXT("an ELF64 file of %zu bytes", size);
		expect_refused(&wide, size, "the ELF header is cut off");
	}
	for (size_t size = SELFMAG; size < sizeof(narrow.eh); size++) {
		CONTEXT("an ELF32 file of %zu bytes", size);
		expect_refused(&narrow, size, "the ELF header is cut off");
	}
}

TEST("-", image_program_headers_cut_off_anywhere, 0)
{
	struct made_elf64 wide = make_elf64();
	struct made_elf32 narrow = make_elf32();

	for (size_t size = sizeof(wide.eh); size < offsetof(struct made_elf64, note); size++) {
		CONTEXT("an ELF64 file of %zu bytes", size);
		expect_refused(&wide, size, "its program headers lie outside the file");
	}
	for (size_t size = sizeof(narrow.eh); size < offsetof(struct made_elf32, note); size++) {
		CONTEXT("an ELF32 file of %zu bytes", size);
		expect_refused(&narrow, size, "its program headers lie outside the file");
	}
}

TEST("-", image_segment_cut_off_anywhere, 0)
{
	struct made_elf64 file = make_elf64();

	for (size_t size = offsetof(struct made_elf64, note); size < sizeof(file); size++) {
		CONTEXT("an ELF64 file of %zu bytes", size);
		expect_refused(&file, size, "segment 0 lies outside the file");
	}
}

TEST("-", image_program_headers_elsewhere, 0)
{
	static const u64 offsets[] = { sizeof(struct made_elf64),
				       sizeof(struct made_elf64) - sizeof(Elf64_Phdr) - 1,
				       1ull << 32,
				       UINT64_MAX,
				       UINT64_MAX - sizeof(Elf64_Phdr),
				       -(u64)2 * sizeof(Elf64_Phdr) };

	for (unsigned i = 0; i < ARRAY_SIZE(offsets); i++) {
		struct made_elf64 file = make_elf64();

		CONTEXT("e_phoff %#llx", (unsigned long long)offsets[i]);
		file.eh.e_phoff = offsets[i];
		expect_refused(&file, sizeof(file), "its program headers lie outside the file");
	}
}

TEST("-", image_program_headers_of_a_wrong_size_or_number, 0)
{
	struct made_elf64 file = make_elf64();
	struct made_elf32 narrow = make_elf32();

	file.eh.e_phnum = UINT16_MAX;
	expect_refused(&file, sizeof(file), "its program headers lie outside the file");
	file = make_elf64();
	file.eh.e_phentsize = sizeof(Elf64_Phdr) - 1;
	expect_refused(&file, sizeof(file), "its program headers lie outside the file");
	file.eh.e_phentsize = 0;
	expect_refused(&file, sizeof(file), "its program headers lie outside the file");
	file.eh.e_phentsize = UINT16_MAX;
	expect_refused(&file, sizeof(file), "its program headers lie outside the file");
	narrow.eh.e_phentsize = sizeof(Elf32_Phdr) - 1;
	expect_refused(&narrow, sizeof(narrow), "its program headers lie outside the file");
}

TEST("-", image_segment_outside_the_file, 0)
{
	static const struct {
		u64 offset, filesz;
	} rows[] = {
		{ sizeof(struct made_elf64) - 7, 8 }, /* by one byte */
		{ sizeof(struct made_elf64) + 1, 0 },
		{ UINT64_MAX, 8 },
		{ UINT64_MAX - 7, 8 },
		{ 8, UINT64_MAX - 7 }, /* offset + filesz wraps to 0 */
		{ 0, 1ull << 40 },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		struct made_elf64 file = make_elf64();

		CONTEXT("p_offset %#llx, p_filesz %#llx", (unsigned long long)rows[i].offset,
			(unsigned long long)rows[i].filesz);
		file.load.p_offset = rows[i].offset;
		file.load.p_filesz = rows[i].filesz;
		file.load.p_memsz = UINT64_MAX - MADE_PADDR;
		expect_refused(&file, sizeof(file), "segment 0 lies outside the file");
	}
}

TEST("-", image_segment_larger_in_the_file_than_in_memory, 0)
{
	struct made_elf64 file = make_elf64();

	file.load.p_memsz = 7;
	expect_refused(&file, sizeof(file), "segment 0 is larger in the file than in memory");
	file.load.p_memsz = 0;
	expect_refused(&file, sizeof(file), "segment 0 is larger in the file than in memory");
}

TEST("-", image_segment_that_wraps_around, 0)
{
	struct made_elf64 file = make_elf64();

	file.load.p_paddr = UINT64_MAX;
	expect_refused(&file, sizeof(file), "segment 0 wraps around the end of memory");
	file.load.p_paddr = MADE_PADDR;
	file.load.p_memsz = UINT64_MAX - MADE_PADDR + 1;
	expect_refused(&file, sizeof(file), "segment 0 wraps around the end of memory");
	file.load.p_memsz = UINT64_MAX;
	expect_refused(&file, sizeof(file), "segment 0 wraps around the end of memory");
}

TEST("-", image_with_too_many_segments, 0)
{
	struct {
		struct made_elf64 elf;
		Elf64_Phdr ph[IMAGE_SEGMENTS_MAX + 1];
	} file = { .elf = make_elf64() };
	struct image image;
	struct why why = { "" };

	file.elf.eh.e_phoff = offsetof(__typeof__(file), ph);
	for (unsigned i = 0; i < ARRAY_SIZE(file.ph); i++) {
		file.ph[i] = file.elf.load;
		file.ph[i].p_paddr += i * MiB(1);
	}
	file.elf.eh.e_phnum = IMAGE_SEGMENTS_MAX;
	EXPECT_ERR(parse(&file, sizeof(file), &image, &why), 0);
	EXPECT_U64(image.nsegments, IMAGE_SEGMENTS_MAX);
	file.elf.eh.e_phnum = IMAGE_SEGMENTS_MAX + 1;
	expect_refused(&file, sizeof(file), "more than 16 loadable segments");
}

TEST("-", image_segments_on_each_other, 0)
{
	struct {
		struct made_elf64 elf;
		Elf64_Phdr ph[2];
	} file = { .elf = make_elf64() };
	u64 size = file.elf.load.p_memsz;
	struct image image;
	struct why why = { "" };

	file.elf.eh.e_phoff = offsetof(__typeof__(file), ph);
	file.elf.eh.e_phnum = 2;
	file.ph[0] = file.ph[1] = file.elf.load;
	for (int by = -1; by <= 1; by += 2) {
		file.ph[1].p_paddr = MADE_PADDR + (u64)by * size;
		CONTEXT("they touch");
		EXPECT_ERR(parse(&file, sizeof(file), &image, &why), 0);
		image_close(&image);
		CONTEXT("they share one byte");
		file.ph[1].p_paddr -= (u64)by;
		expect_refused(&file, sizeof(file), "segment 1, from 0x");
	}
	CONTEXT("one lies amid the other");
	file.ph[1] = file.ph[0];
	file.ph[1].p_paddr++;
	file.ph[1].p_filesz = file.ph[1].p_memsz = 1;
	expect_refused(&file, sizeof(file), "lies on another one of the file");
}

TEST("-", image_of_another_kind, 0)
{
	struct made_elf64 file = make_elf64();
	struct made_elf32 narrow = make_elf32();

	file.eh.e_machine = EM_AARCH64;
	expect_refused(&file, sizeof(file), "for another machine (e_machine 183, AArch64)");
	file.eh.e_machine = 0xfeed;
	expect_refused(&file, sizeof(file), "for another machine (e_machine 65261)");
	file.eh.e_machine = EM_386; /* and 64 bits: there is no such thing */
	expect_refused(&file, sizeof(file), "for another machine (e_machine 3, i386 in an ELF64");
	narrow.eh.e_machine = EM_X86_64; /* x32 */
	expect_refused(&narrow, sizeof(narrow), "for another machine (e_machine 62, x32)");
	file = make_elf64();
	file.eh.e_ident[EI_DATA] = ELFDATA2MSB;
	file.eh.e_machine = EM_S390 << 8;
	expect_refused(&file, sizeof(file), "for another machine (big-endian)");
	file = make_elf64();
	file.eh.e_type = ET_REL;
	expect_refused(&file, sizeof(file),
		       "an ELF file that is not linked (e_type 1); link it with ld");
	file.eh.e_type = ET_CORE;
	expect_refused(&file, sizeof(file), "a core dump (an ELF file of e_type 4)");
	file = make_elf64();
	file.eh.e_ident[EI_CLASS] = 0;
	expect_refused(&file, sizeof(file), "of neither 32 nor 64 bits (class 0)");
	file.eh.e_ident[EI_CLASS] = 3;
	expect_refused(&file, sizeof(file), "of neither 32 nor 64 bits (class 3)");
}

TEST("-", image_with_nothing_to_load, 0)
{
	struct made_elf64 file = make_elf64();

	file.eh.e_phnum = 0;
	expect_refused(&file, sizeof(file), "an ELF file with nothing to load");
	file = make_elf64();
	file.load.p_type = PT_NULL;
	expect_refused(&file, sizeof(file), "an ELF file with nothing to load");
	file = make_elf64();
	file.load.p_filesz = file.load.p_memsz = 0;
	expect_refused(&file, sizeof(file), "an ELF file with nothing to load");
}

/* --- notes: a bad one is as good as none, since only a guest that needs it is in trouble --- */

static void expect_no_pvh(const struct made_elf64 *file)
{
	struct image image;
	struct why why = { "" };

	EXPECT_ERR(parse(file, sizeof(*file), &image, &why), 0);
	EXPECT_TRUE(!image.has_pvh);
	EXPECT_U64(image.pvh_entry, 0);
	image_close(&image);
}

TEST("-", image_note_cut_off_anywhere, 0)
{
	struct made_elf64 file = make_elf64();

	for (u64 size = 0; size < sizeof(struct made_note) - sizeof(u32); size++) {
		CONTEXT("p_filesz of the note segment is %u", (unsigned)size);
		file.note_ph.p_filesz = size;
		expect_no_pvh(&file);
	}
}

TEST("-", image_note_outside_the_file, 0)
{
	struct made_elf64 file = make_elf64();

	file.note_ph.p_offset = sizeof(file) - 19;
	expect_no_pvh(&file);
	file.note_ph.p_offset = UINT64_MAX - 19;
	expect_no_pvh(&file);
	file.note_ph.p_offset = 20;
	file.note_ph.p_filesz = UINT64_MAX - 19;
	expect_no_pvh(&file);
}

TEST("-", image_note_behind_a_lie, 0)
{
	static const Elf64_Nhdr lies[] = { { UINT32_MAX, 0, 1 },
					   { UINT32_MAX - 2, 0, 1 },
					   { 0, UINT32_MAX, 1 },
					   { UINT32_MAX, UINT32_MAX, 1 } };

	for (unsigned i = 0; i < ARRAY_SIZE(lies); i++) {
		struct {
			struct made_elf64 elf;
			Elf64_Nhdr lie;
			struct made_note pvh;
		} file = { make_elf64(), lies[i], made_note };
		struct image image;
		struct why why = { "" };

		CONTEXT("n_namesz %u, n_descsz %u: rounded up in 32 bits both would be 0",
			lies[i].n_namesz, lies[i].n_descsz);
		file.elf.note_ph.p_offset = sizeof(file.elf);
		file.elf.note_ph.p_filesz = sizeof(file) - sizeof(file.elf);
		EXPECT_ERR(parse(&file, sizeof(file), &image, &why), 0);
		EXPECT_TRUE(!image.has_pvh, "the note behind it was found");
		image_close(&image);
	}
}

TEST("-", image_note_with_a_lie, 0)
{
	static const struct {
		Elf64_Nhdr nh;
		char name[5];
	} rows[] = {
		{ { 4, 4, 17 }, "Xen" },	  /* another type */
		{ { 4, 4, 18 }, "Xem" },	  /* another owner */
		{ { 3, 4, 18 }, "Xen" },	  /* a name without its NUL */
		{ { 4, 3, 18 }, "Xen" },	  /* no entry is 3 bytes wide */
		{ { 4, 0, 18 }, "Xen" },	  /* or 0 */
		{ { 4, UINT32_MAX, 18 }, "Xen" }, /* rounding up wraps in 32 bits */
		{ { UINT32_MAX, 4, 18 }, "Xen" },
		{ { UINT32_MAX, UINT32_MAX, 18 }, "Xen" },
		{ { UINT32_MAX - 7, 4, 18 }, "Xen" },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		struct made_elf64 file = make_elf64();

		CONTEXT("n_namesz %u, n_descsz %u, n_type %u, name %s", rows[i].nh.n_namesz,
			rows[i].nh.n_descsz, rows[i].nh.n_type, rows[i].name);
		file.note.nh = rows[i].nh;
		memcpy(file.note.name, rows[i].name, 4);
		expect_no_pvh(&file);
	}
}

/* A caller's image, as it may lie on his stack. */
static struct image any_image(void)
{
	struct image image;

	memset(&image, 0xa5, sizeof(image));
	return image;
}

TEST("-", image_that_cannot_be_opened_is_closed_all_the_same, 0)
{
	const struct image_room room = { .memory = MiB(1) };
	struct image image = any_image();
	struct why why;

	EXPECT_ERR(image_open(&image, test_tmpfile("missing"), &room, &why), -ENOENT);
	EXPECT_TRUE(!image.bytes, "it has bytes that nobody has read");
	image_close(&image);
}

TEST("-", image_that_was_never_asked_for, 0)
{
	char *argv[] = { "vmm", "--report=/dev/null/x", "image", NULL };
	struct image image = any_image();
	struct options opt;
	int status = 0;

	CONTEXT("a file of --report that cannot be made: the guest's is not looked at");
	EXPECT_TRUE(!begin(&opt, &image, 3, argv, 2, 0, 0, &status), "there is a guest to run");
	EXPECT_U64(status, 1);
}
