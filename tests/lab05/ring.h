/* SPDX-License-Identifier: MIT */
/* The driver's side of a queue, in memory without KVM: 64 KiB of RAM at 1 MiB, and nothing else. */
#ifndef LAB05_RING_H
#define LAB05_RING_H

#include <stdlib.h>
#include <string.h>

#include "test.h"
#include "virtq.h"

#define RAM	  0x100000ULL
#define RAM_SIZE  0x10000ULL
#define RAM_END	  (RAM + RAM_SIZE)
#define AT_DESC	  RAM
#define AT_AVAIL  (RAM + 0x1000)
#define AT_USED	  (RAM + 0x2000)
#define AT_TABLE  (RAM + 0x3000) /* for indirect descriptors */
#define AT_BUFFER (RAM + 0x4000) /* from here on: the buffers */

enum { NEXT = VQ_DESC_NEXT, WRITE = VQ_DESC_WRITE, INDIRECT = VQ_DESC_INDIRECT };

struct ring {
	struct mem mem;
	u8 *bytes; /* of the RAM */
	struct virtq q;
	u16 idx; /* of the avail ring */
};

static inline void *ring_at(const struct ring *r, u64 gpa)
{
	return r->bytes + (gpa - RAM);
}

static inline u16 *ring_u16(const struct ring *r, u64 gpa)
{
	return ring_at(r, gpa);
}

/* An empty queue of that size. */
static inline void ring_init(struct ring *r, u16 size)
{
	*r = (struct ring){ .bytes = calloc(1, RAM_SIZE) };
	if (!r->bytes)
		test_error("no memory");
	r->mem = (struct mem){ .slot = { { .gpa = RAM, .size = RAM_SIZE, .hva = r->bytes } },
			       .nslots = 1 };
	r->q = (struct virtq){
		.size = size, .ready = true, .desc = AT_DESC, .avail = AT_AVAIL, .used = AT_USED
	};
}

/* Write descriptor i of the table at gpa. */
static inline void ring_entry(struct ring *r, u64 gpa, unsigned i, u64 addr, u32 len, u16 flags,
			      u16 next)
{
	u8 *at = (u8 *)ring_at(r, gpa) + 16 * i;

	memcpy(at, &addr, 8);
	memcpy(at + 8, &len, 4);
	memcpy(at + 12, &flags, 2);
	memcpy(at + 14, &next, 2);
}

static inline void ring_desc(struct ring *r, unsigned i, u64 addr, u32 len, u16 flags, u16 next)
{
	ring_entry(r, AT_DESC, i, addr, len, flags, next);
}

/* Put a head into the avail ring. */
static inline void ring_offer(struct ring *r, u16 head)
{
	*ring_u16(r, AT_AVAIL + 4 + 2 * (r->idx % r->q.size)) = head;
	__atomic_store_n(ring_u16(r, AT_AVAIL + 2), ++r->idx, __ATOMIC_RELEASE);
}

/* Nothing has been done yet, and idx chains have been offered and used before. */
static inline void ring_begin_at(struct ring *r, u16 idx)
{
	r->idx = r->q.next_avail = r->q.next_used = r->q.told_used = idx;
	*ring_u16(r, AT_AVAIL + 2) = *ring_u16(r, AT_USED + 2) = idx;
}

static inline u16 ring_used_idx(const struct ring *r)
{
	return __atomic_load_n(ring_u16(r, AT_USED + 2), __ATOMIC_ACQUIRE);
}

/* Of the used element that was written as number n. */
static inline u32 ring_used_id(const struct ring *r, u16 n)
{
	u32 id;

	memcpy(&id, ring_at(r, AT_USED + 4 + 8 * (n % r->q.size)), 4);
	return id;
}

static inline u32 ring_used_len(const struct ring *r, u16 n)
{
	u32 len;

	memcpy(&len, ring_at(r, AT_USED + 8 + 8 * (n % r->q.size)), 4);
	return len;
}

static inline const char *vq_name(enum vq_result result)
{
	static const char *const name[] = { "VQ_EMPTY", "VQ_OK", "VQ_BROKEN" };

	return name[result];
}

#define EXPECT_POP(ring, chain, result)                                                      \
	expect_str(HERE("virtq_pop()"), vq_name(virtq_pop(&(ring)->q, &(ring)->mem, chain)), \
		   #result)

/* Offer the chain that begins at descriptor 0 of a new queue: is it refused, with a reason? */
static inline void expect_broken(struct ring *r)
{
	struct chain c;

	r->q.why = NULL;
	ring_offer(r, 0);
	EXPECT_POP(r, &c, VQ_BROKEN);
	EXPECT_TRUE(r->q.why, "no reason in q->why");
	EXPECT_TRUE(r->q.next_avail == r->idx, "the chain does not count as taken");
	ring_begin_at(r, r->idx);
}

#endif
