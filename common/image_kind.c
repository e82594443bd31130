// SPDX-License-Identifier: MIT
/*
 * What a file plainly is, if it is no guest for this VMM. A new kind is one entry of the table;
 * a lab that learns to load a kind takes its entry out.
 */
#include <errno.h>
#include <string.h>

#include "image_kind.h"

#define BOOT_SECTOR  512
#define TEXT_MIN     4 /* bytes: less may be text by chance */
#define PE_OFFSET_AT 0x3c

static bool has(const struct image *image, u64 at, const void *magic, u64 len)
{
	return at <= image->size && len <= image->size - at &&
	       !memcmp(image->bytes + at, magic, len);
}

static u32 word_at(const struct image *image, u64 at)
{
	u32 word;

	memcpy(&word, image->bytes + at, sizeof(word));
	return word;
}

/* Multiboot 0.6.96, 3.1.1: in the first 8 KiB, magic, flags and checksum add up to zero. */
static bool is_multiboot(const struct image *image)
{
	for (u64 at = 0; at + 12 <= min_u64(image->size, KiB(8)); at += 4)
		if (word_at(image, at) == 0x1badb002 &&
		    (u32)(0x1badb002 + word_at(image, at + 4) + word_at(image, at + 8)) == 0)
			return true;
	return false;
}

/* Multiboot 2, 3.1.1: in the first 32 KiB, magic, architecture, length and checksum. */
static bool is_multiboot2(const struct image *image)
{
	for (u64 at = 0; at + 16 <= min_u64(image->size, KiB(32)); at += 8)
		if (word_at(image, at) == 0xe85250d6 &&
		    (u32)(0xe85250d6 + word_at(image, at + 4) + word_at(image, at + 8) +
			  word_at(image, at + 12)) == 0)
			return true;
	return false;
}

/* Multiboot enters 32-bit code. A PVH note gives this VMM a door to such code, too. */
static bool starts_otherwise(const struct image *image)
{
	return image->kind == IMAGE_ELF64 && !image->has_pvh;
}

static bool is_multiboot_64(const struct image *image)
{
	return starts_otherwise(image) && is_multiboot(image);
}

static bool is_multiboot2_64(const struct image *image)
{
	return starts_otherwise(image) && is_multiboot2(image);
}

static bool is_pe(const struct image *image)
{
	return has(image, 0, "MZ", 2) && image->size >= PE_OFFSET_AT + 4 &&
	       has(image, word_at(image, PE_OFFSET_AT), "PE\0\0", 4);
}

