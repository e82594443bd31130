// SPDX-License-Identifier: MIT
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "image.h"
#include "image_elf.h"

static int read_all(int fd, u8 *bytes, u64 size)
{
	u64 done = 0;

	while (done < size) {
		ssize_t n = read(fd, bytes + done, size - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return -EIO; /* it has been cut short since we asked for its size */
		done += (u64)n;
	}
	return 0;
}

static int read_file(int fd, u64 max, u8 **bytes, u64 *size, struct why *why)
{
	struct stat st;
	int err;

	if (fstat(fd, &st) < 0)
		return why_set(why, -errno, "%s", strerror(errno));
	if (!S_ISREG(st.st_mode))
		return why_set(why, -EINVAL, "%s, not a guest image",
			       S_ISDIR(st.st_mode) ? "a directory" : "not a regular file");
	*size = (u64)st.st_size;
	if (*size == 0)
		return why_set(why, -EINVAL, "the file is empty");
	if (*size > max)
		return why_set(why, -EFBIG,
			       "%llu bytes do not fit in %llu bytes of guest memory; see --memory",
			       (unsigned long long)*size, (unsigned long long)max);
	*bytes = malloc(*size);
	if (!*bytes)
		return why_set(why, -ENOMEM, "%s", strerror(ENOMEM));
	err = read_all(fd, *bytes, *size);
	if (err) {
		free(*bytes);
		why_set(why, err, "%s", strerror(-err));
		return err;
	}
	return 0;
}

int image_open(struct image *image, const char *path, u64 max, struct why *why)
{
	u8 *bytes = NULL;
	u64 size = 0;
	int fd, err;

	/* O_NONBLOCK: opening a FIFO that nobody writes must not hang; files ignore it. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return why_set(why, -errno, "%s", strerror(errno));
	err = read_file(fd, max, &bytes, &size, why);
	close(fd);
	return err ? err : image_parse(image, bytes, size, why);
}

int image_parse(struct image *image, u8 *bytes, u64 size, struct why *why)
{
	int err;

	*image = (struct image){ .bytes = bytes, .size = size };
	if (image_is_elf(image)) {
		err = image_parse_elf(image, why);
		if (err)
			image_close(image);
		return err;
	}
	image->kind = IMAGE_FLAT;
	image->entry = FLAT_LOAD_GPA;
	image->nsegments = 1;
	image->segment[0] = (struct image_segment){
		.paddr = FLAT_LOAD_GPA,
		.filesz = size,
		.memsz = size,
		.data = bytes,
	};
	return 0;
}

void image_close(struct image *image)
{
	free(image->bytes);
	*image = (struct image){ 0 };
}

int image_entry(const struct image *image, enum cpu_mode asked, enum cpu_mode *mode, u64 *entry,
		struct why *why)
{
	static const enum cpu_mode by_kind[] = {
		[IMAGE_FLAT] = MODE_REAL,
		[IMAGE_ELF32] = MODE_PROTECTED,
		[IMAGE_ELF64] = MODE_LONG,
	};

	*mode = asked == MODE_AUTO ? by_kind[image->kind] : asked;
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
	return 0;
}
