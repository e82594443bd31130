// SPDX-License-Identifier: MIT
#include "begin.h"

#include <stdio.h>
#include <unistd.h>

#include "crash.h"
#include "streams.h"

bool begin(struct options *opt, struct image *image, int argc, char **argv, unsigned lab, u64 hole,
	   u64 hole_end, int *status)
{
	enum options_result result;
	struct image_room room;
	struct why why;

	*image = (struct image){ 0 };
	streams_init();
	crash_init("vmm", STDERR_FILENO);
	result = options_parse(opt, argc, argv, lab, &why);
	if (result != OPTIONS_RUN) {
		*status = result == OPTIONS_DONE ? 0 : fail_usage(why.text);
		return false;
	}
	room = (struct image_room){ opt->memory, hole, hole_end, lab };
	*status = outputs_open(opt);
	if (!*status && image_open(image, opt->image, &room, &why))
		*status = fail(opt->image, why.text);
	if (!*status && image->note.text[0])
		fprintf(stderr, "vmm: %s: note: %s\n", opt->image, image->note.text);
	if (!*status && image_entry(image, opt->mode, &image->mode, &image->start, &why))
		*status = fail(opt->image, why.text);
	if (*status)
		image_close(image);
	return !*status;
}
