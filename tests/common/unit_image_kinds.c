// SPDX-License-Identifier: MIT
/* Files that are plainly made for something else: what image_parse() says of them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "image.h"
#include "make_elf.h"
#include "test.h"

/* What is said: refused (-ENOEXEC), a note (0), or nothing at all (0 and an empty text). */
static int say(const void *file, size_t size, struct why *why)
{
	u8 *bytes = malloc(size);
	struct image image;
	int err;

	if (!bytes)
		test_error("no memory");
	memcpy(bytes, file, size);
	*why = (struct why){ "" };
	err = image_parse(&image, bytes, size, why);
	if (!err) {
		*why = image.note;
		image_close(&image);
	}
	EXPECT_TRUE(strlen(why->text) < sizeof(why->text) - 1, "cut off: %s", why->text);
	EXPECT_TRUE(!strchr(why->text, '\n'), "more than one line: %s", why->text);
	return err;
}

static void expect_said(const void *file, size_t size, int err, const char *text)
{
	struct why why;

	EXPECT_ERR(say(file, size, &why), err);
	if (*text)
		EXPECT_CONTAINS(why.text, text);
	else
		EXPECT_STR(why.text, "");
}

/* --- flat files, by what stands at a place --- */

#define FILE_SIZE 40000

/* A file of this size, with these bytes at this place; it begins with code, behind it are zeros. */
static const struct {
	u64 at;
	const char *bytes;
	u64 len, size;
	int err;
	const char *text; /* "": nothing is said */
} rows[] = {
	{ 0x202, "HdrS", 4, FILE_SIZE, -ENOEXEC, "a Linux kernel (bzImage), which needs" },
	{ 0x202, "HdrS", 4, 0x206, -ENOEXEC, "a Linux kernel (bzImage)" },
	{ 0x202, "HdrS", 4, 0x205, 0, "" },
	{ 0x203, "HdrS", 4, FILE_SIZE, 0, "" },
	{ 0, "\x1f\x8b\x08", 3, FILE_SIZE, -ENOEXEC, "compressed by gzip; unpack it first" },
	{ 0, "\xfd\x37zXZ", 5, FILE_SIZE, -ENOEXEC, "`xz -dc FILE >IMAGE`" },
	{ 0, "\x28\xb5\x2f\xfd", 4, FILE_SIZE, -ENOEXEC, "compressed by zstd" },
	{ 0, "\x04\x22\x4d\x18", 4, FILE_SIZE, -ENOEXEC, "compressed by lz4" },
	{ 0, "BZh", 3, FILE_SIZE, -ENOEXEC, "compressed by bzip2" },
	{ 0, "PK\3\4", 4, FILE_SIZE, -ENOEXEC, "an archive (zip)" },
	{ 0, "!<arch>\n", 8, FILE_SIZE, -ENOEXEC, "an archive of object files (ar)" },
	{ 0, "QFI\xfb", 4, FILE_SIZE, -ENOEXEC, "a disk (qcow2), which needs firmware" },
	{ 0x8001, "CD001", 5, FILE_SIZE, -ENOEXEC, "a CD (ISO 9660), which needs firmware" },
	{ 0x8001, "CD001", 5, 0x8005, 0, "" },
	{ 0, "\xcf\xfa\xed\xfe", 4, FILE_SIZE, -ENOEXEC, "a macOS program" },
	{ 0, "#!/bin/sh\n", 10, FILE_SIZE, -ENOEXEC, "a script (#!)" },
	{ 0, "#! /bin/sh\n", 11, FILE_SIZE, -ENOEXEC, "a script (#!)" },
	{ 0, "#!\x90", 3, FILE_SIZE, 0, "" }, /* and (%bx,%di), %sp */
	{ 510, "\x55\xaa", 2, 512, 0, "it has the mark of a boot sector (55 aa at 510)" },
	{ 510, "\x55\xaa", 2, FILE_SIZE, 0, "it has the mark of a boot sector" },
	{ 510, "\x55\xaa", 2, 511, 0, "" },
	{ 511, "\x55\xaa", 2, FILE_SIZE, 0, "" },
};

TEST("-", kind_by_what_stands_at_a_place, 0)
{
	static u8 file[FILE_SIZE];

	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		u64 len = min_u64(rows[i].len, rows[i].size - rows[i].at);

		CONTEXT("row %u: `%s` at %#llx of %llu bytes", i, rows[i].bytes,
			(unsigned long long)rows[i].at, (unsigned long long)rows[i].size);
		memset(file, 0, sizeof(file));
		file[0] = 0xf4;
		memcpy(file + rows[i].at, rows[i].bytes, len);
		expect_said(file, rows[i].size, rows[i].err, rows[i].text);
	}
}

