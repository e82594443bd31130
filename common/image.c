// SPDX-License-Identifier: MIT
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "image.h"
#include "image_elf.h"
#include "image_kind.h"

#define ELF_READ MiB(64) /* so much of a file is read whatever the guest's memory */

/* The one segment of a flat image of this size. */
static void flat_segment(struct image *image, u64 size)
{
	image->kind = IMAGE_FLAT;
	image->entry = FLAT_LOAD_GPA;
	image->nsegments = 1;
	image->segment[0] = (struct image_segment){
		.vaddr = FLAT_LOAD_GPA,
		.paddr = FLAT_LOAD_GPA,
		.filesz = size,
		.memsz = size,
		.data = image->bytes,
	};
}

/* A Linux kernel as it is shipped (Linux's Documentation/arch/x86/boot.rst, "header"). */
static bool is_bzimage(const struct image *image)
{
	return image->lab >= LINUX_LAB && image->size >= 0x206 &&
	       !memcmp(image->bytes + 0x202, "HdrS", 4);
}

/* "2M": a value for --memory that holds so many bytes. */
static const char *memory_text(char *buf, size_t n, u64 bytes)
{
	const unsigned long long pages = (bytes + PAGE_SIZE_4K - 1) / PAGE_SIZE_4K;

	if (pages <= 256)
		snprintf(buf, n, "%lluK", 4 * pages);
	else
		snprintf(buf, n, "%lluM", (pages + 255) / 256);
	return buf;
}

/* What no --memory mends. */
static int out_of_reach(const struct image_segment *seg, const struct image_room *room, bool flat,
			struct why *why)
{
	u64 end = seg->paddr + seg->memsz;

	if (seg->paddr >> 63)
		return why_set(
			why, -EFBIG,
			"linked to the higher half, at 0x%llx, and to be loaded there, too: it "
			"needs a physical address below 3 GiB (AT() in the linker script)",
			(unsigned long long)seg->paddr);
	if (room->hole < room->hole_end && seg->paddr < room->hole_end && end > room->hole)
		return why_set(why, -EFBIG,
			       "it covers 0x%llx to 0x%llx, but a PC has no memory from 0x%llx to "
			       "0x%llx: %s",
			       (unsigned long long)seg->paddr, (unsigned long long)end - 1,
			       (unsigned long long)room->hole,
			       (unsigned long long)room->hole_end - 1,
			       flat ? "link it as ELF, from 1 MiB on"
				    : "link it from 1 MiB on (ld -Ttext-segment=0x100000)");
	if (end > MEMORY_MAX)
		return why_set(
			why, -EFBIG,
			"its last byte would be at 0x%llx, and no guest has more than 3 GiB of "
			"memory",
			(unsigned long long)end - 1);
	return 0;
}

int image_fits(const struct image *image, const struct image_room *room, struct why *why)
{
	char text[24];
	u64 end = 0;

	for (unsigned i = 0; i < image->nsegments; i++) {
		const struct image_segment *seg = &image->segment[i];
		int err = out_of_reach(seg, room, image->kind == IMAGE_FLAT, why);

		if (err)
			return err;
		if (seg->paddr + seg->memsz > end)
			end = seg->paddr + seg->memsz;
	}
	if (end > room->memory)
		return why_set(
			why, -EFBIG,
			"guest memory ends before its last byte, 0x%llx; it needs --memory=%s",
			(unsigned long long)end - 1, memory_text(text, sizeof(text), end));
	return 0;
}

/* Such a file may be larger than what is loaded of it; but what is read must have an end. */
static int kernel_file_fits(u64 size, const struct image_room *room, struct why *why)
{
	char text[24];

	if (size <= room->memory || size <= ELF_READ)
		return 0;
	if (size > MEMORY_MAX)
		return why_set(
			why, -EFBIG,
			"the file has %llu bytes, and no guest has more than 3 GiB of memory; "
			"`strip` takes out what is not loaded",
			(unsigned long long)size);
	return why_set(
		why, -EFBIG,
		"the file has %llu bytes, more than the guest has memory; `strip` it, or say "
		"--memory=%s",
		(unsigned long long)size, memory_text(text, sizeof(text), size));
}

/* image->bytes are the beginning of a file of this size: is it worth reading on? */
static int check_head(struct image *image, u64 size, const struct image_room *room, struct why *why)
{
	int err;

	if (image_is_elf(image) || is_bzimage(image))
		return kernel_file_fits(size, room, why);
	err = image_other_kind(image, why);
	if (err)
		return err;
	flat_segment(image, size);
	return image_fits(image, room, why);
}

static int why_errno(struct why *why, int err)
{
	return why_set(why, err, "%s", strerror(-err));
}

