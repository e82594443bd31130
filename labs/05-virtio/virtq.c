// SPDX-License-Identifier: MIT
#include "virtq.h"

#include <errno.h>
#include <string.h>

#include "todo.h"

/* Where things lie in the areas (2.7.6, 2.7.8). */
#define RING_IDX	  2 /* after the flags, which are at 0 */
#define RING_ENTRIES	  4
#define AVAIL_ENTRY(q, n) ((q)->avail + RING_ENTRIES + 2 * (u64)((n) % (q)->size))
#define USED_ENTRY(q, n)  ((q)->used + RING_ENTRIES + 8 * (u64)((n) % (q)->size))
#define USED_EVENT_AT(q)  ((q)->avail + RING_ENTRIES + 2 * (u64)(q)->size)
#define AVAIL_EVENT_AT(q) ((q)->used + RING_ENTRIES + 8 * (u64)(q)->size)

/* TASK 5.1 */
#if SOL >= 501
static bool broken(struct virtq *q, const char *why)
{
	q->why = why;
	return false;
}
#endif

/* [book:virtq_check] */
int virtq_check(struct virtq *q, const struct mem *m)
{
	/* TASK 5.1 */
#if SOL >= 501
	if (q->size == 0 || q->size > VIRTQ_MAX || (q->size & (q->size - 1)))
		return (broken(q, "a queue size that is no power of two, or too large"), -EINVAL);
	if (q->desc % 16 || q->avail % 2 || q->used % 4)
		return (broken(q, "a queue whose areas are not aligned"), -EINVAL);
	/* With the event fields, whether they are negotiated or not. */
	if (!mem_is_ram(m, q->desc, 16 * q->size, false) ||
	    !mem_is_ram(m, q->avail, 6 + 2 * q->size, false) ||
	    !mem_is_ram(m, q->used, 6 + 8 * q->size, true))
		return (broken(q, "a queue that does not lie in memory"), -EINVAL);
	return 0;
#else
	return TODO("5.1");
#endif
}
/* [book:end] */

/* [book:5.2] */
/* TASK 5.2 */
#if SOL >= 502
/* A field of a ring, which the driver may change at any time; it is aligned to 2. */
static u16 *field(const struct mem *m, u64 gpa)
{
	u64 len = 2;
	u16 *at = mem_span(m, gpa, &len);

	return len == 2 ? at : NULL;
}

static bool load(const struct mem *m, u64 gpa, u16 *value)
{
	const u16 *at = field(m, gpa);

	if (at)
		*value = __atomic_load_n(at, __ATOMIC_ACQUIRE);
	return at;
}

/* 2.7.5: as it lies in guest memory. */
struct vq_desc {
	u64 addr;
	u32 len;
	u16 flags, next;
};

/* The descriptors that a chain goes through: the queue's own, or those of an indirect table. */
struct table {
	u64 gpa;
	u32 count;
	bool indirect;
};

static bool add_piece(struct virtq *q, struct chain *c, bool write, void *hva, u64 len)
{
	if (c->nread + c->nwrite == VQ_IOV_MAX)
		return broken(q, "a chain in too many pieces");
	c->iov[c->nread + c->nwrite] = (struct iovec){ .iov_base = hva, .iov_len = len };
	if (write)
		c->nwrite++;
	else
		c->nread++;
	return true;
}

static bool add_buffer(struct virtq *q, const struct mem *m, const struct vq_desc *d,
		       struct chain *c)
{
	bool write = d->flags & VQ_DESC_WRITE;
	u64 gpa = d->addr, left = d->len;

	if (d->len == 0)
		return broken(q, "a buffer of length zero");
	if (!write && c->nwrite)
		return broken(q, "a readable buffer behind a writable one");
	if (c->read_len + c->write_len + d->len > 1ULL << 32)
		return broken(q, "a chain of more than 4 GiB");
	while (left) {
		u64 n = left;
		void *hva = write ? mem_span_write(m, gpa, &n) : mem_span(m, gpa, &n);

		if (!hva)
			return broken(q, "a buffer that does not lie in memory");
		if (!add_piece(q, c, write, hva, n))
			return false;
		gpa += n;
		left -= n;
	}
	if (write)
		c->write_len += d->len;
	else
		c->read_len += d->len;
	return true;
}

/* The descriptor leads to a table, in which the chain goes on. */
static bool enter_table(struct virtq *q, const struct mem *m, const struct vq_desc *d,
			struct table *t)
{
	if (!q->indirect)
		return broken(q, "an indirect descriptor, which was not negotiated");
		/* TASK 5.7 */
#if SOL >= 507
	if (t->indirect)
		return broken(q, "an indirect descriptor in an indirect table");
	if (d->flags & VQ_DESC_NEXT)
		return broken(q, "an indirect descriptor with a next one");
	if (d->len % sizeof(*d))
		return broken(q, "an indirect table that is no whole number of descriptors");
	if (!mem_is_ram(m, d->addr, d->len, false))
		return broken(q, "an indirect table that does not lie in memory");
	*t = (struct table){ .gpa = d->addr, .count = d->len / sizeof(*d), .indirect = true };
	return true;
#else
	TODO("5.7");
	return broken(q, "an indirect descriptor");
#endif
}

