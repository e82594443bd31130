// SPDX-License-Identifier: MIT
#include <errno.h>
#include <string.h>

#include "cpu_mode.h"
#include "load.h"

/* Is [gpa, gpa + len) RAM? Asked without touching it: the guest may never use all of its BSS. */
static bool is_ram(const struct mem *mem, u64 gpa, u64 len)
{
	while (len) {
		u64 n = len;

		if (!mem_span(mem, gpa, &n))
			return false;
		gpa += n;
		len -= n;
	}
	return true;
}

static int load_segment(const struct image_segment *seg, enum cpu_mode mode, struct mem *mem,
			struct why *why)
{
	u64 end = seg->paddr + seg->memsz;
	int err;

	if (mode != MODE_REAL && seg->paddr < BOOT_END_GPA && end > BOOT_GDT_GPA)
		return why_set(why, -EINVAL,
			       "it covers 0x%x to 0x%x, where the VMM puts its tables; link it "
			       "from 1 MiB on (ld -Ttext-segment=0x100000)",
			       BOOT_GDT_GPA, BOOT_END_GPA - 1);
	err = mem_write(mem, seg->paddr, seg->data, seg->filesz);
	if (!err && !is_ram(mem, seg->paddr, seg->memsz))
		err = -EFAULT;
	if (err == -EFAULT)
		return why_set(why, err, "no guest memory for all of 0x%llx to 0x%llx",
			       (unsigned long long)seg->paddr, (unsigned long long)end - 1);
	return err ? why_set(why, err, "%s", strerror(-err)) : 0;
}

int image_load(const struct image *image, enum cpu_mode mode, struct mem *mem, struct why *why)
{
	int err = 0;

	for (unsigned i = 0; i < image->nsegments && !err; i++)
		err = load_segment(&image->segment[i], mode, mem, why);
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