TEST("-", kind_pe, 0)
{
	u8 file[512] = "MZ";

	CONTEXT("MZ alone may be two instructions; with PE where 0x3c says, it is a program");
	file[0x3c] = 0x80;
	expect_said(file, sizeof(file), 0, "");
	file[0x80] = 'P';
	file[0x81] = 'E';
	expect_said(file, sizeof(file), -ENOEXEC, "an EFI or Windows program (PE), which needs");
	expect_said(file, 0x83, 0, "");
	memset(file + 0x3c, 0xff, 4);
	expect_said(file, sizeof(file), 0, "");
	expect_said(file, 0x3f, 0, "");
}

/* --- texts --- */

TEST("-", kind_text, 0)
{
	static const char *const texts[] = {
		"hello\n",
		"\tmov $1, %eax\r\n\tret\r\n",
		"Gr\xc3\xbc\xc3\x9fl \xe2\x82\xac, \xf0\x9f\x98\x80\n",
		"\xef\xbb\xbfwith a byte-order mark",
	};
	/* One byte of each makes it something else: what no text has, or no UTF-8. */
	static const char *const codes[] = {
		"hello\xf4",
		"hello\x7f",
		"hello\x01",
		"hell\x80",
		"hell\xc3(",
		"hell\xc0\x80",
		"hell\xf5\x80\x80\x80",
		"hel",
		"\xf4",
	};

	for (unsigned i = 0; i < ARRAY_SIZE(texts); i++) {
		CONTEXT("text %u", i);
		expect_said(texts[i], strlen(texts[i]), -ENOEXEC, "a text file; a guest image is");
		CONTEXT("text %u and a zero byte, as the message says", i);
		expect_said(texts[i], strlen(texts[i]) + 1, 0, "");
	}
	for (unsigned i = 0; i < ARRAY_SIZE(codes); i++) {
		CONTEXT("code %u", i);
		expect_said(codes[i], strlen(codes[i]), 0, "");
	}
}

TEST("-", kind_text_by_its_head, 0)
{
	static u8 file[KiB(64)];

	CONTEXT("36 KiB of text are enough, whatever follows; a byte in them is not");
	memset(file, 'x', KiB(36));
	expect_said(file, sizeof(file), -ENOEXEC, "a text file");
	file[KiB(36) - 1] = 0;
	expect_said(file, sizeof(file), 0, "");
}

/* --- Multiboot: flat, ELF32, ELF64, each by its header at a place of the file --- */

struct elf32_file {
	struct made_elf32 elf;
	u32 room[KiB(33) / 4];
};

struct elf64_file {
	struct made_elf64 elf;
	u32 room[KiB(33) / 4];
};

/* Words at a place: a header of Multiboot 1 (three words) or 2 (four). */
static void put_header(void *file, u64 at, unsigned version)
{
	u32 words[4] = { 0x1badb002, 3, 0, 0 };

	if (version == 1) {
		words[2] = 0u - words[0] - words[1];
		memcpy((u8 *)file + at, words, 12);
		return;
	}
	words[0] = 0xe85250d6;
	words[1] = 0;
	words[2] = 24;
	words[3] = 0u - words[0] - words[2];
	memcpy((u8 *)file + at, words, 16);
}

static const struct {
	u64 at;
	unsigned version;
	bool found;
} headers[] = {
	{ 0x400, 1, true },	  { 0x404, 1, true },	     { KiB(8) - 12, 1, true },
	{ KiB(8) - 8, 1, false }, { 0x402, 1, false },	     { 0x400, 2, true },
	{ 0x404, 2, false },	  { KiB(32) - 16, 2, true }, { KiB(32) - 8, 2, false },
};

TEST("-", kind_multiboot_in_an_elf32, 0)
{
	static struct elf32_file file;

	for (unsigned i = 0; i < ARRAY_SIZE(headers); i++) {
		CONTEXT("row %u: a header of version %u at %#llx", i, headers[i].version,
			(unsigned long long)headers[i].at);
		file = (struct elf32_file){ .elf = make_elf32() };
		put_header(&file, headers[i].at, headers[i].version);
		expect_said(&file, sizeof(file), 0,
			    !headers[i].found	      ? ""
			    : headers[i].version == 1 ? "Multiboot header, but nobody here does"
						      : "Multiboot 2 header, but nobody here does");
	}
}

