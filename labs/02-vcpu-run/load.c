// SPDX-License-Identifier: MIT
#include <errno.h>
#include <string.h>

#include "cpu_mode.h"
#include "load.h"

int image_keeps_out(const struct image *image, struct why *why)
{
	for (unsigned i = 0; i < image->nsegments; i++) {
		const struct image_segment *seg = &image->segment[i];

		if (seg->paddr < BOOT_END_GPA && seg->paddr + seg->memsz > BOOT_GDT_GPA)
			return why_set(why, -EINVAL,
				       "it covers 0x%x to 0x%x, where the VMM puts its tables; "
				       "link it from 1 MiB on (ld -Ttext-segment=0x100000)",
				       BOOT_GDT_GPA, BOOT_END_GPA - 1);
	}
	return 0;
}

int image_load(const struct image *image, enum cpu_mode mode, struct mem *mem, struct why *why)
{
	int err = mode == MODE_REAL ? 0 : image_keeps_out(image, why);

	for (unsigned i = 0; i < image->nsegments && !err; i++) {
		const struct image_segment *seg = &image->segment[i];

		err = mem_write(mem, seg->paddr, seg->data, seg->filesz);
		if (err)
			why_set(why, err, "guest memory does not take it at 0x%llx: %s",
				(unsigned long long)seg->paddr, strerror(-err));
	}
	return err;
}

bool image_is_loaded(const struct image *image, const struct mem *mem)
{
	u8 buf[4096];

	for (unsigned i = 0; i < image->nsegments; i++) {
		const struct image_segment *seg = &image->segment[i];

		for (u64 at = 0, n; at < seg->filesz; at += n) {
			n = min_u64(seg->filesz - at, sizeof(buf));
			if (mem_read(mem, seg->paddr + at, buf, n) ||
			    memcmp(buf, seg->data + at, n) != 0)
				return false;
		}
	}
	return true;
}
