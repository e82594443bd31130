// SPDX-License-Identifier: MIT
/*
 * A fuzzer for the virtqueue. The input is a driver: first the descriptors (the queue's, and an
 * indirect table), then what the driver and the device do, in turns. What must hold:
 *
 *	- no access outside memory (the sanitizers see to that: each slot is one allocation);
 *	- a chain that is popped fits together, and each piece of it lies in RAM;
 *	- popping changes nothing in memory; pushing changes one used element, and the index;
 *	- filling a chain changes only its writable buffers;
 *	- more is never used than was available;
 *	- each call ends (libFuzzer's -timeout).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "input.h"
#include "virtq.h"

#define SLOTS	3
#define PENDING 8 /* chains that have been popped and not pushed yet */

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

/* Two slots that are neighbours, and one behind a hole. */
static const struct {
	u64 gpa, size;
} layout[SLOTS] = { { 0x10000, 0x2000 }, { 0x12000, 0x1000 }, { 0x20000, 0x1000 } };

struct machine {
	struct mem mem;
	struct virtq q;
	struct chain pending[PENDING];
	unsigned npending;
	u8 before[SLOTS][0x2000]; /* memory as it was: remember() */
};

/* --- the input, taken from its front; zeros when it is used up --- */

/* Near the edges of memory and in the queue's own areas: where it can go wrong. */
static u64 take_addr(struct input *in)
{
	static const u64 origin[] = { 0x10000, 0x10800, 0x11000,    0x11800,
				      0x12ff0, 0x13000, 0x20000,    0x20ff0,
				      0,       0xffff,	1ULL << 32, UINT64_MAX - 64 };
	u64 from = take(in, 1);

	return from == 0xff ? take(in, 8) : origin[from % ARRAY_SIZE(origin)] + take(in, 1);
}

static u32 take_len(struct input *in)
{
	u64 kind = take(in, 1);

	return kind < 0xc0 ? (u32)kind : kind < 0xf0 ? (u32)take(in, 2) : (u32)take(in, 4);
}

static void take_descriptor(struct machine *m, struct input *in, u64 at)
{
	struct {
		u64 addr;
		u32 len;
		u16 flags, next;
	} d = { .addr = take_addr(in), .len = take_len(in) };
	u64 link = take(in, 1);

	d.flags = link & 7;
	d.next = (u16)(link == 0xff ? take(in, 2) : link >> 3);
	(void)mem_write(&m->mem, at, &d, sizeof(d));
}

/* --- memory --- */

static void remember(struct machine *m)
{
	for (unsigned i = 0; i < SLOTS; i++)
		memcpy(m->before[i], m->mem.slot[i].hva, layout[i].size);
}

/* May this byte have changed? */
typedef bool allowed_fn(const struct machine *m, const struct chain *c, const u8 *at, u64 gpa);

static void must_be_unchanged(const struct machine *m, const struct chain *c, allowed_fn *but)
{
	for (unsigned i = 0; i < SLOTS; i++) {
		const u8 *hva = m->mem.slot[i].hva;

		if (!memcmp(hva, m->before[i], layout[i].size))
			continue;
		for (u64 at = 0; at < layout[i].size; at++)
			must(hva[at] == m->before[i][at] ||
			     (but && but(m, c, hva + at, layout[i].gpa + at)));
	}
}

static bool in_used_ring(const struct machine *m, const struct chain *c, const u8 *at, u64 gpa)
{
	u64 element = m->q.used + 4 + 8 * (u64)((u16)(m->q.next_used - 1) % m->q.size);

	return gpa - (m->q.used + 2) < 2 || gpa - element < 8;
}

static bool in_notification(const struct machine *m, const struct chain *c, const u8 *at, u64 gpa)
{
	return gpa - (m->q.event_idx ? m->q.used + 4 + 8 * (u64)m->q.size : m->q.used) < 2;
}

static bool in_writable(const struct machine *m, const struct chain *c, const u8 *at, u64 gpa)
{
	for (unsigned i = c->nread; i < c->nread + c->nwrite; i++) {
		const u8 *base = c->iov[i].iov_base;

		if (at >= base && at < base + c->iov[i].iov_len)
			return true;
	}
	return false;
}

static bool in_ram(const struct machine *m, const struct iovec *iov)
{
	const u8 *base = iov->iov_base;

	for (unsigned i = 0; i < SLOTS; i++) {
		const struct memslot *slot = &m->mem.slot[i];

		if (base >= slot->hva && base < slot->hva + slot->size)
			return iov->iov_len <= (u64)(slot->hva + slot->size - base);
	}
	return false;
}

/* --- what driver and device do --- */

static void chain_must_fit(const struct machine *m, const struct chain *c)
{
	u64 sum[2] = { 0, 0 };

	must(c->head < m->q.size);
	must(c->nread + c->nwrite > 0 && c->nread + c->nwrite <= VQ_IOV_MAX);
	for (unsigned i = 0; i < c->nread + c->nwrite; i++) {
		must(c->iov[i].iov_len > 0 && in_ram(m, &c->iov[i]));
		sum[i >= c->nread] += c->iov[i].iov_len;
	}
	must(sum[0] == c->read_len && sum[1] == c->write_len);
	must(sum[0] + sum[1] <= 1ULL << 32);
}

/* What the index alone says: nothing is there, something is, or it has jumped. */
static enum vq_result expected(const struct machine *m)
{
	u16 idx = 0, ahead;