TEST("-", kind_multiboot_needs_its_checksum, 0)
{
	static struct elf32_file file;

	for (unsigned version = 1; version <= 2; version++) {
		CONTEXT("version %u", version);
		file = (struct elf32_file){ .elf = make_elf32() };
		put_header(&file, 0x400, version);
		((u8 *)&file)[0x408] ^= 1;
		expect_said(&file, sizeof(file), 0, "");
	}
}

TEST("-", kind_multiboot_in_an_elf64, 0)
{
	static struct elf64_file file;

	CONTEXT("its code has 32 bits, and long mode would read it otherwise");
	file = (struct elf64_file){ .elf = make_elf64() };
	file.elf.note_ph.p_type = PT_NULL;
	put_header(&file, 0x400, 1);
	expect_said(&file, sizeof(file), 0, "but a 64-bit ELF starts in long mode; `objcopy");
	file.elf.note_ph.p_type = PT_NOTE;
	CONTEXT("but a PVH note is another door to it");
	expect_said(&file, sizeof(file), 0, "Multiboot header, but nobody here does");
}

TEST("-", kind_multiboot_in_a_flat_file, 0)
{
	static u8 file[KiB(8)];

	file[0] = 0xf4;
	put_header(file, 0x20, 1);
	expect_said(file, sizeof(file), 0, "but a flat image starts in real mode; link it");
	file[0x20] = 0;
	put_header(file, 0x40, 2);
	expect_said(file, sizeof(file), 0, "a Multiboot 2 header, so it begins with 32-bit code");
	CONTEXT("the file ends within it");
	expect_said(file, 0x4f, 0, "");
}

/* --- ELF files by their program headers and notes --- */

TEST("-", kind_elf_for_linux, 0)
{
	static const u32 linux_abi[4] = { 0, 3, 2, 0 };
	struct made_elf64 file = make_elf64();

	file.note.nh.n_type = 1; /* NT_GNU_ABI_TAG: which Linux, and since when */
	file.note.nh.n_descsz = 8;
	memcpy(file.note.name, "GNU", 4);
	memcpy(file.note.entry, linux_abi, 8);
	file.note_ph.p_filesz = sizeof(file.note);
	expect_said(&file, sizeof(file), -ENOEXEC, "a program for Linux (.note.ABI-tag)");
	CONTEXT("for the Hurd, and another note of GNU's");
	file.note.entry[0] = 1;
	expect_said(&file, sizeof(file), 0, "");
	file.note.entry[0] = 0;
	file.note.nh.n_type = 3;
	expect_said(&file, sizeof(file), 0, "");
}

TEST("-", kind_elf_with_a_dynamic_linker, 0)
{
	struct made_elf64 file = make_elf64();
	struct made_elf32 narrow = make_elf32();

	file.note_ph.p_type = PT_INTERP;
	expect_said(&file, sizeof(file), -ENOEXEC, "a program for Linux, which needs a dynamic");
	narrow.note_ph.p_type = PT_INTERP;
	expect_said(&narrow, sizeof(narrow), -ENOEXEC, "a program for Linux");
	file.note_ph.p_type = PT_DYNAMIC;
	file.eh.e_type = ET_DYN;
	expect_said(&file, sizeof(file), 0, "it is to be relocated by its loader (PT_DYNAMIC)");
	CONTEXT("position-independent, but there is nothing to relocate");
	file.note_ph.p_type = PT_NULL;
	expect_said(&file, sizeof(file), 0, "");
}

TEST("-", kind_linux_kernel, 0)
{
	struct {
		struct made_elf64 elf;
		Elf64_Nhdr nh;
		char name[4], desc[8];
	} file = { make_elf64(), { 4, 6, 6 }, "Xen", "linux" };

	CONTEXT("it says so by a note of Xen's");
	file.elf.note_ph.p_offset = offsetof(__typeof__(file), nh);
	file.elf.note_ph.p_filesz = sizeof(file) - offsetof(__typeof__(file), nh);
	expect_said(&file, sizeof(file), 0, "a Linux kernel (vmlinux), which needs boot param");
	memcpy(file.desc, "minix", 5);
	expect_said(&file, sizeof(file), 0, "");
}

TEST("-", kind_of_our_own_guests, 0)
{
	struct made_elf64 wide = make_elf64();
	struct made_elf32 narrow = make_elf32();

	expect_said(&wide, sizeof(wide), 0, "");
	expect_said(&narrow, sizeof(narrow), 0, "");
}
