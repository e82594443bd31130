/* SPDX-License-Identifier: MIT */
#ifndef MEM_H
#define MEM_H

#include "memslot.h"
#include "types.h"

#define MEM_SLOTS_MAX 8

/*
 * Guest-physical memory: slots of RAM with holes between them. This is the only place where a
 * guest address becomes a pointer, and so the only place that has to get the bounds right.
 */
struct mem {
	struct memslot slot[MEM_SLOTS_MAX]; /* in no order; they do not overlap */
	unsigned nslots;
};

/*
 * [task 2.2] Add size bytes of zeroed RAM at the guest-physical address gpa and tell KVM about it
 * (api.rst 4.35, KVM_SET_USER_MEMORY_REGION) as the next free slot number.
 *
 * Host memory is only taken when the guest touches it (mmap() with MAP_NORESERVE).
 * Returns 0; -EINVAL if gpa or size is not a multiple of 4096, size is 0, or gpa + size wraps;
 * -ENOSPC if there is no free slot; or what mmap() or KVM said. On error nothing has changed.
 */
int mem_add(struct mem *mem, int vm_fd, u64 gpa, u64 size);

/*
 * [task 2.2] The host memory behind a guest-physical address.
 *
 * In: *len is how many bytes are wanted from gpa on. Out: how many of them lie together in the
 * slot that holds gpa (at most what was wanted). Returns the host pointer, or NULL (with *len 0)
 * if gpa is not RAM. gpa and *len come from the guest: any value may appear, and no sum may wrap.
 */
void *mem_span(const struct mem *mem, u64 gpa, u64 *len);

/*
 * Given: mem_span() for somebody who is going to write on behalf of the guest: memory that the
 * guest itself may only read (lab 03) is not there.
 */
void *mem_span_write(const struct mem *mem, u64 gpa, u64 *len);

/*
 * Given: is all of [gpa, gpa + len) RAM, in as many slots as it likes; with write, such as the
 * guest may write? It only looks: memory that nobody has touched yet stays so.
 */
bool mem_is_ram(const struct mem *mem, u64 gpa, u64 len, bool write);

/*
 * [task 2.2] Copy len bytes out of or into guest memory at gpa. A copy may go from one slot into
 * its neighbour. Returns 0, or -EFAULT if it meets an address that is not RAM; the bytes before
 * that address may have been copied by then.
 */
int mem_read(const struct mem *mem, u64 gpa, void *buf, u64 len);
int mem_write(struct mem *mem, u64 gpa, const void *buf, u64 len);

/* Give the host memory back. The VM must not run any more. */
void mem_destroy(struct mem *mem);

#endif
