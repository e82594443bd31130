// SPDX-License-Identifier: MIT
#include "pvh_place.h"

#include <errno.h>
#include <string.h>

#include "layout.h"
#include "load.h"
#include "slots.h"

/* From here on the initrd may lie: behind the kernel, and never around the hole below 1 MiB. */
static u64 end_of(const struct image *image)
{
	u64 end = HIGH_GPA;

	for (unsigned i = 0; i < image->nsegments; i++) {
		u64 here = image->segment[i].paddr + image->segment[i].memsz;

		end = here > end ? here : end;
	}
	return end;
}

/* Nothing of it lies where a PVH kernel is told things. (A bzImage lies above 1 MiB anyway.) */
static int keeps_out(const struct image *image, struct why *why)
{
	static const struct range told[] = { { .gpa = PVH_INFO_GPA, .size = PAGE_SIZE_4K },
					     { .gpa = CMDLINE_GPA, .size = CMDLINE_SIZE } };

	for (unsigned i = 0; i < image->nsegments; i++) {
		const struct image_segment *seg = &image->segment[i];

		for (unsigned k = 0; k < ARRAY_SIZE(told); k++) {
			u64 end = told[k].gpa + told[k].size;

			if (seg->paddr < end && seg->paddr + seg->memsz > told[k].gpa)
				return why_set(why, -EINVAL,
					       "it covers 0x%llx to 0x%llx, where a kernel finds "
					       "what it is told; link it from 1 MiB on "
					       "(ld -Ttext-segment=0x100000)",
					       (unsigned long long)told[k].gpa,
					       (unsigned long long)end - 1);
		}
	}
	return 0;
}

int place_pvh(struct mem *mem, const struct image *image, struct handover *h, struct why *why)
{
	int err = keeps_out(image, why);

	if (!err)
		err = image_load(image, MODE_PROTECTED, mem, why);
	if (!err)
		err = initrd_load(&h->initrd, mem, &h->ranges, end_of(image), GiB(4), why);
	if (err)
		return err;
	err = pvh_write(mem, h);
	if (err == -E2BIG)
		return why_set(why, err, "the command line has %zu bytes, and there is room for %u",
			       strlen(h->cmdline), CMDLINE_SIZE - 1);
	return err ? why_set(why, err, "%s", strerror(-err)) : 0;
}
