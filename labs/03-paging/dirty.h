/* SPDX-License-Identifier: MIT */
/* Task 3.11: which pages has the guest written? KVM keeps the log that live migration needs. */
#ifndef DIRTY_H
#define DIRTY_H

#include "mem.h"

/*
 * [task 3.11] From now on KVM notes each page of guest RAM that is written: tell it of every slot
 * once more, the same in all but the flag KVM_MEM_LOG_DIRTY_PAGES (api.rst 4.35). Slots that are
 * read-only stay as they are. 0, or the negative errno of the ioctl.
 */
int dirty_log_start(const struct mem *mem, int vm_fd);

typedef void dirty_fn(void *ctx, u64 gpa);

/*
 * [task 3.11] Call each() for every page of the slot, by its guest-physical address and in
 * ascending order, that KVM noted since the last call; KVM begins a new log at once
 * (api.rst 4.8, KVM_GET_DIRTY_LOG: one bit a page, in longs of 64). 0, -ENOMEM, or the negative
 * errno of the ioctl (-ENOENT: nothing is logged there).
 */
int dirty_log_read(const struct memslot *slot, int vm_fd, dirty_fn *each, void *ctx);

#endif