/* Read on, until image->bytes are so many of the file's. */
static int read_on(int fd, struct image *image, u64 size, struct why *why)
{
	u8 *bytes = realloc(image->bytes, size);

	if (!bytes)
		return why_errno(why, -ENOMEM);
	image->bytes = bytes;
	while (image->size < size) {
		ssize_t n = read(fd, bytes + image->size, size - image->size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return why_errno(why, -errno);
		if (n == 0)
			return why_errno(why, -EIO); /* cut short since we asked for its size */
		image->size += (u64)n;
	}
	return 0;
}

static int read_file(int fd, struct image *image, const struct image_room *room, struct why *why)
{
	struct stat st;
	u64 size;
	int err;

	if (fstat(fd, &st) < 0)
		return why_errno(why, -errno);
	if (!S_ISREG(st.st_mode))
		return why_set(why, -EINVAL, "%s, not a guest image",
			       S_ISDIR(st.st_mode) ? "a directory" : "not a regular file");
	size = (u64)st.st_size;
	if (size == 0)
		return why_set(why, -EINVAL, "the file is empty");
	err = read_on(fd, image, min_u64(size, IMAGE_HEAD), why);
	if (!err)
		err = check_head(image, size, room, why);
	return err ? err : read_on(fd, image, size, why);
}

static int parse(struct image *image, struct why *why)
{
	int err = 0;

	if (image_is_elf(image))
		err = image_parse_elf(image, why);
	else if (is_bzimage(image))
		image->kind = IMAGE_BZIMAGE; /* its loader looks at the rest */
	else
		flat_segment(image, image->size);
	if (!err && image->kind != IMAGE_BZIMAGE)
		err = image_other_kind(image, &image->note);
	if (err && image->note.text[0])
		*why = image->note;
	return err;
}

int image_open(struct image *image, const char *path, const struct image_room *room,
	       struct why *why)
{
	int fd, err;

	*image = (struct image){ .lab = room->lab };
	/* O_NONBLOCK: opening a FIFO that nobody writes must not hang; files ignore it. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return why_errno(why, -errno);
	err = read_file(fd, image, room, why);
	close(fd);
	if (!err)
		err = parse(image, why);
	if (!err)
		err = image_fits(image, room, why);
	if (err)
		image_close(image);
	return err;
}

int image_parse(struct image *image, u8 *bytes, u64 size, struct why *why)
{
	int err;

	*image = (struct image){ .bytes = bytes, .size = size };
	err = parse(image, why);
	if (err)
		image_close(image);
	return err;
}

void image_close(struct image *image)
{
	free(image->bytes);
	*image = (struct image){ 0 };
}

/* Is there a byte of the image at this entry point, and one that can be reached from there? */
static int check_entry(const struct image *image, unsigned long long entry, enum cpu_mode mode,
		       struct why *why)
{
	for (unsigned i = 0; i < image->nsegments; i++) {
		const struct image_segment *seg = &image->segment[i];
		unsigned long long loaded = seg->paddr + (entry - seg->vaddr);

		if (entry >= seg->paddr && entry - seg->paddr < seg->filesz) {
			if (mode != MODE_LONG || entry < IMAGE_LONG_END)
				return 0;
			return why_set(
				why, -EINVAL,
				"its entry point 0x%llx lies above 1 GiB, and a 64-bit guest "
				"starts with the first GiB mapped; link it lower",
				entry);
		}
		if (entry >= seg->vaddr && entry - seg->vaddr < seg->filesz)
			return why_set(
				why, -EINVAL,
				"linked to the higher half: its entry point 0x%llx is a virtual "
				"address, loaded at 0x%llx; it needs the physical one, and to "
				"map the other itself",
				entry, loaded);
	}
	return why_set(why, -EINVAL,
		       "its entry point 0x%llx lies in no segment: nothing is loaded there", entry);
}

int image_entry(const struct image *image, enum cpu_mode asked, enum cpu_mode *mode, u64 *entry,
		struct why *why)
{
	static const enum cpu_mode by_kind[] = {
		[IMAGE_FLAT] = MODE_REAL,
		[IMAGE_ELF32] = MODE_PROTECTED,
		[IMAGE_ELF64] = MODE_LONG,
		[IMAGE_BZIMAGE] = MODE_PROTECTED,
	};

	*mode = asked == MODE_AUTO ? by_kind[image->kind] : asked;
	if (asked == MODE_AUTO && image->is_linux && image->has_pvh)
		*mode = MODE_PROTECTED; /* its other door is for a boot loader of Linux's own */
	if (image->kind == IMAGE_BZIMAGE) {
		*entry = 0; /* its loader says */
		return *mode == MODE_PROTECTED
			       ? 0
			       : why_set(why, -EINVAL, "a bzImage starts in protected mode");
	}
	if (*mode == MODE_REAL && image->kind != IMAGE_FLAT)
		return why_set(why, -EINVAL, "an ELF image cannot start in real mode");
	if (*mode != MODE_REAL && image->kind == IMAGE_FLAT)
		return why_set(why, -EINVAL, "a flat image can only start in real mode");
	if (*mode == MODE_LONG && image->kind == IMAGE_ELF32)
		return why_set(why, -EINVAL, "a 32-bit ELF image cannot start in long mode");
	*entry = image->entry;
	if (*mode == MODE_PROTECTED && image->has_pvh)
		*entry = image->pvh_entry;
	else if (*mode == MODE_PROTECTED && image->kind == IMAGE_ELF64)
		return why_set(why, -EINVAL,
			       "it has no PVH note, so nothing says where to enter in "
			       "protected mode");
	if (*entry == 0)
		return why_set(why, -EINVAL, "it has no entry point");
	return check_entry(image, *entry, *mode, why);
}
