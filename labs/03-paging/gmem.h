/* SPDX-License-Identifier: MIT */
/* Task 3.3: from a guest-physical address to the machine, and from there to a pointer. */
#ifndef GMEM_H
#define GMEM_H

#include "physmem.h"

/*
 * The guest believes in memory of nframes frames of 4 KiB that begins at 0. Where each of them lies
 * in the machine, frame[] says: any order will do, and the guest cannot tell. (Under `ept` the
 * guest-physical space is the machine as KVM has it: then frame is NULL and nothing changes.)
 */
struct gmem {
	struct physmem pm; /* read and write by guest-physical address */
	struct mem *mem;   /* the machine */
	const u32 *frame;  /* machine frame number of each guest frame; or NULL: the same */
	u64 nframes;	   /* entries of frame[] */
};

/* Given: fill in, with pm calling the two functions below. */
void gmem_init(struct gmem *g, struct mem *mem, const u32 *frame, u64 nframes);

/* Given: n machine frames from first on in an order that looks drawn; the seed decides. */
void frames_permute(u32 *frame, u64 n, u32 first, u64 seed);

/*
 * [task 3.3] Where the guest-physical address gpa lies in the machine. In: *len bytes are wanted.
 * Out: how many of them lie together there, beginning at *machine; neighbours of the guest may be
 * neighbours in the machine, too, and then they count. 0, or -EFAULT (with *len 0) if the guest has
 * no such frame. With frame NULL, *machine is gpa and *len stays (but gpa + *len stays below 2^64).
 */
int gmem_machine(const struct gmem *g, u64 gpa, u64 *machine, u64 *len);

/*
 * [task 3.3] The same, and on to a host pointer: mem_span(). NULL with *len 0 where there is no
 * frame, or no RAM behind it.
 */
void *gmem_span(const struct gmem *g, u64 gpa, u64 *len);

/*
 * [task 3.3] Copy len bytes, piece by piece. 0, or -EFAULT; the bytes before the address that is
 * not there may have been copied by then.
 */
int gmem_read(const struct gmem *g, u64 gpa, void *buf, u64 len);
int gmem_write(const struct gmem *g, u64 gpa, const void *buf, u64 len);

#endif
