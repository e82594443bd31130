/* SPDX-License-Identifier: MIT */
/*
 * Task 6.9 (stretch): memory above the hole. Below 4 GiB the devices have their windows, and RAM
 * ends at MEMORY_MAX. What --memory says beyond that lies from 4 GiB on.
 */
#ifndef HIGH_H
#define HIGH_H

#include "ranges.h"

#define ABOVE_GPA GiB(4)

/*
 * [task 6.9] `above` bytes of RAM (a multiple of 4096, more than 0) from ABOVE_GPA on, in one slot.
 * 0 or a negative errno, as mem_add() says.
 */
int high_init(struct mem *mem, int vm_fd, u64 above);

/*
 * [task 6.9] The same for who asks which memory there is: one range more, behind the others, of
 * type RANGE_RAM. (ranges_of() has made those; there is room for it.)
 */
void high_range(struct ranges *r, u64 above);

#endif
