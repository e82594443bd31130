// SPDX-License-Identifier: MIT
/*
 * A fuzzer for guest images: any bytes at all, as image_open() would have read them. Whatever the
 * parser accepts must be as image.h promises; whatever it refuses must have a reason.
 */
#include <stdlib.h>
#include <string.h>

#include "input.h"
#include "image.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static void check_why(const struct why *why)
{
	must(memchr(why->text, 0, sizeof(why->text)) != NULL);
	must(why->text[0] && !strchr(why->text, '\n'));
}

/* Every byte that a segment claims is there: the sanitizer sees it if not. */
static void check_segment(const struct image *image, const struct image_segment *seg)
{
	volatile u8 sum = 0;

	must(seg->filesz <= seg->memsz && seg->memsz > 0);
	must(seg->paddr <= UINT64_MAX - seg->memsz);
	must(seg->data >= image->bytes && seg->filesz <= image->size);
	for (u64 i = 0; i < seg->filesz; i++)
		sum = (u8)(sum + seg->data[i]);
}

static bool is_loaded(const struct image *image, u64 gpa)
{
	for (unsigned i = 0; i < image->nsegments; i++)
		if (gpa >= image->segment[i].paddr &&
		    gpa - image->segment[i].paddr < image->segment[i].filesz)
			return true;
	return false;
}

/* If only more memory helps, as much as is said helps. */
static void check_room(const struct image *image)
{
	struct image_room room = { .memory = KiB(64), .hole = 0xa0000, .hole_end = 0x100000 };
	struct why why = { "" };
	const char *advice;

	if (!image_fits(image, &room, &why))
		return;
	check_why(&why);
	advice = strstr(why.text, "--memory=");
	if (!advice)
		return;
	must(size_parse(advice + strlen("--memory="), &room.memory) == 0);
	must(room.memory > KiB(64) && room.memory <= MEMORY_MAX);
	must(image_fits(image, &room, &why) == 0);
}

static void check_doors(const struct image *image)
{
	for (enum cpu_mode asked = MODE_AUTO; asked <= MODE_LONG; asked++) {
		struct why why = { "" };
		enum cpu_mode mode;
		u64 entry;

		if (image_entry(image, asked, &mode, &entry, &why)) {
			check_why(&why);
			continue;
		}
		must(entry != 0 && is_loaded(image, entry));
		must(asked == MODE_AUTO ? mode != MODE_AUTO : mode == asked);
		must((mode == MODE_REAL) == (image->kind == IMAGE_FLAT));
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct image image;
	struct why why = { "" };
	u8 *bytes;

	if (size == 0)
		return 0; /* image_open() never hands on an empty file */
	bytes = malloc(size);
	if (!bytes)
		return 0;
	memcpy(bytes, data, size);
	if (image_parse(&image, bytes, size, &why)) {
		check_why(&why);
		must(!image.bytes);
		return 0;
	}
	must(image.nsegments >= 1 && image.nsegments <= IMAGE_SEGMENTS_MAX);
	for (unsigned i = 0; i < image.nsegments; i++)
		check_segment(&image, &image.segment[i]);
	check_doors(&image);
	check_room(&image);
	if (image.note.text[0])
		check_why(&image.note);
	image_close(&image);
	return 0;
}
