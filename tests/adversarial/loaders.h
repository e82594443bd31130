/* SPDX-License-Identifier: MIT */
/* What the fuzzers of lab 06's loaders share: the memory that they load into, and an initrd. */
#ifndef LOADERS_H
#define LOADERS_H

#include <sys/mman.h>
#include <unistd.h>

#include "initrd.h"
#include "input.h"
#include "slots.h"

#define MEMORY MiB(32)

static inline void check_why(const struct why *why)
{
	must(memchr(why->text, 0, sizeof(why->text)) != NULL);
	must(why->text[0] && !strchr(why->text, '\n'));
}

/* The same RAM each time: what was written below is wiped, the rest does not matter. */
static inline struct mem *machine(void)
{
	static struct mem mem;

	if (!mem.nslots) {
		u8 *low = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

		must(low != MAP_FAILED);
		mem = (struct mem){ .slot = { { .size = LOW_END_GPA, .hva = low },
					      { .gpa = HIGH_GPA,
						.size = MEMORY - HIGH_GPA,
						.hva = low + HIGH_GPA } },
				    .nslots = 2 };
	}
	return &mem;
}

/* A file of so many bytes or so, which stays. */
static inline void initrd_file(struct initrd *initrd, size_t size)
{
	static int fd = -1;

	if (fd < 0)
		fd = memfd_create("initrd", MFD_CLOEXEC);
	*initrd = (struct initrd){ .fd = fd, .size = 1 + size * 37 % MiB(20) };
	must(fd >= 0 && ftruncate(fd, (off_t)initrd->size) == 0);
}

#endif