static bool follow(struct virtq *q, const struct mem *m, struct chain *c)
{
	struct table t = { .gpa = q->desc, .count = q->size };
	unsigned buffers = 0;
	u32 i = c->head;

	for (;;) {
		struct vq_desc d;

		if (i >= t.count)
			return broken(q, "the number of a descriptor that is not there");
		/* The only look at it: the driver may change it meanwhile. */
		if (mem_read(m, t.gpa + i * sizeof(d), &d, sizeof(d)))
			return broken(q, "a descriptor that does not lie in memory");
		i = d.next;
		if (d.flags & VQ_DESC_INDIRECT) {
			if (!enter_table(q, m, &d, &t))
				return false;
			i = 0;
			continue;
		}
		if (buffers++ == q->size)
			return broken(q, "a chain that is longer than the queue");
		if (!add_buffer(q, m, &d, c))
			return false;
		if (!(d.flags & VQ_DESC_NEXT))
			return true;
	}
}
#endif

enum vq_result virtq_pop(struct virtq *q, const struct mem *m, struct chain *c)
{
	c->head = 0;
	c->nread = c->nwrite = 0;
	c->read_len = c->write_len = 0;
	/* TASK 5.2 */
#if SOL >= 502
	u16 idx, ahead;

	if (!load(m, q->avail + RING_IDX, &idx))
		return (broken(q, "an available ring that does not lie in memory"), VQ_BROKEN);
	ahead = idx - q->next_avail; /* of 16 bits: they run free, and wrap */
	if (ahead == 0)
		return VQ_EMPTY;
	if (ahead > q->size)
		return (broken(q, "an available index that has jumped"), VQ_BROKEN);
	if (!load(m, AVAIL_ENTRY(q, q->next_avail), &c->head))
		return (broken(q, "an available ring that does not lie in memory"), VQ_BROKEN);
	q->next_avail++;
	return follow(q, m, c) ? VQ_OK : VQ_BROKEN;
#else
	return (TODO("5.2"), VQ_EMPTY);
#endif
}
/* [book:end] */

/* [book:5.3] */
/* TASK 5.3 */
#if SOL >= 503
static bool store(const struct mem *m, u64 gpa, u16 value)
{
	u16 *at = field(m, gpa);

	if (at)
		__atomic_store_n(at, value, __ATOMIC_RELEASE);
	return at;
}
#endif

int virtq_push(struct virtq *q, struct mem *m, u16 head, u32 written)
{
	/* TASK 5.3 */
#if SOL >= 503
	const u32 element[2] = { head, written };

	if (mem_write(m, USED_ENTRY(q, q->next_used), element, sizeof(element)))
		return -EFAULT;
	q->next_used++;
	/* Whoever sees this index sees the element, too. */
	return store(m, q->used + RING_IDX, q->next_used) ? 0 : -EFAULT;
#else
	return TODO("5.3");
#endif
}

/* TASK 5.7 */
#if SOL >= 507
/* 2.7.7.2: has the index used_event been passed since the driver was told? All modulo 2^16. */
static bool passed(u16 event, u16 now, u16 before)
{
	return (u16)(now - event - 1) < (u16)(now - before);
}
#endif

bool virtq_should_interrupt(struct virtq *q, const struct mem *m)
{
	/* TASK 5.3 */
#if SOL >= 503
	u16 before = q->told_used, flags;

	if (before == q->next_used)
		return false;
	q->told_used = q->next_used;
	/*
	 * The index must be out before we look what the driver wants: it writes what it wants and
	 * then looks at the index. Release and acquire do not order a store before a load.
	 */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	/* TASK 5.7 */
#if SOL >= 507
	if (q->event_idx) {
		u16 event;

		return load(m, USED_EVENT_AT(q), &event) && passed(event, q->next_used, before);
	}
#else
	if (q->event_idx)
		return (TODO("5.7"), true);
#endif
	return load(m, q->avail, &flags) && !(flags & VQ_AVAIL_NO_INTERRUPT);
#else
	return (TODO("5.3"), false);
#endif
}
/* [book:end] */

/* [book:5.7] */
void virtq_want_notify(struct virtq *q, struct mem *m, bool want)
{
	/* TASK 5.7 */
#if SOL >= 507
	if (!q->event_idx)
		store(m, q->used, want ? 0 : VQ_USED_NO_NOTIFY);
	else if (want)
		store(m, AVAIL_EVENT_AT(q), q->next_avail);
	/* As in virtq_should_interrupt(), the other way round. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
#else
	TODO("5.7");
#endif
}
/* [book:end] */

static u64 copy(const struct iovec *iov, unsigned n, u64 off, u8 *buf, u64 len, bool in)
{
	u64 done = 0;

	for (unsigned i = 0; i < n && done < len; i++) {
		u8 *at = iov[i].iov_base;
		u64 part;

		if (off >= iov[i].iov_len) {
			off -= iov[i].iov_len;
			continue;
		}
		part = min_u64(len - done, iov[i].iov_len - off);
		if (in)
			memcpy(at + off, buf + done, part);
		else
			memcpy(buf + done, at + off, part);
		done += part;
		off = 0;
	}
	return done;
}

u64 chain_read(const struct chain *c, u64 off, void *buf, u64 len)
{
	return copy(c->iov, c->nread, off, buf, len, false);
}

u64 chain_write(const struct chain *c, u64 off, const void *buf, u64 len)
{
	return copy(c->iov + c->nread, c->nwrite, off, (u8 *)buf, len, true);
}
