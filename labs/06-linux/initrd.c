// SPDX-License-Identifier: MIT
#include "initrd.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "options.h"
#include "todo.h"

int initrd_open(struct initrd *initrd, const char *path, struct why *why)
{
	struct stat st;

	*initrd = (struct initrd){ .fd = -1 };
	if (!path)
		return 0;
	/* O_NONBLOCK: as for the image, a FIFO that nobody writes must not hang. */
	initrd->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (initrd->fd < 0 || fstat(initrd->fd, &st) < 0)
		return why_set(why, -errno, "%s", strerror(errno));
	if (!S_ISREG(st.st_mode))
		return why_set(why, -EINVAL, "%s",
			       S_ISDIR(st.st_mode) ? "a directory, not a file"
						   : "not a regular file");
	if (!st.st_size)
		return why_set(why, -EINVAL, "the file is empty");
	initrd->size = (u64)st.st_size;
	return 0;
}

/* [book:6.1initrd] */
/* TASK 6.1 */
#if SOL >= 601
static int read_all(const struct initrd *initrd, struct mem *mem, struct why *why)
{
	for (u64 done = 0; done < initrd->size;) {
		u64 len = initrd->size - done;
		void *to = mem_span_write(mem, initrd->gpa + done, &len);
		ssize_t n = to ? pread(initrd->fd, to, len, (off_t)done) : 0;

		if (n < 0 && errno != EINTR)
			return why_set(why, -errno, "its initrd: %s", strerror(errno));
		if (n == 0)
			return why_set(why, -EIO,
				       "its initrd has become shorter while it was read");
		done += n > 0 ? (u64)n : 0;
	}
	return 0;
}

/* Whose limit is it? */
static const char *what_helps(const struct ranges *r, u64 floor, u64 end, u64 size)
{
	if (end < ranges_ram_end(r, UINT64_MAX))
		return "memory ends higher, but this kernel reaches no initrd there";
	if (size > MEMORY_MAX || floor > MEMORY_MAX - size)
		return "no guest has memory for both";
	return "say a larger --memory";
}

#endif

int initrd_load(struct initrd *initrd, struct mem *mem, const struct ranges *r, u64 floor,
		u64 limit, struct why *why)
{
	if (initrd->fd < 0)
		return 0;
		/* TASK 6.1 */
#if SOL >= 601
	u64 end = ranges_ram_end(r, limit);

	if (end < floor || end - floor < initrd->size + PAGE_SIZE_4K)
		return why_set(
			why, -EFBIG,
			"its initrd has %llu bytes, but between the kernel's end, 0x%llx, and the "
			"end of memory that it may use, 0x%llx, there are %llu, and it needs a "
			"page more than its bytes; %s",
			(unsigned long long)initrd->size, (unsigned long long)floor,
			(unsigned long long)end,
			(unsigned long long)(end > floor ? end - floor : 0),
			what_helps(r, floor, end, initrd->size));
	initrd->gpa = (end - initrd->size) & ~(u64)(PAGE_SIZE_4K - 1);
	return read_all(initrd, mem, why);
#else
	return TODO("6.1");
#endif
}
/* [book:end] */

void initrd_close(struct initrd *initrd)
{
	if (initrd->fd >= 0)
		close(initrd->fd);
	initrd->fd = -1;
}
