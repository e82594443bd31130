/* SPDX-License-Identifier: MIT */
#ifndef LOAD_H
#define LOAD_H

#include "image.h"
#include "mem.h"

/*
 * Put the segments of an image into guest memory; the RAM is still fresh, so what a segment leaves
 * open is zero. Refuses what lies outside RAM, and, unless the guest starts in real mode, what
 * covers the tables that cpu_mode.h puts at BOOT_GDT_GPA.
 * Returns 0, or a negative errno with why set (-ENOSYS: a task is not done).
 */
int image_load(const struct image *image, enum cpu_mode mode, struct mem *mem, struct why *why);

/* Does guest memory hold, byte for byte, what the image put there? */
bool image_is_loaded(const struct image *image, const struct mem *mem);

#endif
