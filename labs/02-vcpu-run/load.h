/* SPDX-License-Identifier: MIT */
#ifndef LOAD_H
#define LOAD_H

#include "image.h"
#include "mem.h"

/*
 * Put the segments of an image for which there is room (image_fits()) into guest memory; the RAM is
 * still fresh, so what a segment leaves open is zero. Refuses, unless the guest starts in real
 * mode, what does not keep out of the tables. Returns 0, or a negative errno with why set (-ENOSYS:
 * a task is not done).
 */
int image_load(const struct image *image, enum cpu_mode mode, struct mem *mem, struct why *why);

/* Nothing of it lies where cpu_mode.h puts the tables: 0, or -EINVAL with why set. */
int image_keeps_out(const struct image *image, struct why *why);

/* Does guest memory hold, byte for byte, what the image put there? */
bool image_is_loaded(const struct image *image, const struct mem *mem);

#endif
