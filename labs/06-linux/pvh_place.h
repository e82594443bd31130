/* SPDX-License-Identifier: MIT */
/* Given: a kernel with a PVH door, in memory. (Its vCPU is linux.c's affair.) */
#ifndef PVH_PLACE_H
#define PVH_PLACE_H

#include "image.h"
#include "pvh.h"

/*
 * Put a kernel for which there is room (image_fits()) into memory: its segments, the initrd above
 * them, and what it is told. 0, or a negative errno with why (-ENOSYS: a task is not done).
 */
int place_pvh(struct mem *mem, const struct image *image, struct handover *h, struct why *why);

#endif
