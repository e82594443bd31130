// SPDX-License-Identifier: MIT
/*
 * A fuzzer for a loader of lab 06: any bytes at all as a bzImage, in a memory of its own size.
 * What is loaded must lie in RAM, apart from all else that lies there; what is refused must have a
 * reason.
 */
#include "bzimage.h"
#include "layout.h"
#include "loaders.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static void check_loaded(const struct bzimage *bz, const struct handover *h, struct mem *mem)
{
	struct boot_params zero;
	u64 end = bz->load_gpa + bz->code_size;

	must(bz->load_gpa >= HIGH_GPA && end > bz->load_gpa && end <= MEMORY);
	must(bz->end_gpa >= end && bz->end_gpa <= MEMORY);
	if (bz->header.version >= 0x20a) /* where it unpacks itself: in RAM, too */
		must(bz->header.pref_address + bz->header.init_size <= bz->end_gpa);
	must(mem_read(mem, ZERO_PAGE_GPA, &zero, sizeof(zero)) == 0);
	must(zero.hdr.code32_start == bz->load_gpa && zero.hdr.cmd_line_ptr == CMDLINE_GPA);
	must(zero.e820_entries == h->ranges.count);
	if (h->initrd.fd < 0) {
		must(zero.hdr.ramdisk_size == 0);
		return;
	}
	must(zero.hdr.ramdisk_image == h->initrd.gpa && zero.hdr.ramdisk_size == h->initrd.size);
	must(h->initrd.gpa >= bz->end_gpa && h->initrd.gpa + h->initrd.size <= MEMORY);
	must(h->initrd.gpa + h->initrd.size - 1 <= bz->header.initrd_addr_max);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct handover h = { .cmdline = "console=ttyS0", .initrd = { .fd = -1 } };
	struct bzimage bz;
	struct why why = { "" };

	if (bzimage_parse(&bz, data, size, &why)) {
		check_why(&why);
		return 0;
	}
	must(bz.code > data && bz.code_size > 0 && bz.code + bz.code_size == data + size);
	ranges_of(&h.ranges, MEMORY);
	if (size & 1)
		initrd_file(&h.initrd, size);
	if (bzimage_load(&bz, machine(), &h, &why))
		check_why(&why);
	else
		check_loaded(&bz, &h, machine());
	return 0;
}