	must(!mem_read(&m->mem, m->q.avail + 2, &idx, 2));
	ahead = (u16)(idx - m->q.next_avail);
	return ahead == 0 ? VQ_EMPTY : ahead <= m->q.size ? VQ_OK : VQ_BROKEN;
}

/* Returns false once the driver has broken a rule: the device stops then. */
static bool pop(struct machine *m)
{
	struct chain *c = &m->pending[m->npending];
	u16 before = m->q.next_avail;
	enum vq_result result, at_best = expected(m);

	if (m->npending == PENDING)
		return true;
	m->q.why = NULL;
	remember(m);
	result = virtq_pop(&m->q, &m->mem, c);
	must_be_unchanged(m, NULL, NULL);
	must(result == at_best || (result == VQ_BROKEN && at_best == VQ_OK));
	if (result == VQ_BROKEN) {
		must(m->q.why);
		return false;
	}
	must(m->q.next_avail == (u16)(before + (result == VQ_OK)));
	if (result == VQ_OK) {
		chain_must_fit(m, c);
		m->npending++;
	}
	return true;
}

static void push(struct machine *m, struct input *in)
{
	u8 fill[64], out[64];
	u64 off = take(in, 1), len = take(in, 1) % sizeof(fill), done;
	struct chain *c;

	if (!m->npending)
		return;
	c = &m->pending[take(in, 1) % m->npending];
	memset(fill, 0x5a, sizeof(fill));
	must(chain_read(c, off, out, len) <= len);
	remember(m);
	done = chain_write(c, off, fill, len);
	must(done == (off >= c->write_len ? 0 : min_u64(len, c->write_len - off)));
	must_be_unchanged(m, c, in_writable);
	remember(m);
	must(!virtq_push(&m->q, &m->mem, c->head, (u32)done));
	must_be_unchanged(m, NULL, in_used_ring);
	*c = m->pending[--m->npending];
	/* Never more used than available. */
	must((u16)(m->q.next_avail - m->q.next_used) == m->npending);
}

static void offer(struct machine *m, struct input *in)
{
	u16 idx, head = (u16)take(in, 1);

	(void)mem_read(&m->mem, m->q.avail + 2, &idx, 2);
	(void)mem_write(&m->mem, m->q.avail + 4 + 2 * (u64)(idx % m->q.size), &head, 2);
	idx++;
	(void)mem_write(&m->mem, m->q.avail + 2, &idx, 2);
}

static void notify(struct machine *m, struct input *in)
{
	u64 what = take(in, 1);

	remember(m);
	if (what & 1)
		virtq_want_notify(&m->q, &m->mem, what & 2);
	else
		(void)virtq_should_interrupt(&m->q, &m->mem);
	must_be_unchanged(m, NULL, in_notification);
}

static bool step(struct machine *m, struct input *in)
{
	u64 value;

	switch (take(in, 1) % 8) {
	case 0:
	case 1:
		offer(m, in);
		return true;
	case 2:
	case 3:
		return pop(m);
	case 4:
		push(m, in);
		return true;
	case 5:
		notify(m, in);
		return true;
	case 6: /* one of the queue's own descriptors, while the device may hold the chain */
		take_descriptor(m, in, m->q.desc + 16 * (take(in, 1) % m->q.size));
		return true;
	default: /* anything anywhere */
		value = take(in, 2);
		(void)mem_write(&m->mem, take_addr(in), &value, 2);
		return true;
	}
}

/* A queue somewhere; if it may be used, then in the places that it has by then. */
static bool set_up(struct machine *m, struct input *in)
{
	u8 any[16 * VIRTQ_MAX];
	u64 how = take(in, 1);

	m->q = (struct virtq){ .size = (u16)(1u << how % 9),
			       .desc = 0x10000,
			       .avail = 0x11000,
			       .used = 0x11400,
			       .indirect = how & 0x10,
			       .event_idx = how & 0x20 };
	m->q.next_avail = m->q.next_used = m->q.told_used = how & 0x40 ? 0xfffe : 0;
	if (how & 0x80) {
		m->q.desc = take_addr(in);
		m->q.avail = take_addr(in);
		m->q.used = take_addr(in);
		m->q.size = (u16)take(in, 2);
	}
	if (virtq_check(&m->q, &m->mem))
		return false;
	must(m->q.size && m->q.size <= VIRTQ_MAX);
	must(!mem_read(&m->mem, m->q.desc, any, 16 * m->q.size));
	must(!mem_read(&m->mem, m->q.avail, any, 6 + 2 * m->q.size));
	must(!mem_read(&m->mem, m->q.used, any, 6 + 8 * m->q.size));
	return true;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct input in = { data, size };
	struct machine *m = calloc(1, sizeof(*m));
	u64 count;
	bool going;

	must(m);
	for (unsigned i = 0; i < SLOTS; i++)
		m->mem.slot[i] = (struct memslot){ .gpa = layout[i].gpa,
						   .size = layout[i].size,
						   .hva = calloc(1, layout[i].size) };
	m->mem.nslots = SLOTS;
	going = set_up(m, &in);
	if (going) {
		count = take(&in, 1);
		for (u64 i = 0; i < count % 16; i++)
			take_descriptor(m, &in, m->q.desc + 16 * i);
		for (u64 i = 0; i < count / 16; i++)
			take_descriptor(m, &in, 0x12000 + 16 * i);
		(void)mem_write(&m->mem, m->q.avail + 2, &m->q.next_avail, 2);
	}
	while (going && in.left)
		going = step(m, &in);
	for (unsigned i = 0; i < SLOTS; i++)
		free(m->mem.slot[i].hva);
	free(m);
	return 0;
}