/* The bytes of the UTF-8 character that begins at p (at most left), or 0: that is no text. */
static u64 text_character(const u8 *p, u64 left)
{
	u64 len = *p < 0x80 ? 1 : *p < 0xc2 ? 0 : *p < 0xe0 ? 2 : *p < 0xf0 ? 3 : *p < 0xf5 ? 4 : 0;

	if (len == 1)
		return (*p >= ' ' && *p != 0x7f) || (*p >= '\t' && *p <= '\r') ? 1 : 0;
	for (u64 i = 1; i < len && i < left; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	return len;
}

static bool is_text(const struct image *image)
{
	u64 end = min_u64(image->size, IMAGE_HEAD), at = 0, len = 1;

	for (; at < end && len; at += len)
		len = text_character(image->bytes + at, end - at);
	/* Only what is cut off for us may end within a character. */
	return len && (at == end || end == IMAGE_HEAD) && end >= TEXT_MIN;
}

/* By its first line: what follows may be no text. */
static bool is_script(const struct image *image)
{
	return has(image, 0, "#!/", 3) || has(image, 0, "#! /", 4);
}

static bool is_linux_program(const struct image *image)
{
	return image->has_linux_abi && !image->has_pvh;
}

static bool has_interp(const struct image *image)
{
	return image->has_interp && !image->has_pvh;
}

static bool is_linux(const struct image *image)
{
	return image->is_linux;
}

static bool is_position_independent(const struct image *image)
{
	return image->is_dynamic;
}

/* Told by len bytes at a place, or by a function. The first entry that fits is taken. */
struct kind {
	bool elf;     /* of ELF files, else of all others */
	bool refused; /* else it is a note */
	u8 until;     /* from this lab on it is loaded; 0: in none */
	u16 at, len;
	const char *magic;
	bool (*is)(const struct image *image);
	const char *text;
};

#define BEGINS(bytes)	  .magic = (bytes), .len = sizeof(bytes) - 1
#define HAS(where, bytes) .at = (where), BEGINS(bytes)
#define PACKED(name) \
	"compressed by " name "; unpack it first, for example with `" name " -dc FILE >IMAGE`"
#define NO_FIRMWARE "which needs firmware (a BIOS or UEFI) to be started; there is none here"
/* Such a loader enters 32-bit code, in protected mode: that much an ELF32 has here, too. */
#define MULTIBOOT(name, eax)                                                                    \
	"it has a " name " header, but nobody here does what GRUB does for it: EAX is not " eax \
	", and EBX points to no table"
#define MULTIBOOT_BUT(name, eax, but)                                       \
	"it has a " name " header, so it begins with 32-bit code, but " but \
	" (and EAX is not " eax ")"
#define BUT_LONG "a 64-bit ELF starts in long mode; `objcopy -O elf32-i386` makes a 32-bit one"
#define BUT_REAL "a flat image starts in real mode; link it as a 32-bit ELF"

static const struct kind kinds[] = {
	{ .refused = true,
	  HAS(0x202, "HdrS"),
	  .until = LINUX_LAB,
	  .text = "a Linux kernel (bzImage), which needs a loader that speaks Linux's boot "
		  "protocol; this VMM starts flat binaries and ELF files" },
	{ .refused = true, BEGINS("\x1f\x8b\x08"), .text = PACKED("gzip") },
	{ .refused = true, BEGINS("\xfd\x37zXZ"), .text = PACKED("xz") },
	{ .refused = true, BEGINS("\x28\xb5\x2f\xfd"), .text = PACKED("zstd") },
	{ .refused = true, BEGINS("\x04\x22\x4d\x18"), .text = PACKED("lz4") },
	{ .refused = true, BEGINS("BZh"), .text = PACKED("bzip2") },
	{ .refused = true,
	  BEGINS("PK\3\4"),
	  .text = "an archive (zip); unpack the guest image first" },
	{ .refused = true,
	  BEGINS("!<arch>\n"),
	  .text = "an archive of object files (ar); link them to a guest first" },
	{ .refused = true, BEGINS("QFI\xfb"), .text = "a disk (qcow2), " NO_FIRMWARE },
	{ .refused = true, HAS(0x8001, "CD001"), .text = "a CD (ISO 9660), " NO_FIRMWARE },
	{ .refused = true,
	  .is = is_pe,
	  .text = "an EFI or Windows program (PE), which needs UEFI or Windows around it; there "
		  "is neither here" },
	{ .refused = true,
	  BEGINS("\xcf\xfa\xed\xfe"),
	  .text = "a macOS program or object (Mach-O); a guest must be linked as ELF or flat" },
	{ .refused = true,
	  .is = is_script,
	  .text = "a script (#!), which needs its interpreter; a guest image is machine code" },
	{ .refused = true,
	  .is = is_text,
	  .text = "a text file; a guest image is machine code, made by an assembler and a linker "
		  "(if it is code all the same: append a zero byte)" },
	{ HAS(510, "\x55\xaa"),
	  .text = "it has the mark of a boot sector (55 aa at 510), which needs a BIOS and lies at "
		  "0x7c00; here is no BIOS behind `int`, and it lies at 0x1000" },
	{ .is = is_multiboot, .text = MULTIBOOT_BUT("Multiboot", "0x2badb002", BUT_REAL) },
	{ .is = is_multiboot2, .text = MULTIBOOT_BUT("Multiboot 2", "0x36d76289", BUT_REAL) },

	{ .elf = true,
	  .refused = true,
	  .is = has_interp,
	  .text = "a program for Linux, which needs a dynamic linker (PT_INTERP) and "
		  "Linux's system calls; a guest stands alone (gcc -nostdlib -static -no-pie)" },
	{ .elf = true,
	  .refused = true,
	  .is = is_linux_program,
	  .text = "a program for Linux (.note.ABI-tag), which needs Linux's system calls; a guest "
		  "stands alone" },
	{ .elf = true,
	  .is = is_linux,
	  .until = LINUX_LAB,
	  .text = "a Linux kernel (vmlinux), which needs boot parameters from its loader; there "
		  "are none here" },
	{ .elf = true,
	  .is = is_multiboot_64,
	  .text = MULTIBOOT_BUT("Multiboot", "0x2badb002", BUT_LONG) },
	{ .elf = true,
	  .is = is_multiboot2_64,
	  .text = MULTIBOOT_BUT("Multiboot 2", "0x36d76289", BUT_LONG) },
	{ .elf = true, .is = is_multiboot, .text = MULTIBOOT("Multiboot", "0x2badb002") },
	{ .elf = true, .is = is_multiboot2, .text = MULTIBOOT("Multiboot 2", "0x36d76289") },
	{ .elf = true,
	  .is = is_position_independent,
	  .text = "it is to be relocated by its loader (PT_DYNAMIC), and nobody here does that; "
		  "link it with -static -no-pie" },
};

int image_other_kind(const struct image *image, struct why *why)
{
	*why = (struct why){ "" };
	for (unsigned i = 0; i < ARRAY_SIZE(kinds); i++) {
		const struct kind *kind = &kinds[i];

		if (kind->elf != (image->kind != IMAGE_FLAT) ||
		    (kind->until && image->lab >= kind->until))
			continue;
		if (kind->is ? kind->is(image) : has(image, kind->at, kind->magic, kind->len))
			return why_set(why, kind->refused ? -ENOEXEC : 0, "%s", kind->text);
	}
	return 0;
}
